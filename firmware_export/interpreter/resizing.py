"""RESIZE_BILINEAR."""

from __future__ import annotations

from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import ResizeBilinear, Tensor
from firmware_export.quantised_resize import Scan, resize_bilinear


@evaluate.register
def _(attrs: ResizeBilinear, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    rows, columns = (Scan(step, start) for step, start in zip(attrs.steps, attrs.starts, strict=True))
    _, height, width, _ = tensors[-1].shape
    return resize_bilinear(arrays[0], (height, width), (rows, columns))
