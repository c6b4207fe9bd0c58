"""Where activations live: lifetimes, one arena that holds them, and a proof that it does.

A tensor lives in one of three memories. Graph inputs, and every reshape of one, stay in the caller's input, which is
const. Graph outputs, and every tensor reshaped into or out of one, are written straight to the caller's output. All
else, and the scratch of ops, are buffers of the arena.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_export.errors import BadPlan, ModelError
from firmware_export.ir import Graph, Op, Reshape

ALIGN = 16  # kernels may load 16 bytes at a time
# Work the planner may do before it settles for what it has, in buffers looked at: well under a second together.
GREEDY_LOOKS = 500_000
SEARCH_LOOKS = 300_000
MOST_REPAIRS = 60

Offsets = tuple[int, ...]  # one for each buffer, in the order of the buffers


@dataclass(frozen=True)
class Buffer:
    """Bytes in use from the op of index `first`, which writes them, to the op of index `last`, their last reader."""

    name: str
    size: int
    first: int
    last: int

    @property
    def padding(self) -> int:
        """Bytes left unused before the next aligned offset."""
        return -self.size % ALIGN


@dataclass(frozen=True)
class Lifetimes:
    """The arena's buffers, and the storage of every tensor that is not constant.

    A storage is the name of a buffer, of a graph input or of a graph output.
    """

    buffers: tuple[Buffer, ...]
    storage: dict[str, str]


@dataclass(frozen=True)
class Plan:
    """Byte offset and size of every buffer, the arena's exact size, and the storage of every tensor."""

    offsets: dict[str, int]
    sizes: dict[str, int]
    total: int
    storage: dict[str, str]


def lifetimes(graph: Graph) -> Lifetimes:
    """Say which tensors share storage, and from which op to which each buffer is in use.

    A pass before this one copies wherever a reshape would tie two graph outputs, or an input and an output, together.
    Raises ModelError where that was not done.
    """
    storage = _storage(graph)
    spans: dict[str, Buffer] = {}
    for index, op in enumerate(graph.ops):
        for name in (*op.outputs, *op.inputs):
            home = storage.get(name)
            if home is None or home in graph.inputs or home in graph.outputs:
                continue
            first = spans[home].first if home in spans else index
            spans[home] = Buffer(home, graph.tensors[name].nbytes, first, index)
        if op.scratch:
            spans[scratch_name(op)] = Buffer(scratch_name(op), op.scratch, index, index)
    return Lifetimes(tuple(spans.values()), storage)


def scratch_name(op: Op) -> str:
    """The name of the buffer an op uses while it runs."""
    return f"{op.name}.scratch"


def _storage(graph: Graph) -> dict[str, str]:
    roots = _roots(graph)
    caller: dict[str, str] = {}
    for name in (*graph.inputs, *graph.outputs):
        if name not in roots:
            raise ModelError(f"output {name} is constant and needs a copy, since no op writes it")
        if roots[name] in caller:
            raise ModelError(f"{name} and {caller[roots[name]]} are the same bytes and need a copy between them")
        caller[roots[name]] = name
    return {name: caller.get(root, root) for name, root in roots.items()}


def _roots(graph: Graph) -> dict[str, str]:
    roots = {name: name for name in graph.inputs}
    for op in graph.ops:
        if not isinstance(op.attrs, Reshape):
            roots |= {name: name for name in op.outputs}
        elif op.inputs[0] in roots:
            roots[op.outputs[0]] = roots[op.inputs[0]]
        else:
            raise ModelError(f"{op.name} reshapes the constant {op.inputs[0]}: fold constants before planning memory")
    return roots


def plan(lives: Lifetimes) -> Plan:
    """Give every buffer an offset, aligned to 16, so that none in use at once overlap and the arena is small.

    Deterministic. The smallest arena for most networks; a good one where proving that would take long.
    """
    buffers = lives.buffers
    offsets = _pack(buffers)
    return Plan(
        offsets={buffer.name: offset for buffer, offset in zip(buffers, offsets, strict=True)},
        sizes={buffer.name: buffer.size for buffer in buffers},
        total=_total(buffers, offsets),
        storage=lives.storage,
    )


def lower_bound(buffers: tuple[Buffer, ...]) -> int:
    """Bytes that no arena for these buffers can do without: what is in use at once, aligned, at the worst moment."""
    cliques = {_live(buffers, moment.first) for moment in buffers}
    return max((_stacked([buffers[index] for index in clique]) for clique in cliques), default=0)


def _live(buffers: tuple[Buffer, ...], moment: int) -> tuple[int, ...]:
    return tuple(index for index, buffer in enumerate(buffers) if buffer.first <= moment <= buffer.last)


