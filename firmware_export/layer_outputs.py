"""What every layer must give, by the integer interpreter, and what it does give in the emulator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from firmware_export import interpreter
from firmware_export.emulate import build_network, interface_of
from firmware_export.emulator import Conditions, LayerOutput, Rows, Toolchain, run
from firmware_export.export import Export
from firmware_export.ir import Tensor
from firmware_export.program import Layer, Program, Stream


def layer_outputs(exported: Export, inputs: Sequence[NDArray[Any]]) -> dict[str, bytes]:
    """The output of each layer in the first inference, in the order and by the names of the generated C's trace."""
    values = interpreter.run_all(exported.graph, inputs)
    tensors = {op.name: op.outputs[0] for op in exported.graph.ops}
    return {name: values[tensors[name]].tobytes() for name in traced(exported.program)}


def traced(program: Program) -> tuple[str, ...]:
    """The layers that the generated C's trace shows, in the order in which their first rows come out."""
    streams = {stream.layers[0]: stream for stream in program.every_stream}
    layers = {layer.name: layer for layer in program.layers}
    order: list[str] = []
    for layer in program.layers:
        if layer.name in streams:
            order += shown(streams[layer.name], layers)
        elif layer.is_whole:
            order.append(layer.name)
    return tuple(dict.fromkeys(order))


def shown(stream: Stream, layers: Mapping[str, Layer]) -> Iterator[str]:
    """Whose output the trace shows after which turn of a stream."""
    left = Counter(stream.turns)
    for turn in stream.turns:
        left[turn] -= 1
        layer = layers[stream.layers[turn]]
        if layer.gives_rows or not left[turn]:
            yield layer.name


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
    watched = tuple(watch(layer, program) for layer in program.layers if layer.steps)
    sample = [array.tobytes() for array in inputs]
    (call,) = run(image, interface_of(program), [sample], conditions=Conditions(layer_outputs=watched)).calls
    return dict(call.layer_outputs)


def watch(layer: Layer, program: Program) -> LayerOutput:
    """Where the emulator finds a layer's output."""
    buffers = {**{arena.base: arena.name for arena in program.arenas}, "kept": "state"}
    place = layer.output
    rows = Rows(layer.rows, layer.height, place.kept or layer.height) if layer.gives_rows else None
    return LayerOutput(layer.name, buffers.get(place.base, place.base), place.offset, layer.output_bytes, rows)
