"""MEAN, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN as integers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby

from firmware_export import op_parameters
from firmware_export.errors import UnsupportedOp
from firmware_export.ir import ANY_INT8, ArgMax, ArgMin, DType, Mean, Op, ReduceMax, ReduceMin
from firmware_export.lower import squeeze_excite
from firmware_export.lower.context import Context, Lowered, fields_of, kernel_of, lower_op, struct_of, whole_call
from firmware_export.program import Fields
from firmware_export.quantised_math import wrap_int32

MOST_SUMMED = 1 << 24  # int8 values, so that their sum is an int32
MOST_SUMMED_INT16 = (1 << 16) - 1
WALKED = 2  # axes of each kind that the kernels walk


@dataclass(frozen=True)
class Axis:
    """Elements `step` apart, `size` of them."""

    size: int
    step: int


Axes = tuple[Axis, ...]


def merged(shape: tuple[int, ...], reduced: tuple[int, ...]) -> tuple[Axes, Axes]:
    """The kept and the reduced axes, neighbours of one kind joined, those of size 1 left out."""
    kept: list[Axis] = []
    gone: list[Axis] = []
    long_axes = [axis for axis, size in enumerate(shape) if size > 1]
    for is_reduced, run in groupby(long_axes, key=lambda axis: axis in reduced):
        neighbours = list(run)
        size = math.prod(shape[axis] for axis in neighbours)
        (gone if is_reduced else kept).append(Axis(size, math.prod(shape[neighbours[-1] + 1 :])))
    return tuple(kept), tuple(gone)


def walk_fields(op: Op, context: Context, reduced: tuple[int, ...]) -> Fields:
    """The struct's ends and steps."""
    kept, gone = merged(context.tensors(op)[0].shape, reduced)
    if max(len(kept), len(gone)) > WALKED:
        raise UnsupportedOp(
            f"layer {op.name!r}: {op.kind} over axes {list(reduced)} of a tensor of rank "
            f"{len(context.tensors(op)[0].shape)} has no kernel; reduce neighbouring axes, or in two steps"
        )
    return (*axis_fields("kept", kept), *axis_fields("reduced", gone))


def axis_fields(kind: str, axes: Axes) -> Fields:
    """Where two axes end, and their steps; those too many come first."""
    walked = (Axis(1, 1),) * (WALKED - len(axes)) + axes
    ends = tuple(axis.size * axis.step for axis in walked)
    return ((f"{kind}_end", ends), (f"{kind}_step", tuple(axis.step for axis in walked)))


@lower_op.register
def _(attrs: Mean, op: Op, context: Context) -> Lowered:
    if kernel_of(op).folder == squeeze_excite.FOLDER:
        return squeeze_excite.mean(op, context)
    x, output = context.tensors(op)
    most = MOST_SUMMED_INT16 if x.dtype is DType.INT16 else MOST_SUMMED
    if x.elements // output.elements > most:
        raise UnsupportedOp(
            f"layer {op.name!r}: MEAN over more than {most} values has no kernel; pool in steps before it"
        )
    parameters = op_parameters.mean((x, output), attrs.axes)
    fields: Fields = (
        *walk_fields(op, context, attrs.axes),
        ("input_offset", int(wrap_int32(-parameters.input_zero_sum))),
        ("multiplier", parameters.multiplier),
        ("shift", parameters.shift),
        ("output_offset", parameters.output_zero_point),
    )
    return whole_call(op, context, struct_of(op), fields_of(op, fields))


@lower_op.register
def _(attrs: ReduceMax | ReduceMin, op: Op, context: Context) -> Lowered:
    if kernel_of(op).folder == squeeze_excite.FOLDER:
        return squeeze_excite.maximum(ANY_INT8, op, context)
    return whole_call(op, context, struct_of(op), walk_fields(op, context, attrs.axes))


@lower_op.register
def _(attrs: ArgMax | ArgMin, op: Op, context: Context) -> Lowered:
    x, output = context.tensors(op)
    fields: Fields = (
        ("outer", math.prod(x.shape[: attrs.axis])),
        ("length", x.shape[attrs.axis]),
        ("inner", math.prod(x.shape[attrs.axis + 1 :])),
        ("sign", 1 if isinstance(attrs, ArgMax) else -1),
        ("index_bytes", output.dtype.numpy.itemsize),
    )
    return whole_call(op, context, "ea_arg_max_s8", fields)
