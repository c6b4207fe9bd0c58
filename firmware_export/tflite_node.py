"""One op as the file tells it, and the checks that the readers of ops have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.ir import DType, Tensor, zero_points

FINEST_CLIPPED_SCALE = 2.0**-28
INFINITE_SCALE = 2.0**100  # of masks that add or choose the lowest float
EXTREME_SCALE = 2.0**62  # beyond it, and below its inverse, quotients of scales are no float32
WAYS_OUT = {
    DType.UINT8: "only inputs and outputs may be uint8, and a network that computes in it comes from an old converter: "
    "convert the float model again with TensorFlow 2, which makes it int8",
    DType.INT16: "LiteRT has no int16 form of it, or there is no kernel for it: quantise the activations to int8, or "
    "replace the layer by those whose row in `edgeattn supported-ops` has int16",
}
MOST_INTEGERS = 64  # of a constant list: far above twice the axes of any tensor


@dataclass(frozen=True)
class Node:
    """An op as the file tells it, read for one of its outputs; `where` names its layer in messages."""

    kind: str
    where: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    options: Any
    position: int = 0  # of the output that is being read

    @property
    def output(self) -> Tensor:
        """The output that is being read: the only one of most ops."""
        return self.outputs[self.position]


class OtherShape(ModelError):
    """The op gives its output another `shape` than the file says."""

    def __init__(self, where: str, kind: str, shape: tuple[int, ...], stated: tuple[int, ...]) -> None:
        message = f"layer {where!r}: {kind} gives the shape {list(shape)}, not {list(stated)}: convert the model again"
        super().__init__(message)
        self.shape = shape


def require_int8(node: Node, *tensors: Tensor) -> None:
    """Refuse activations of another type, or without scale."""
    require_quantised(node, (DType.INT8,), *tensors)


def require_quantised(node: Node, dtypes: tuple[DType, ...], *tensors: Tensor) -> None:
    """Refuse activations of other types than these, or without scale."""
    for tensor in tensors:
        if tensor.dtype not in dtypes or tensor.quant is None or len(tensor.quant.scale) != 1:
            needed = " or ".join(dtype.value for dtype in dtypes)
            raise UnsupportedOp(
                f"layer {node.where!r}: {node.kind} works on {tensor.dtype.value} where {needed} is needed; "
                + WAYS_OUT.get(tensor.dtype, "quantise the model to full int8 (inputs and outputs too)")
            )
        if tensor.scale > INFINITE_SCALE:
            raise UnsupportedOp(
                f"layer {node.where!r}: {node.kind} has values up to {127 * tensor.scale:g}, as masks of attention "
                "set them, beside which int8 knows no other: leave the mask out, or add one of -10 to the scores"
            )
        if not 1 / EXTREME_SCALE <= tensor.scale <= EXTREME_SCALE or tensor.zero_point not in zero_points(tensor.dtype):
            raise ModelError(
                f"layer {node.where!r}: {node.kind} has the impossible scale {tensor.scale:g} or zero point "
                f"{tensor.zero_point}: convert the model again"
            )


def require_activations(node: Node, *tensors: Tensor) -> None:
    """Refuse activations that are not all int8 or all int16."""
    require_quantised(node, (DType.INT8, DType.INT16), *tensors)
    if len({tensor.dtype for tensor in tensors}) > 1:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} works on int8 and int16 at once; quantise all of the model alike"
        )


def require_clippable(node: Node) -> None:
    """Refuse an output so fine that 6, counted in its steps, is no int32."""
    if node.output.scale < FINEST_CLIPPED_SCALE:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} clips an output whose scale {node.output.scale:g} is too fine; "
            "calibrate with samples like those of the application"
        )


def require_same_quant(node: Node, *tensors: Tensor) -> None:
    """Refuse int8 tensors that would have to be rescaled: the reference does not."""
    require_int8(node, *tensors, node.output)
    require_unscaled(node, *tensors)


def require_unscaled(node: Node, *tensors: Tensor) -> None:
    """Refuse tensors that would have to be rescaled: the reference does not."""
    if any(tensor.quant != node.output.quant for tensor in tensors):
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} has tensors of different scales or zero points; "
            "quantise with a converter that gives them one, as TensorFlow's does"
        )


def require(node: Node, condition: bool, what: str) -> None:
    """Refuse a file in which an op's tensors contradict each other."""
    if not condition:
        raise ModelError(f"layer {node.where!r}: {node.kind} {what}: convert the model again")


def constant(node: Node, index: int) -> Tensor:
    """An input that must be constant."""
    tensor = node.inputs[index]
    if tensor.data is None:
        raise UnsupportedOp(
            f"layer {node.where!r}: {node.kind} computes input {index} at run time; "
            "fix the batch and every dimension of the model's inputs"
        )
    return tensor


def integers(node: Node, index: int) -> tuple[int, ...]:
    """A constant input as a tuple of integers: axes, padding."""
    data = constant(node, index).data
    assert data is not None
    require(node, data.size <= MOST_INTEGERS and data.dtype.kind == "i", "has a constant list that is none")
    return tuple(int(value) for value in np.ravel(data))