def _stacked(buffers: Sequence[Buffer]) -> int:
    padding = max([buffer.padding for buffer in buffers])  # the topmost one needs none
    return sum([buffer.size + buffer.padding for buffer in buffers]) - padding


def _total(buffers: tuple[Buffer, ...], offsets: Offsets) -> int:
    return max((offset + buffer.size for buffer, offset in zip(buffers, offsets, strict=True)), default=0)


def _pack(buffers: tuple[Buffer, ...]) -> Offsets:
    bound = lower_bound(buffers)
    best: Offsets = ()
    for offsets in _attempts(buffers):
        if not best or _total(buffers, offsets) < _total(buffers, best):
            best = offsets
        if _total(buffers, best) <= bound:
            return best
    return _search(buffers, best, bound)


# Greedy: place buffers one by one at the lowest free offset; what matters is the order.

_ORDERS: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
    lambda buffer: (-buffer.size, buffer.first),
    lambda buffer: (-buffer.size * (buffer.last - buffer.first + 1), buffer.first),
    lambda buffer: (buffer.first - buffer.last, -buffer.size, buffer.first),
    lambda buffer: (buffer.first, -buffer.size),
    lambda buffer: (-buffer.last, -buffer.size),
)


def _attempts(buffers: tuple[Buffer, ...]) -> Iterator[Offsets]:
    clashes = _clashes(buffers)
    repairs = GREEDY_LOOKS // (len(_ORDERS) * sum(map(len, clashes), start=len(buffers) + 1))
    for key in _ORDERS:
        order = sorted(range(len(buffers)), key=lambda index: key(buffers[index]))
        for _ in range(1 + min(repairs, MOST_REPAIRS)):
            offsets = _first_fit(buffers, clashes, order)
            yield offsets
            order = _repaired(buffers, offsets, order)


def _clashes(buffers: tuple[Buffer, ...]) -> list[list[int]]:
    return [
        [
            index
            for index, other in enumerate(buffers)
            if other is not buffer and other.first <= buffer.last and buffer.first <= other.last
        ]
        for buffer in buffers
    ]


def _first_fit(buffers: tuple[Buffer, ...], clashes: list[list[int]], order: list[int]) -> Offsets:
    offsets: dict[int, int] = {}
    for index in order:
        offset = 0
        for start, other in sorted((offsets[other], other) for other in clashes[index] if other in offsets):
            if offset + buffers[index].size <= start:
                break
            offset = max(offset, start + buffers[other].size + buffers[other].padding)
        offsets[index] = offset
    return tuple(offsets[index] for index in range(len(buffers)))


def _repaired(buffers: tuple[Buffer, ...], offsets: Offsets, order: list[int]) -> list[int]:
    total = _total(buffers, offsets)
    return sorted(order, key=lambda index: offsets[index] + buffers[index].size < total)  # the topmost come first


# Exact: build packings from the bottom up, each buffer resting on those below it, and give up on what cannot beat the
# best so far. Any packing can be let down until every buffer rests, so the smallest one is among these.


@dataclass(frozen=True)
class _Partial:
    offsets: dict[int, int]  # of the buffers placed, from the bottom up
    floors: dict[int, int]  # of the buffers left: on what is placed they would rest here

    @property
    def level(self) -> tuple[int, int]:
        """The last buffer placed; the next lies higher, or as high with a higher index."""
        return max(((offset, index) for index, offset in self.offsets.items()), default=(0, -1))


def _search(buffers: tuple[Buffer, ...], best: Offsets, bound: int) -> Offsets:
    everyone = range(len(buffers))
    clashes = [frozenset(others) for others in _clashes(buffers)]
    cliques = sorted({_live(buffers, moment.first) for moment in buffers})
    start = _Partial({}, dict.fromkeys(everyone, 0))
    stack = [(start, index) for index in _candidates(buffers, start)]
    looks = SEARCH_LOOKS
    while stack and looks > 0 and _total(buffers, best) > bound:
        partial, index = stack.pop()
        partial = _placed(partial, index, buffers, clashes)
        looks -= len(buffers) + sum(map(len, cliques))
        if _least(partial, buffers, cliques) >= _total(buffers, best):
            continue
        if not partial.floors:
            best = tuple(partial.offsets[index] for index in everyone)
        stack.extend((partial, index) for index in _candidates(buffers, partial))
    return best


def _placed(partial: _Partial, index: int, buffers: tuple[Buffer, ...], clashes: list[frozenset[int]]) -> _Partial:
    offset = partial.floors[index]
    top = offset + buffers[index].size + buffers[index].padding
    floors = {
        other: max(floor, top) if other in clashes[index] else floor
        for other, floor in partial.floors.items()
        if other != index
    }
    return _Partial({**partial.offsets, index: offset}, floors)


