"""Bytes that remember who wrote them, for the proof of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from firmware_export.errors import BadPlan
from firmware_export.ir import Concatenation, Excite, Graph, Op, Softmax, Walk
from firmware_export.memory.buffers import Plan, decoded_name, scratch_name
from firmware_export.memory.turns import height_of

NOBODY = -1
Memory = str | tuple[str]  # of the caller: a tensor's name; an arena: its bank's, which no tensor's name can be
Ids = NDArray[np.int32]


class OwnedBytes:
    """The arena and the caller's memory, as a plan lays them out; tensors are written and expected row by row."""

    def __init__(self, graph: Graph, plan: Plan) -> None:
        self.graph, self._plan = graph, plan
        self._sizes = {name: tensor.nbytes for name, tensor in graph.tensors.items()}
        for op in graph.ops:
            if isinstance(op.attrs, Excite) and self.is_in_place(op):
                self._sizes[op.outputs[0]] = self._sizes[op.inputs[0]]  # row for row
        self._heights = {name: height_of(tensor) for name, tensor in graph.tensors.items()}
        self._sizes |= {scratch_name(op): op.scratch for op in graph.ops if op.scratch}
        if graph.fed:
            self._sizes[scratch_name(graph.ops[0])] = plan.schedule[0].state_bytes
        self._sizes |= {decoded_name(op): op.decoded for op in graph.ops if op.decoded}
        memories: dict[Memory, int] = {name: self._sizes[name] for name in (*graph.given, *graph.outputs)}
        memories |= {(bank,): total for bank, total in plan.arenas.items()}
        self._owners: dict[Memory, Ids] = {name: np.full(size, NOBODY, np.int32) for name, size in memories.items()}
        self._written: list[str] = []
        self._values: dict[str, Ids] = {}  # of each byte of a tensor, the write that made it

    def height(self, name: str) -> int:
        """The rows of a tensor; scratch is one."""
        return self._heights.get(name, 1)

    def is_held(self, name: str) -> bool:
        """Whether a tensor lies in the arena."""
        return self._plan.storage.get(name, name) in self._plan.offsets

    def is_in_place(self, op: Op) -> bool:
        """Whether an Excite writes each row where it read it, which nobody reads any more."""
        x, output = op.inputs[0], op.outputs[0]
        return self._plan.storage.get(output, output) == self._plan.storage.get(x, x)

    def is_taken(self, op: Op, name: str, row: int) -> bool:
        """Whether the op itself wrote a row of its output over this row, value by value."""
        if op.walk is not Walk.ELEMENTS or isinstance(op.attrs, Softmax | Concatenation) or name not in op.inputs:
            return False
        x, output = self.graph.tensors[name], self.graph.tensors[op.outputs[0]]
        is_alike = (x.shape, x.dtype) == (output.shape, output.dtype)
        return is_alike and self._place(op.name, name, row) == self._place(op.name, output.name, row)

    def write(self, writer: str, name: str, rows: Iterable[int]) -> None:
        """Let rows of a tensor get a new value."""
        values = self._values.setdefault(name, np.full(self._sizes[name], NOBODY, np.int32))
        size = self._sizes[name] // self.height(name)
        rows = list(rows)
        self.expect_unbroken(writer, name, rows)
        is_one = name in self.graph.excited  # a host may read all of them, each in the same place as the one before
        for index, row in enumerate(rows):
            if not (is_one and index):
                self._written.append(name)
            number = len(self._written) - 1
            self._bytes(writer, name, row)[:] = number
            values[row * size : (row + 1) * size] = number

    def expect_unbroken(self, user: str, name: str, rows: Sequence[int]) -> None:
        """Raise BadPlan where rows that a kernel takes one behind the other lie on both ends of a ring."""
        kept = self._plan.rings.get(self._plan.storage.get(name, name), self.height(name))
        if len(rows) > 1 and name not in self.graph.excited and rows[0] % kept + len(rows) > kept:
            raise BadPlan(f"{user} takes {len(rows)} rows of {name} at once, of which a ring keeps {kept}")

    def join(self, op: Op, whole: str) -> None:
        """Let the bytes of a tensor be those of its parts that lie in it, and new ones where parts are copied there."""
        self.write(op.name, whole, ())
        self._written.append(whole)
        values, offset = self._values[whole], 0
        for name in op.inputs:
            size = self.graph.tensors[name].nbytes
            values[offset : offset + size] = self._joined(op, whole, name, offset)
            offset += size

    def _joined(self, op: Op, whole: str, name: str, offset: int) -> Ids | int:
        if self._plan.inside.get(name) == offset and self._plan.storage.get(name) == self._plan.storage.get(whole):
            self.expect(op.name, name, range(self.height(name)))
            return self._values[name]
        memory, start = self._place(op.name, whole, 0)
        number = len(self._written) - 1
        self._owners[memory][start + offset : start + offset + self.graph.tensors[name].nbytes] = number
        return number

    def rename(self, reader: str, name: str, other: str) -> None:
        """Let the bytes of one tensor be those of another."""
        self.expect(reader, name, range(self.height(name)))
        self._values[other] = self._values[name]
        self.expect(reader, other, range(self.height(other)))

    def expect(self, reader: str, name: str, rows: Iterable[int]) -> None:
        """Raise BadPlan where rows of a tensor are not what was written there last under its name."""
        size = self._sizes[name] // self.height(name)
        for row in rows:
            values = self._values.get(name)
            wanted = None if values is None else values[row * size : (row + 1) * size]
            if wanted is None or (wanted == NOBODY).any():
                raise BadPlan(f"{reader} reads {name} before it is written")
            found = self._bytes(reader, name, row)
            lost = np.flatnonzero(found != wanted)
            if lost.size:
                owner = "nobody" if found[lost[0]] == NOBODY else self._written[found[lost[0]]]
                first, last = row * size + lost[0], row * size + lost[-1]
                raise BadPlan(f"{reader} needs {name}, whose bytes {first} to {last} belong to {owner}")

    def _bytes(self, user: str, name: str, row: int) -> Ids:
        memory, offset = self._place(user, name, row)
        return self._owners[memory][offset : offset + self._sizes[name] // self.height(name)]

    def _place(self, user: str, name: str, row: int) -> tuple[Memory, int]:
        home, size, height = self._plan.storage.get(name, name), self._sizes[name], self.height(name)
        if home not in self._plan.offsets and home not in self._owners:
            raise BadPlan(f"{user} uses {name}, which has no storage")
        memory: Memory = home
        inside = self._plan.inside.get(name, 0)
        offset = self._plan.offsets.get(home, 0) + inside
        if home in self._plan.offsets:
            memory = (self._plan.home(home),)
        room = self._plan.sizes.get(home, self._owners[memory].size)
        kept = 1 if home in self.graph.excited else self._plan.rings.get(home, height)
        if inside + size // height * kept > room:
            raise BadPlan(f"{user} uses {inside + size // height * kept} bytes of {name}, whose storage has {room}")
        return memory, offset + row % kept * (size // height)
