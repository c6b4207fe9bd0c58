"""The proof of a plan: run the ops over bytes that remember who wrote them. Shares nothing with the planner."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware_export.errors import BadPlan
from firmware_export.ir import Excite, Graph, Op, Reshape
from firmware_export.memory.buffers import ALIGN, Plan, scratch_name

_NOBODY = -1
_ARENA = None  # no tensor can have this name


def check(graph: Graph, plan: Plan) -> None:
    """Prove that every op finds its inputs whole, and the caller its input intact, every output at the end, and
    what is to be remembered where it was remembered before.

    Raises BadPlan, which names the op and the bytes, where two values in use share bytes, and where a buffer is
    missing, unaligned, too small or outside the arena.
    """
    _check_buffers(plan)
    memory = _Memory(graph, plan)
    for name in graph.given:
        memory.write("the caller", name)
    for op in graph.ops:
        if isinstance(op.attrs, Excite):
            continue  # it runs when its host does
        read, written = _accesses(op, graph)
        memory.expect(op.name, *read)
        overwritten = [guest.inputs[0] for guest in graph.guests(op) if _in_place(guest, plan)]
        if isinstance(op.attrs, Reshape):
            memory.rename(op.inputs[0], op.outputs[0])
            memory.expect(op.name, *op.outputs)
            continue
        for name in written:
            memory.write(op.name, name)
        memory.expect(op.name, *(name for name in (*read, *written) if name not in overwritten))
    memory.expect("the caller", *graph.inputs, *graph.results)


def _in_place(op: Op, plan: Plan) -> bool:
    """Whether an Excite writes each row where it read it, which nobody reads any more."""
    x, output = op.inputs[0], op.outputs[0]
    return isinstance(op.attrs, Excite) and plan.storage.get(output, output) == plan.storage.get(x, x)


def _accesses(op: Op, graph: Graph) -> tuple[list[str], list[str]]:
    """What an op and its guests need when it begins, and what they write: all of it is in use until it ends."""
    if op.host:  # a squeeze: its host has summed
        return [scratch_name(op)], list(op.outputs)
    rows = [guest for guest in graph.guests(op) if isinstance(guest.attrs, Excite)]
    sums = [scratch_name(guest) for guest in graph.guests(op) if guest not in rows]
    excited = [name for guest in rows for name in guest.outputs]
    read = [name for reader in (op, *rows) for name in reader.inputs if graph.tensors[name].data is None]
    own = [scratch_name(op)] if op.scratch else []
    return [name for name in read if name not in excited], [*op.outputs, *own, *excited, *sums]


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
        for op in graph.ops:
            if isinstance(op.attrs, Excite):  # a row at a time, where it is not changed in place
                x, output = (graph.tensors[name] for name in (op.inputs[0], op.outputs[0]))
                row = output.nbytes // output.shape[1]
                self._sizes[output.name] = self._sizes[x.name] if _in_place(op, plan) else row
        self._sizes |= {scratch_name(op): op.scratch for op in graph.ops if op.scratch}
        memories: dict[str | None, int] = {name: self._sizes[name] for name in (*graph.given, *graph.outputs)}
        memories[_ARENA] = plan.total
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
