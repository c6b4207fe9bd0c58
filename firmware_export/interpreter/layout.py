"""Ops that move bytes or only rename them."""

from __future__ import annotations

import numpy as np

from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import Concatenation, Copy, Offsets, Pack, Pad, Rearrange, Reshape, Steps, Tensor


@evaluate.register
def _(attrs: Reshape | Copy, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return arrays[0].reshape(tensors[-1].shape)


@evaluate.register
def _(attrs: Pad, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return np.pad(arrays[0], attrs.padding, constant_values=attrs.value)


@evaluate.register
def _(attrs: Concatenation, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return np.concatenate(arrays, axis=attrs.axis)


@evaluate.register
def _(attrs: Pack, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    return np.stack(arrays, axis=attrs.axis)


@evaluate.register
def _(attrs: Rearrange, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    sources: Array = np.array(attrs.first)
    for axis in attrs.axes:
        sources = np.add.outer(sources, offsets(axis))
    values: Array = np.ravel(arrays[0])[sources]
    return values.reshape(tensors[-1].shape)


def offsets(axis: Steps | Offsets) -> Array:
    """How far each element along an axis lies from the first."""
    return np.array(axis.offsets) if isinstance(axis, Offsets) else np.arange(axis.size) * axis.step
