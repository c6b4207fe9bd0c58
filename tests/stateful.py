"""Small networks that remember, as TensorFlow's converter writes them: variables, and a subgraph that begins them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tests.single_op import RESOURCE, Array, OpSpec, SubgraphSpec, TensorSpec, model

SCALE, ZERO_POINT = 0.5, 3


def int8(*shape: int, data: Array | None = None, scale: float = SCALE) -> TensorSpec:
    """An int8 tensor; all of them have one scale unless told otherwise."""
    return TensorSpec(shape, "int8", (scale,), (ZERO_POINT,), data=data)


def int16(*shape: int, data: Array | None = None) -> TensorSpec:
    """An int16 tensor; all of them have one scale."""
    return TensorSpec(shape, "int16", (SCALE / 256,), (0,), data=data)


@dataclass
class Stateful:
    """A network in the making: each method adds to it and gives the number of the tensor that it made."""

    tensors: list[TensorSpec] = field(default_factory=list)
    ops: list[OpSpec] = field(default_factory=list)
    initial: list[tuple[str, TensorSpec]] = field(default_factory=list)

    def tensor(self, spec: TensorSpec) -> int:
        """A tensor: an input where nothing writes it."""
        self.tensors.append(spec)
        return len(self.tensors) - 1

    def op(self, name: str, *inputs: int, to: TensorSpec, **options: object) -> int:
        """An op and its output."""
        made = self.tensor(to)
        self.ops.append(OpSpec(name, inputs, (made,), options))
        return made

    def variable(self, name: str, initial: Array | None = None) -> int:
        """The handle of a variable, which begins with a value where one is given."""
        if initial is not None:
            wide = initial.dtype == np.int16
            data = initial if wide else initial.astype(np.int8)
            self.initial.append((name, (int16 if wide else int8)(*data.shape, data=data)))
        return self.op("VAR_HANDLE", to=RESOURCE, shared_name=name)

    def read(self, handle: int, to: TensorSpec) -> int:
        """What a variable holds now."""
        return self.op("READ_VARIABLE", handle, to=to)

    def assign(self, handle: int, value: int) -> None:
        """What a variable holds from now on."""
        self.ops.append(OpSpec("ASSIGN_VARIABLE", (handle, value), (), {}))

    def build(self, *outputs: int) -> bytes:
        """The .tflite; the initial values are assigned in a subgraph that CALL_ONCE names first of all."""
        if not self.initial:
            return model(self.tensors, self.ops, outputs)
        call = OpSpec("CALL_ONCE", (), (), {"subgraph": 1})
        return model(self.tensors, [call, *self.ops], outputs, [initialiser(self.initial)])


def initialiser(initial: list[tuple[str, TensorSpec]]) -> SubgraphSpec:
    """The subgraph that gives variables their initial values."""
    tensors: list[TensorSpec] = []
    ops = []
    for name, value in initial:
        handle = len(tensors)
        tensors += [RESOURCE, value]
        ops.append(OpSpec("VAR_HANDLE", (), (handle,), {"shared_name": name}))
        ops.append(OpSpec("ASSIGN_VARIABLE", (handle, handle + 1), (), {}))
    return SubgraphSpec(tuple(tensors), tuple(ops))
