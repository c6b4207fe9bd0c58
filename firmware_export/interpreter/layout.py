"""Ops that move bytes or only rename them."""

from __future__ import annotations

import numpy as np

from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Concatenation, Copy, Pad, Reshape, Tensor


@evaluate.register
def _(attrs: Reshape | Copy, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return arrays[0].reshape(tensors[-1].shape)


@evaluate.register
def _(attrs: Pad, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return np.pad(arrays[0], attrs.padding, constant_values=attrs.value)


@evaluate.register
def _(attrs: Concatenation, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return np.concatenate(arrays, axis=attrs.axis)
