"""A plan as people look at it: which layer's rows lie where from which turn to which, and when most is in use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from firmware_export.ir import Excite, Graph, Op, Reshape
from firmware_export.memory.bounds import in_use
from firmware_export.memory.buffers import (
    BEFORE,
    Blocks,
    Buffer,
    Lifetimes,
    Plan,
    decoded_name,
    lifetimes,
    scratch_name,
)
from firmware_export.memory.schedule import Schedule, one_by_one
from firmware_export.memory.turns import height_of


class Role(Enum):
    """What a buffer holds."""

    INPUT = "input"
    OUTPUT = "output"
    LAYER = "layer"  # what a layer computes for others
    SCRATCH = "scratch"


@dataclass(frozen=True, eq=False)
class PlacedBuffer:
    """A buffer in the arena under the name of the layer that writes it, from moment `first` to moment `last`.

    It keeps `rows_kept` of `rows` rows. blocks: offset in the arena, size, first and last moment of each row.
    """

    name: str
    layer: str  # the one that writes it; "" where the caller does
    role: Role
    offset: int
    size: int
    rows_kept: int
    rows: int
    first: int
    last: int
    blocks: Blocks

    @property
    def is_ring(self) -> bool:
        """Whether it holds only some of its rows at once."""
        return self.rows_kept < self.rows

    def blocks_at(self, moment: int) -> Blocks:
        """The rows of it in use at a moment."""
        return self.blocks[(self.blocks[:, 2] <= moment) & (moment <= self.blocks[:, 3])]

    def bytes_at(self, moment: int) -> int:
        """Bytes of it in use at a moment."""
        return int(self.blocks_at(moment)[:, 1].sum())


@dataclass(frozen=True)
class Stretch:
    """The moments from `first` to `last` in which some layers take turns, so many rows a turn each (0: all)."""

    first: int
    last: int
    layers: tuple[str, ...]
    rows: tuple[int, ...]
    is_stream: bool

    @property
    def moments(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


@dataclass(frozen=True, eq=False)
class Timeline:
    """What lies where while layers take their turns, one a moment."""

    buffers: tuple[PlacedBuffer, ...]  # in the order in which layers write them
    stretches: tuple[Stretch, ...]
    turns: tuple[str, ...]  # the layer whose turn it is, of each moment
    in_use: tuple[int, ...]  # bytes, at each moment
    total: int
    bound: int

    @cached_property
    def peak(self) -> int:
        """The first moment at which most bytes are in use."""
        return max(range(len(self.in_use)), key=self.in_use.__getitem__)

    @property
    def peak_layer(self) -> str:
        """The layer that runs then."""
        return self.turns[self.peak]

    @property
    def streams(self) -> tuple[Stretch, ...]:
        """Where several layers take turns, depth first."""
        return tuple(stretch for stretch in self.stretches if stretch.is_stream)

    @cached_property
    def alive_at_peak(self) -> tuple[PlacedBuffer, ...]:
        """The buffers in use at the peak, those with most bytes first."""
        alive = [buffer for buffer in self.buffers if buffer.bytes_at(self.peak)]
        return tuple(sorted(alive, key=lambda buffer: (-buffer.bytes_at(self.peak), buffer.offset)))


def timeline(graph: Graph, plan: Plan) -> Timeline:
    """Look at a plan of this graph, which has at least one op."""
    schedule = plan.schedule or one_by_one(graph)
    lives = lifetimes(graph, schedule, plan.held)
    turns = tuple(segment.ops[turn] for segment in schedule for turn in segment.turns)
    known = in_use(lives.buffers, lives.in_place)[-BEFORE:].tolist()
    return Timeline(
        buffers=tuple(_placed(graph, plan, lives)),
        stretches=tuple(_stretches(schedule)),
        turns=turns,
        in_use=tuple((known + [0] * len(turns))[: len(turns)]),
        total=plan.total,
        bound=plan.bound,
    )


def _stretches(schedule: Schedule) -> Iterator[Stretch]:
    first = 0
    for segment in schedule:
        after = first + len(segment.turns)
        if after > first:
            yield Stretch(first, after - 1, segment.ops, segment.rows, segment.is_stream)
        first = after


@dataclass(frozen=True)
class _Label:
    """What people call a buffer, and how many rows its tensor has."""

    name: str
    layer: str
    role: Role
    rows: int = 1
    is_row: bool = False  # of which there is one at a time


def _placed(graph: Graph, plan: Plan, lives: Lifetimes) -> Iterator[PlacedBuffer]:
    labels = dict(_labels(graph, plan, lives))
    for buffer in lives.buffers:
        label, offset = labels[buffer.name], plan.offsets[buffer.name]
        kept = 1 if label.is_row else plan.rings.get(buffer.name, label.rows)
        yield PlacedBuffer(
            name=label.name,
            layer=label.layer,
            role=label.role,
            offset=offset,
            size=buffer.size,
            rows_kept=kept,
            rows=label.rows,
            first=buffer.first,
            last=buffer.last,
            blocks=_moved(buffer, offset),
        )


def _moved(buffer: Buffer, offset: int) -> Blocks:
    blocks = buffer.blocks.copy()
    blocks[:, 0] += offset
    return blocks


def _labels(graph: Graph, plan: Plan, lives: Lifetimes) -> Iterator[tuple[str, _Label]]:
    """By the names of buffers. The last that is told of a name counts."""
    for op in reversed(graph.ops):  # so that the layer that writes there first counts
        yield scratch_name(op), _Label(f"scratch of {op.name}", op.name, Role.SCRATCH)
        yield decoded_name(op), _Label(f"weights of {op.name}", op.name, Role.SCRATCH)
        if isinstance(op.attrs, Reshape):
            continue
        for index, tensor in enumerate(op.outputs):
            yield lives.storage.get(tensor, tensor), _output_label(op, index, graph, plan, lives)
    for index, name in enumerate(graph.inputs):
        yield name, _Label(_numbered("input", index, graph.inputs), "", Role.INPUT, height_of(graph.tensors[name]))


def _output_label(op: Op, index: int, graph: Graph, plan: Plan, lives: Lifetimes) -> _Label:
    tensor = op.outputs[index]
    rows, home = height_of(graph.tensors[tensor]), lives.storage.get(tensor, tensor)
    if home in plan.held and home in graph.outputs:
        return _Label(_numbered("output", graph.outputs.index(home), graph.outputs), op.name, Role.OUTPUT, rows)
    name = op.name if not index else f"output {index + 1} of {op.name}"
    return _Label(name, op.name, Role.LAYER, rows, isinstance(op.attrs, Excite))


def _numbered(what: str, index: int, of: tuple[str, ...]) -> str:
    return what if len(of) == 1 else f"{what} {index + 1}"
