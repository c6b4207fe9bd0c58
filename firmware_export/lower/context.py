"""What every op is lowered with: where its tensors lie, and what its constants are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, singledispatch

import numpy as np
from numpy.typing import ArrayLike

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Attrs, DType, Graph, Op, Tensor
from firmware_export.kernels import KERNELS, Kernel, of_any
from firmware_export.lower.remembering import state_places
from firmware_export.memory import Plan, height_of, scratch_name
from firmware_export.program import Arena, Call, Const, Fields, Params, Place, RowFunction, Section, Step


@dataclass(frozen=True, eq=False)
class Lowered:
    """One op as integers: its constants, parameter structs, steps, and the kernel files they need."""

    steps: tuple[Step, ...]
    params: tuple[Params, ...] = ()
    consts: tuple[Const, ...] = ()
    sources: tuple[str, ...] = ()
    row: RowFunction | None = None


@dataclass(frozen=True, eq=False)
class Context:
    """The graph and its plan, asked for places and symbols."""

    graph: Graph
    plan: Plan
    turn: str = ""  # what the structs of a turn are called that is for fewer rows than others
    rows: int = 0  # of a turn, where it is for other than the schedule's
    sliced: frozenset[str] = frozenset()  # the tensors of which a turn takes rows
    ports: dict[str, str] = field(init=False)
    remembered: Mapping[str, Place] = field(init=False)

    def __post_init__(self) -> None:
        given = (*self.graph.inputs, *self.graph.fed)
        inputs = {tensor: numbered("input", i) for i, tensor in enumerate(given)}
        outputs = {tensor: numbered("output", i) for i, tensor in enumerate(self.graph.outputs)}
        object.__setattr__(self, "ports", inputs | outputs)
        object.__setattr__(self, "remembered", state_places(self.graph))

    def tensors(self, op: Op) -> tuple[Tensor, ...]:
        """The op's inputs, then its output."""
        return self.graph.of((*op.inputs, *op.outputs))

    def place(self, tensor: str) -> Place:
        """Where a tensor lies, or row y of one of which rows are taken. Kernels take uint8 as bytes, like int8."""
        return self.row_place(tensor) if tensor in self.sliced else self.whole_place(tensor)

    def whole_place(self, tensor: str) -> Place:
        """Where a tensor lies."""
        place = self._stored(tensor)
        return replace(place, offset=place.offset + self.plan.inside.get(tensor, 0))

    def _stored(self, tensor: str) -> Place:
        dtype = self.graph.tensors[tensor].dtype
        ctype = "int8_t" if dtype is DType.UINT8 else f"{dtype.value}_t"
        if self.graph.tensors[tensor].data is not None:
            return Place(self.constant_symbol(tensor), 0, ctype)
        storage = self.plan.storage.get(tensor, tensor)
        if storage in self.plan.offsets:
            return self.in_arena(storage, ctype)
        if storage in self.ports:
            return Place(self.ports[storage], 0, ctype)
        if storage in self.remembered:
            return replace(self.remembered[storage], ctype=ctype)
        raise KeyError(f"{tensor} has no storage")

    def row_place(self, tensor: str) -> Place:
        """Where row y of an image lies."""
        value, place = self.graph.tensors[tensor], self.whole_place(tensor)
        height = height_of(value)
        kept = self.plan.rings.get(self.plan.storage.get(tensor, tensor), 0)
        return replace(place, row_bytes=value.nbytes // height, kept=kept)

    def kept_rows(self, tensor: str) -> int:
        """Rows of an image that lie in memory at a time."""
        height = height_of(self.graph.tensors[tensor])
        if tensor in self.graph.excited:
            return height
        return self.plan.rings.get(self.plan.storage.get(tensor, tensor), height)

    @cached_property
    def rows_a_turn(self) -> dict[str, int]:
        """Of each op in the plan's schedule; 0 for all rows at once."""
        return {name: rows for one in self.plan.schedule for name, rows in zip(one.ops, one.rows, strict=True)}

    @cached_property
    def streamed(self) -> frozenset[str]:
        """The ops that take turns with others."""
        driven = len(self.graph.fed)  # segments, by who feeds rows
        streams = (one for index, one in enumerate(self.plan.schedule) if one.is_stream or index < driven)
        return frozenset(name for one in streams for name in one.ops)

    def turn_rows(self, op: Op) -> int:
        """The rows that an op computes a turn, where it takes turns with others; 0 where it does not."""
        return self.rows or self.rows_a_turn.get(op.name, 0) if op.name in self.streamed else 0

    def bytes_of(self, tensor: str) -> Place:
        """Where a tensor lies, for what takes it as bytes."""
        return replace(self.place(tensor), ctype="int8_t")

    def scratch(self, op: Op) -> Place | None:
        """The op's scratch memory, where it asked for some."""
        return self.in_arena(scratch_name(op)) if op.scratch else None

    def in_arena(self, buffer: str, ctype: str = "int8_t") -> Place:
        """Where a buffer lies."""
        return Place(self.arenas[self.plan.home(buffer)].base, self.plan.offsets[buffer], ctype)

    @cached_property
    def arenas(self) -> dict[str, Arena]:
        """The arenas by the names of their banks."""
        if not self.plan.banks:
            return {"": Arena("activations", self.plan.total)}
        return {bank.name: Arena(bank.name, bank.used, bank.room) for bank in self.plan.banks}

    def symbol(self, op: Op, kind: str = "layer") -> str:
        """The C name of one of the op's structs; what it is stands first, so that no layer's name can clash."""
        return f"{self.graph.name}_{self.turn}{kind}_{op.name}"

    def constant_symbol(self, tensor: str) -> str:
        """The C name of a constant tensor that a step reads as activations."""
        return f"{self.graph.name}_weights_tensor_{list(self.graph.tensors).index(tensor)}"

    def weights(self, op: Op, kind: str, values: ArrayLike, ctype: str) -> Const:
        """A constant that belongs to the op's weights: its `filter`, `bias`, `multiplier`, ..."""
        array = np.ravel(np.asarray(values, dtype=ctype.removesuffix("_t")))
        return Const(f"{self.graph.name}_weights_{kind}_{op.name}", ctype, array, Section.WEIGHTS)

    def table(self, name: str, values: ArrayLike, ctype: str = "int8_t") -> Const:
        """A table; tables of the same name are one."""
        array = np.asarray(values, dtype=ctype.removesuffix("_t"))
        return Const(f"{self.graph.name}_{name}", ctype, array, Section.TABLE)


def numbered(name: str, index: int) -> str:
    """input, input_2, input_3."""
    return name if index == 0 else f"{name}_{index + 1}"


def kernel_of(op: Op) -> Kernel:
    """The row of the table that select_kernels chose."""
    return next(kernel for kernel in KERNELS if kernel.function == op.kernel)


def struct_of(op: Op) -> str:
    """The struct that the op's kernel takes: its folder is named after it."""
    return f"ea_{kernel_of(op).folder}"


def fields_of(op: Op, fields: Fields) -> Fields:
    """What is left of a struct's fields for the op's kernel: those of int16 have no zero points."""
    if not kernel_of(op).folder.endswith("_s16"):
        return fields
    return tuple((name, value) for name, value in fields if not name.endswith("offset"))


def whole_call(op: Op, context: Context, struct: str, fields: Fields, *consts: Const) -> Lowered:
    """One call of the op's kernel on whole tensors."""
    symbol = context.symbol(op)
    place = context.bytes_of if kernel_of(op).suits is of_any else context.place
    inputs = tuple(place(name) for name in op.inputs)
    call = Call(op.kernel, symbol, inputs, place(op.outputs[0]), context.scratch(op))
    return Lowered((call,), (Params(struct, symbol, fields),), consts, (kernel_of(op).source,))


def whole_input_call(op: Op, context: Context, fields: Fields, *consts: Const) -> Lowered:
    """One call of the op's kernel on its first input alone: weights and bias are among the constants."""
    call = Call(op.kernel, context.symbol(op), (context.place(op.inputs[0]),), context.place(op.outputs[0]))
    return Lowered((call,), (Params(struct_of(op), context.symbol(op), fields),), consts, (kernel_of(op).source,))


@singledispatch
def lower_op(attrs: Attrs, op: Op, context: Context) -> Lowered:
    """The op as integers; registered for each kind in the modules beside this one."""
    raise UnsupportedOp(f"layer {op.name!r}: no kernel for {op.kind}; `edgeattn supported-ops` lists what there is")
