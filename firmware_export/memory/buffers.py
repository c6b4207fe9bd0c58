"""The arena's buffers: which bytes of each are in use from which turn to which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import lcm

import numpy as np
from numpy.typing import NDArray

from firmware_export.ir import Concatenation, Excite, Graph, Op, Reshape, Softmax, Walk
from firmware_export.memory.schedule import Schedule, one_by_one
from firmware_export.memory.storage import storage_of
from firmware_export.memory.turns import Pace, height_of, needs, pace_of

ALIGN = 16  # kernels may load 16 bytes at a time
BEFORE = -1  # the moment when the caller has written what lies in the arena
Blocks = NDArray[np.int64]  # (blocks, 4): offset in the buffer, size, first and last moment


@dataclass(frozen=True)
class Buffer:
    """Bytes in use from moment `first`, when they are written, to moment `last`, when they are read last.

    `blocks` says it of each of its rows, where rows come and go.
    """

    name: str
    size: int
    first: int
    last: int
    blocks: Blocks = field(compare=False, default_factory=lambda: np.zeros((0, 4), np.int64))

    def __post_init__(self) -> None:
        if not len(self.blocks):
            object.__setattr__(self, "blocks", np.array([[0, self.size, self.first, self.last]], np.int64))

    @property
    def padding(self) -> int:
        """Bytes left unused before the next aligned offset."""
        return -self.size % ALIGN


@dataclass(frozen=True)
class InPlace:
    """At these moments an op reads a row of one buffer before it writes the same row of another, of the same size."""

    read: str
    written: str
    moments: frozenset[int]


@dataclass(frozen=True)
class Lifetimes:
    """The arena's buffers, the storage of every tensor that is not constant, and how many rows rings keep."""

    buffers: tuple[Buffer, ...]
    storage: dict[str, str]
    rings: dict[str, int] = field(default_factory=dict)
    in_place: tuple[InPlace, ...] = ()
    held: tuple[str, ...] = ()
    inside: dict[str, int] = field(default_factory=dict)  # bytes before a tensor that is a part of what is stored there


@dataclass(frozen=True)
class Bank:
    """RAM for buffers: so many bytes, and those of them that are used."""

    name: str
    room: int
    used: int = 0


@dataclass(frozen=True)
class Plan:
    """Byte offset and size of every buffer, the arena's exact size, and the storage of every tensor.

    rings: the rows that a buffer keeps, of one that does not hold its tensor whole. bound: bytes that no arena can do
    without when ops take turns as `schedule` says. held: inputs and outputs of the graph that lie in the arena.
    banks: those that hold anything, where buffers are split over banks; then each is an arena of its own, offsets are
    in that of the bank that `homes` tells, and `total` is the sum.
    """

    offsets: dict[str, int]
    sizes: dict[str, int]
    total: int
    storage: dict[str, str]
    rings: dict[str, int] = field(default_factory=dict)
    schedule: Schedule = ()
    bound: int = 0
    held: tuple[str, ...] = ()
    inside: dict[str, int] = field(default_factory=dict)  # bytes before a tensor that is a part of what is stored there
    guards: tuple[int, ...] = ()  # offsets of guard bytes, in a build for debugging
    banks: tuple[Bank, ...] = ()
    homes: dict[str, str] = field(default_factory=dict)

    def home(self, buffer: str) -> str:
        """The name of the bank in which a buffer lies; "" where there is one arena for all."""
        return self.homes[buffer] if self.banks else ""

    @property
    def arenas(self) -> dict[str, int]:
        """The bytes of each arena by the name of its bank."""
        return {bank.name: bank.used for bank in self.banks} or {"": self.total}


class _Rows:
    """Of one tensor: when each of its rows is written, and read last."""

    def __init__(self, height: int, first: Iterable[int]) -> None:
        self.first = np.fromiter(first, np.int64, height)
        self.last = self.first.copy()
        self.readers: set[str] = set()

    def read(self, reader: str, start: int, end: int, moment: int) -> None:
        self.readers.add(reader)
        np.maximum(self.last[start:end], moment, out=self.last[start:end])


def lifetimes(graph: Graph, schedule: Schedule | None = None, held: tuple[str, ...] = ()) -> Lifetimes:
    """Say which tensors share storage, and from which turn to which each buffer is in use.

    held: inputs and outputs of the graph that lie in the arena. Where nobody has said who takes turns, each op runs at
    once, and none writes its output over its input. Raises ModelError as storage_of does.
    """
    lives = _Timeline(graph, schedule or one_by_one(graph), held).lifetimes()
    return lives if schedule else replace(lives, in_place=())


