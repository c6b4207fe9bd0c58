"""Ops that move bytes or only rename them."""

from __future__ import annotations

from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Copy, Reshape, Tensor


@evaluate.register
def _(attrs: Reshape | Copy, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return arrays[0].reshape(tensors[-1].shape)
