"""What runs in the row loop of another op: excitations before it reads a row, squeezes when it wrote one."""

from __future__ import annotations

from firmware_export.ir import Conv2D, DepthwiseConv2D, Excite, MaxPool2D, Op, ReduceMax, SqueezeMax
from firmware_export.lower.broadcast import padded
from firmware_export.lower.context import Context, kernel_of
from firmware_export.memory import row_bytes
from firmware_export.program import Fill, RowFunction
from firmware_export.targets import Isa

SUM_ROW, MAX_ROW = "ea_squeeze_sum_row", "ea_squeeze_max_row"
SUFFIXES = {Isa.C: "", Isa.MVE: "_mve"}  # of the functions that are given rows, by the kernel that makes the output
MAXIMA = (SqueezeMax, MaxPool2D, ReduceMax)


def row_function(guest: Op, context: Context) -> RowFunction:
    """What the guest does with one row."""
    if isinstance(guest.attrs, Excite):
        return excited_row(guest, context)
    scratch = context.scratch(guest)
    assert scratch is not None
    return RowFunction(guest.name, guest.host, joining(guest), context.symbol(guest, "squeeze"), (), scratch)


def joining(squeeze: Op) -> str:
    """The function by which a row joins the sums or maxima."""
    function = MAX_ROW if isinstance(squeeze.attrs, MAXIMA) else SUM_ROW
    return function + SUFFIXES[kernel_of(squeeze).isa]


def excited_row(guest: Op, context: Context) -> RowFunction:
    """The gates of the row, and where the row goes: beside all of x, or back where it lies."""
    _, gate, output = context.tensors(guest)
    _, height, columns, channels = padded(gate.shape, 4)
    host = context.graph.host_of(guest)
    assert isinstance(host.attrs, Conv2D)
    stride = host.attrs.window.stride[0]
    in_place = context.plan.storage.get(output.name, output.name) not in context.graph.excited  # buffers of one row
    return RowFunction(
        guest.name,
        guest.host,
        guest.kernel,
        context.symbol(guest),
        inputs=(context.place(gate.name),),
        output=context.place(output.name),
        input_step=stride * columns * channels if height > 1 else 0,
        output_step=stride * row_bytes(guest, context.graph) if in_place else 0,
    )


def excitations(host: Op, context: Context) -> tuple[Op, ...]:
    """The guests that make the rows which the host reads, one behind the other."""
    return tuple(guest for guest in context.graph.guests(host) if isinstance(guest.attrs, Excite))


def squeezes(host: Op, context: Context) -> tuple[Op, ...]:
    """The guests that are given every row which the host writes."""
    return tuple(guest for guest in context.graph.guests(host) if not isinstance(guest.attrs, Excite))


def rows_given(host: Op, context: Context) -> int:
    """How many rows the squeezes of a host are given at a time: all of a call, where each call makes as many."""
    is_told = isinstance(host.attrs, DepthwiseConv2D)  # how many rows are left: other kernels compute one for guests
    together = context.turn_rows(host) or (host.together if is_told else 1)
    return together if context.graph.tensors[host.outputs[0]].shape[1] % together == 0 else 1


def cleared(guest: Op, context: Context) -> Fill:
    """The sums or maxima before the first row."""
    scratch = context.scratch(guest)
    assert scratch is not None
    return Fill(scratch, -128 if isinstance(guest.attrs, MAXIMA) else 0, guest.scratch)