class _Timeline:
    def __init__(self, graph: Graph, schedule: Schedule, held: tuple[str, ...]) -> None:
        self.graph, self.schedule, self.held = graph, schedule, held
        self.storage, self.inside = storage_of(graph)
        self.joint = {self.storage[name] for name in self.inside}  # storages that are written in parts
        self.elsewhere = {*graph.given, *graph.outputs} - {*held}
        self.paces: dict[str, Pace] = {}
        self.times: dict[str, list[int]] = {}
        self.segments: dict[str, int] = {}
        self.rows: dict[str, _Rows] = {}  # by storage
        self.roots: dict[str, str] = {}  # the tensor that is written there
        self.end = 0
        self._tell_times()
        self._write()
        self._read()

    def _tell_times(self) -> None:
        here = {op.name for op in self.graph.ops}
        for number, segment in enumerate(self.schedule):
            for name, rows in zip(segment.ops, segment.rows, strict=True):
                if name not in here:
                    continue  # an excitation for a host in another part of the network
                self.paces[name] = pace_of(self.graph.named(name), self.graph, rows)
                self.times[name], self.segments[name] = [], number
            for turn in segment.turns:
                self.times[segment.ops[turn]].append(self.end)
                self.end += 1

    def _write(self) -> None:
        for name in self.held:
            if name in self.graph.inputs:
                height = height_of(self.graph.tensors[name])
                self.rows[name], self.roots[name] = _Rows(height, [BEFORE] * height), name
        for op in self.graph.ops:
            for name in op.outputs:
                home = self.storage.get(name)
                if (
                    home is None
                    or home in self.elsewhere
                    or name in self.graph.excited
                    or isinstance(op.attrs, Reshape)
                ):
                    continue
                self.rows[home], self.roots[home] = self._written_there(op, name, home), name
        for name in self.held:
            if name in self.graph.outputs:
                home = self.storage[name]
                self.rows[home].read("", 0, len(self.rows[home].last), self.end)

    def _written_there(self, op: Op, name: str, home: str) -> _Rows:
        """What an op writes: rows, or one of the parts of what is in use from the first part on."""
        rows = self._written(op, name)
        if home not in self.joint:
            return rows
        before = [self.rows[home].first] if home in self.rows else []
        return _Rows(1, [min(int(first.min()) for first in (rows.first, *before))])

    def _written(self, op: Op, name: str) -> _Rows:
        height = height_of(self.graph.tensors[name])
        pace, times = self.paces[op.name], self.times[op.name]
        if not pace.rows or pace.op.walk is Walk.SUMS:
            return _Rows(height, [times[-1]] * height)
        return _Rows(height, (times[row // pace.rows] for row in range(height)))

    def _read(self) -> None:
        for name, pace in self.paces.items():
            if isinstance(pace.op.attrs, Reshape):
                self._touch_alias(name, pace)
                continue
            for turn, moment in enumerate(self.times[name]):
                for need in needs(pace, self.graph, turn):
                    home = self.storage[need.tensor]
                    if home not in self.rows:
                        continue
                    rows = self.rows[home]
                    if self.roots[home] == need.tensor and home not in self.joint:
                        rows.read(name, need.first, need.end, moment)
                    else:
                        rows.read("", 0, len(rows.last), moment)

    def _touch_alias(self, name: str, pace: Pace) -> None:
        home = self.storage[pace.op.inputs[0]]
        if home in self.rows:
            self.rows[home].read("", 0, len(self.rows[home].last), self.times[name][0])

    def lifetimes(self) -> Lifetimes:
        rings = dict(self._rings())
        buffers = {name: self._buffer(name, rows, rings.get(name)) for name, rows in self.rows.items()}
        buffers |= {buffer.name: buffer for buffer in (*self._scratches(), *self._decoded())}
        buffers |= {buffer.name: buffer for buffer in self._excited(buffers)}
        order = {name: index for index, name in enumerate(self._names())}
        ordered = sorted(buffers.values(), key=lambda buffer: order.get(buffer.name, len(order)))
        return Lifetimes(tuple(ordered), self.storage, rings, tuple(self._in_place()), self.held, self.inside)

    def _names(self) -> Iterator[str]:
        yield from self.held
        for op in self.graph.ops:
            yield from op.outputs
            yield scratch_name(op)
            yield decoded_name(op)

    def _buffer(self, name: str, rows: _Rows, ring: int | None) -> Buffer:
        height, size = len(rows.first), self.graph.tensors[self.roots[name]].nbytes
        first, last = int(rows.first.min()), int(rows.last.max())
        if (rows.first == first).all() and (rows.last == last).all():
            return Buffer(name, size, first, last)
        row = size // height
        kept = ring or height
        offsets = np.arange(height) % kept * row
        blocks = np.column_stack((offsets, np.full(height, row), rows.first, rows.last))
        return Buffer(name, kept * row, first, last, blocks)

    def _rings(self) -> Iterator[tuple[str, int]]:
        for home, rows in self.rows.items():
            if home in self.held or home in self.joint or "" in rows.readers:
                continue
            writer = self.paces[self.graph.maker(self.roots[home]).name]
            users = {writer.op.name, *rows.readers}
            together = {self.segments[name] for name in users}
            if len(together) > 1 or not self.schedule[min(together)].is_stream or writer.op.walk is Walk.SUMS:
                continue
            if not all(self.paces[name].rows for name in users):
                continue
            kept = _kept(rows, writer, [self.paces[name] for name in rows.readers])
            if kept < len(rows.first):
                yield home, kept

    def _scratches(self) -> Iterator[Buffer]:
        if self.graph.fed:  # from before the first row until the last turn that follows the last row
            segment = self.schedule[0]
            yield Buffer(scratch_name(self.graph.ops[0]), segment.state_bytes, BEFORE, len(segment.turns) - 1)
        for op in self.graph.ops:
            if not op.scratch:
                continue
            times = self.times[op.name]
            if op.host in self.times:  # sums, from its host's first row on
                times = [self.times[op.host][0], *times]
            if op.host or op.walk is Walk.SUMS:
                yield Buffer(scratch_name(op), op.scratch, times[0], times[-1])
                continue
            runs = np.array(list(_runs(times)), np.int64)
            blocks = np.column_stack((np.zeros(len(runs), np.int64), np.full(len(runs), op.scratch), runs))
            yield Buffer(scratch_name(op), op.scratch, times[0], times[-1], blocks)

    def _decoded(self) -> Iterator[Buffer]:
        for op in self.graph.ops:
            if op.decoded:  # from the first turn to the last
                yield Buffer(decoded_name(op), op.decoded, self.times[op.name][0], self.times[op.name][-1])

    def _excited(self, buffers: Mapping[str, Buffer]) -> Iterator[Buffer]:
        found = dict(buffers)
        for op in self.graph.ops:
            if not isinstance(op.attrs, Excite):
                continue
            x, output, host = op.inputs[0], op.outputs[0], self.times[op.host]
            home = self.storage[x]
            if home in found and self._is_free(home, op):  # nobody reads it later: rows are written in place
                self.storage[output] = home
            else:
                found[output] = Buffer(output, row_bytes(op, self.graph), host[0], host[-1])
                yield found[output]

    def _is_free(self, home: str, op: Op) -> bool:
        """Whether nobody but the host needs what an Excite reads when the host has begun."""
        if home not in self.rows:
            return True  # a row of its own
        others = self.rows[home].readers - {op.host}
        begin = self.times[op.host][0]
        is_output = any(self.storage[name] == home for name in self.graph.outputs)
        return not is_output and "" not in others and all(self.times[name][-1] < begin for name in others)

    def _in_place(self) -> Iterator[InPlace]:
        for name, pace in self.paces.items():
            op = pace.op
            if op.walk is not Walk.ELEMENTS or isinstance(op.attrs, Softmax | Concatenation):
                continue
            output = self.graph.tensors[op.outputs[0]]
            written = self.storage[output.name]
            for x in {*op.inputs} & {*self.roots.values()}:
                tensor = self.graph.tensors[x]
                if self.storage[x] in self.rows and (tensor.shape, tensor.dtype) == (output.shape, output.dtype):
                    yield InPlace(self.storage[x], written, frozenset(self.times[name]))


def _kept(rows: _Rows, writer: Pace, readers: list[Pace]) -> int:
    """The rows that a ring needs: from the first one still in use to the last of those written at once."""
    height, lowest, most = len(rows.first), 0, 1
    together = lcm(writer.rows, *(pace.rows for pace in readers if pace.is_contiguous))
    for row in range(height):
        while rows.last[lowest] < rows.first[row]:
            lowest += 1
        most = max(most, row + 1 - lowest)
    return -(-most // together) * together


def _runs(times: list[int]) -> Iterator[tuple[int, int]]:
    """Moments that follow one another, from the first to the last of each run."""
    first = last = times[0]
    for moment in times[1:]:
        if moment != last + 1:
            yield first, last
            first = moment
        last = moment
    yield first, last


def row_bytes(op: Op, graph: Graph) -> int:
    """Bytes of one row of an op's output."""
    output = graph.tensors[op.outputs[0]]
    return output.nbytes // output.shape[1]


def scratch_name(op: Op) -> str:
    """The name of the buffer an op uses while it runs."""
    return f"{op.name}.scratch"


def decoded_name(op: Op) -> str:
    """The name of the buffer that holds an op's weights from its first turn to its last."""
    return f"{op.name}.decoded"
