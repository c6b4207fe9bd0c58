"""What every layer must give, by the integer interpreter, and what it does give in the emulator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from firmware_export import interpreter
from firmware_export.emulate import build_network, interface_of
from firmware_export.emulator import Conditions, LayerOutput, Toolchain, run
from firmware_export.export import Export
from firmware_export.ir import Tensor
from firmware_export.program import Layer

BUFFERS = {"arena": "activations", "kept": "state"}  # what the emulator calls the buffers of the program


def layer_outputs(exported: Export, inputs: Sequence[NDArray[Any]]) -> dict[str, bytes]:
    """The output of each layer in the first inference, in the order and by the names of the generated C's trace."""
    values = interpreter.run_all(exported.graph, inputs)
    rows = zip(exported.graph.ops, exported.program.layers, strict=True)
    return {op.name: values[op.outputs[0]].tobytes() for op, layer in rows if layer.is_whole}


@dataclass(frozen=True)
class LayerTensor:
    """Where the reference keeps a layer's output: the tensor's number in the .tflite and its quantisation."""

    layer: str
    index: int
    shape: tuple[int, ...]
    dtype: str  # as NumPy spells it
    scale: float | None
    zero_point: int | None
    removed: tuple[int, ...] = ()  # of the reference's channels (last axis), those that the network here has not


def layer_tensors(exported: Export) -> tuple[LayerTensor, ...]:
    """The layers that compute something, in order; not those whose output the .tflite does not have."""
    rows = zip(exported.graph.ops, exported.program.layers, strict=True)
    tensors = [(layer.name, exported.graph.tensors[op.outputs[0]]) for op, layer in rows if layer.steps]
    return tuple(layer_tensor(name, tensor) for name, tensor in tensors if tensor.index is not None)


def layer_tensor(layer: str, tensor: Tensor) -> LayerTensor:
    """A tensor of the file as the output of a layer."""
    assert tensor.index is not None
    scale, zero_point = (tensor.scale, tensor.zero_point) if tensor.quant else (None, None)
    return LayerTensor(layer, tensor.index, tensor.shape, tensor.dtype.value, scale, zero_point, removed=tensor.removed)


def emulated_layer_outputs(exported: Export, inputs: Sequence[NDArray[Any]], toolchain: Toolchain) -> dict[str, bytes]:
    """The output of each layer that computes something, read from memory as soon as it has run, for one sample.

    The program is the one that ships. Raises as `emulate` does.
    """
    program = exported.program
    image = build_network(exported, toolchain)
    watched = tuple(watch(layer) for layer in program.layers if layer.steps)
    sample = [array.tobytes() for array in inputs]
    (call,) = run(image, interface_of(program), [sample], conditions=Conditions(layer_outputs=watched)).calls
    return dict(call.layer_outputs)


def watch(layer: Layer) -> LayerOutput:
    """Where the emulator finds a layer's output."""
    place = layer.output
    return LayerOutput(layer.name, BUFFERS.get(place.base, place.base), place.offset, layer.output_bytes)