def _least(partial: _Partial, buffers: tuple[Buffer, ...], cliques: list[tuple[int, ...]]) -> int:
    level = partial.level[0]
    least = max(offset + buffers[index].size for index, offset in partial.offsets.items())
    for clique in cliques:
        left = [index for index in clique if index in partial.floors]
        if left:
            floor = max(level, min([partial.floors[index] for index in left]))
            least = max(least, floor + _stacked([buffers[index] for index in left]))
    return least


def _candidates(buffers: tuple[Buffer, ...], partial: _Partial) -> list[int]:
    level = partial.level
    gap = min(
        (floor + buffers[index].size + buffers[index].padding for index, floor in partial.floors.items()), default=0
    )
    # Whoever rests at `gap` or higher leaves room below for another buffer, which may as well come first.
    fitting = [index for index, floor in partial.floors.items() if (floor, index) > level and floor < gap]
    return sorted(fitting, key=lambda index: (-partial.floors[index], buffers[index].size))  # the last is tried first


# Proof: run the ops over bytes that remember who wrote them.

_NOBODY = -1
_ARENA = "the arena"


def check(graph: Graph, plan: Plan) -> None:
    """Prove that every op finds its inputs whole, and the caller its input intact and every output at the end.

    Raises BadPlan, which names the op and the bytes, where two values in use share bytes, and where a buffer is
    missing, unaligned, too small or outside the arena.
    """
    _check_buffers(plan)
    memory = _Memory(graph, plan)
    for name in graph.inputs:
        memory.write("the caller", name)
    for op in graph.ops:
        inputs = [name for name in op.inputs if graph.tensors[name].data is None]
        memory.expect(op.name, *inputs)
        if isinstance(op.attrs, Reshape):
            memory.rename(op.inputs[0], op.outputs[0])
            memory.expect(op.name, *op.outputs)
            continue
        written = (*op.outputs, scratch_name(op)) if op.scratch else op.outputs
        for name in written:
            memory.write(op.name, name)
        memory.expect(op.name, *inputs, *written)
    memory.expect("the caller", *graph.inputs, *graph.outputs)


def _check_buffers(plan: Plan) -> None:
    for name, offset in plan.offsets.items():
        if offset % ALIGN:
            raise BadPlan(f"{name} is at {offset}, which is not a multiple of {ALIGN}")
        if offset < 0 or offset + plan.sizes[name] > plan.total:
            raise BadPlan(f"{name} is at {offset} to {offset + plan.sizes[name]}: the arena has {plan.total} bytes")


class _Memory:
    def __init__(self, graph: Graph, plan: Plan) -> None:
        self._plan = plan
        self._sizes = {name: tensor.nbytes for name, tensor in graph.tensors.items()}
        self._sizes |= {scratch_name(op): op.scratch for op in graph.ops if op.scratch}
        memories = {_ARENA: plan.total} | {name: self._sizes[name] for name in (*graph.inputs, *graph.outputs)}
        self._owners = {name: np.full(size, _NOBODY, np.int32) for name, size in memories.items()}
        self._written: list[str] = []
        self._values: dict[str, int] = {}  # the write that made a tensor's value

    def write(self, writer: str, name: str) -> None:
        self._values[name] = len(self._written)
        self._written.append(name)
        self._bytes(writer, name)[:] = self._values[name]

    def rename(self, name: str, other: str) -> None:
        self._values[other] = self._values[name]

    def expect(self, reader: str, *names: str) -> None:
        for name in names:
            if name not in self._values:
                raise BadPlan(f"{reader} reads {name} before it is written")
            found = self._bytes(reader, name)
            lost = np.flatnonzero(found != self._values[name])
            if lost.size:
                owner = "nobody" if found[lost[0]] == _NOBODY else self._written[found[lost[0]]]
                raise BadPlan(f"{reader} needs {name}, whose bytes {lost[0]} to {lost[-1]} belong to {owner}")

    def _bytes(self, user: str, name: str) -> NDArray[np.int32]:
        home, size = self._plan.storage.get(name, name), self._sizes[name]
        if home not in self._plan.offsets and home not in self._owners:
            raise BadPlan(f"{user} uses {name}, which has no storage")
        memory, offset = (_ARENA, self._plan.offsets[home]) if home in self._plan.offsets else (home, 0)
        room = self._plan.sizes.get(home, self._owners[memory].size)
        if size > room:
            raise BadPlan(f"{user} uses {size} bytes of {name}, whose storage has {room}")
        return self._owners[memory][offset : offset + size]
