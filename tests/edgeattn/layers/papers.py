"""The formulas of the papers in plain NumPy, position by position: they share nothing with the layers.

Each function reads maps (batch, height, width, channels) and the weights by name: "reduce/kernel".
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Weights = Mapping[str, Array]

EPSILON = 1e-3  # of Keras' batch normalisation


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def relu6(x: Array) -> Array:
    return np.minimum(np.maximum(x, 0), 6)


NAMED = {
    "sigmoid": sigmoid,
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "softmax": softmax,
    "scaled_softmax": lambda x: x.shape[-1] * softmax(x),
    "relu": lambda x: np.maximum(x, 0),
    "relu6": relu6,
    "swish": lambda x: x * sigmoid(x),
    "hard_swish": lambda x: x * relu6(x + 3) / 6,
}


def affine(x: Array, weights: Weights, name: str) -> Array:
    """A Dense or a 1x1 convolution: over the last axis."""
    kernel = weights[f"{name}/kernel"]
    return x @ kernel.reshape(kernel.shape[-2:]) + weights.get(f"{name}/bias", np.zeros(kernel.shape[-1]))


def convolve(x: Array, weights: Weights, name: str) -> Array:
    """A convolution with zeros around the map."""
    kernel = weights[f"{name}/kernel"]
    result = np.zeros((*x.shape[:3], kernel.shape[-1])) + weights.get(f"{name}/bias", 0)
    middle = [side // 2 for side in kernel.shape[:2]]
    for i, j, row, column in product(*map(range, (*x.shape[1:3], *kernel.shape[:2]))):
        y, z = i + row - middle[0], j + column - middle[1]
        if 0 <= y < x.shape[1] and 0 <= z < x.shape[2]:
            result[:, i, j] += x[:, y, z] @ kernel[row, column]
    return result


def squeeze_excite(x: Array, weights: Weights, **options: Any) -> Array:
    squeezed = {"mean": x.mean((1, 2)), "max": x.max((1, 2))}[options.get("squeeze", "mean")]
    hidden = NAMED[options.get("activation", "relu")](affine(squeezed, weights, "reduce"))
    excited = affine(hidden, weights, "expand")
    limit = options.get("clip") or np.inf
    return x * NAMED[options.get("gate", "sigmoid")](np.clip(excited, -limit, limit))[:, None, None]


def efficient_channel_attention(x: Array, weights: Weights, **options: Any) -> Array:
    kernel = weights["convolve/kernel"].ravel()
    means, reach = x.mean((1, 2)), len(kernel) // 2
    padded = np.pad(means, ((0, 0), (reach, reach)))
    mixed = np.stack([padded[:, c : c + len(kernel)] @ kernel for c in range(means.shape[1])], axis=-1)
    mixed = mixed + weights.get("convolve/bias", 0)
    return x * NAMED[options.get("gate", "sigmoid")](mixed)[:, None, None]


def channel_attention(x: Array, weights: Weights, **options: Any) -> Array:
    def mlp(squeezed: Array) -> Array:
        hidden = NAMED[options.get("activation", "relu")](affine(squeezed, weights, "reduce"))
        return affine(hidden, weights, "expand")

    both = mlp(x.mean((1, 2))) + mlp(x.max((1, 2)))
    return x * NAMED[options.get("gate", "sigmoid")](both)[:, None, None]


def spatial_attention(x: Array, weights: Weights, **options: Any) -> Array:
    told = np.stack([x.mean(-1), x.max(-1)], axis=-1)
    return x * NAMED[options.get("gate", "sigmoid")](convolve(told, weights, "convolve"))


def cbam(x: Array, weights: Weights, **options: Any) -> Array:
    part = {name: {key[len(name) + 1 :]: weights[key] for key in weights if key.startswith(name)} for name in HALVES}
    return spatial_attention(channel_attention(x, part["channel"], **options), part["spatial"], **options)


HALVES = ("channel", "spatial")


def normalise(x: Array, weights: Weights) -> Array:
    if "norm/gamma" not in weights:
        return x
    deviation = np.sqrt(weights["norm/moving_variance"] + EPSILON)
    return (x - weights["norm/moving_mean"]) / deviation * weights["norm/gamma"] + weights["norm/beta"]


def coordinate_attention(x: Array, weights: Weights, **options: Any) -> Array:
    activation, gate = NAMED[options.get("activation", "hard_swish")], NAMED[options.get("gate", "sigmoid")]
    both = np.concatenate([x.mean(2), x.mean(1)], axis=1)  # rows, then columns
    mixed = activation(normalise(affine(both, weights, "reduce"), weights))
    rows, columns = np.split(mixed, [x.shape[1]], axis=1)
    return x * gate(affine(rows, weights, "rows"))[:, :, None] * gate(affine(columns, weights, "columns"))[:, None]


def global_context(x: Array, weights: Weights, **options: Any) -> Array:
    positions = x.reshape(len(x), -1, x.shape[-1])
    share = softmax(affine(positions, weights, "weigh")[..., 0])
    context = np.einsum("bp,bpc->bc", share, positions)
    hidden = NAMED[options.get("activation", "relu")](affine(context, weights, "reduce"))
    told = affine(hidden, weights, "expand")[:, None, None]
    return x * NAMED[options.get("gate", "sigmoid")](told) if options.get("fusion") == "scale" else x + told


def windows(x: Array, size: int) -> Array:
    """The mean of every window."""
    tiles = [
        [x[:, i : i + size, j : j + size].mean((1, 2)) for j in range(0, x.shape[2], size)]
        for i in range(0, x.shape[1], size)
    ]
    return np.stack([np.stack(row, axis=1) for row in tiles], axis=1)


def flat(x: Array) -> Array:
    return x.reshape(len(x), -1, x.shape[-1])


def self_attention_2d(x: Array, weights: Weights, **options: Any) -> Array:
    heads, seen = options.get("num_heads", 1), windows(x, options.get("pool_size", 1))
    queries = np.split(affine(flat(x), weights, "query"), heads, axis=-1)
    keys = np.split(affine(flat(seen), weights, "key"), heads, axis=-1)
    values = np.split(affine(flat(seen), weights, "value"), heads, axis=-1)
    told = [
        softmax(np.einsum("bqd,bkd->bqk", q, k) / np.sqrt(q.shape[-1])) @ v
        for q, k, v in zip(queries, keys, values, strict=True)
    ]
    projected = affine(np.concatenate(told, axis=-1), weights, "project").reshape(x.shape)
    return x + projected if options.get("use_residual", True) else projected


METRICS = {
    "euclidean": lambda y, x: (y**2 + x**2) ** 0.5,
    "manhattan": lambda y, x: abs(y) + abs(x),
    "chebyshev": lambda y, x: max(abs(y), abs(x)),
}


def distance_table(height: int, width: int, size: int, metric: str) -> Array:
    """From every position to the middle of every window."""
    middles = [(i + (size - 1) / 2, j + (size - 1) / 2) for i in range(0, height, size) for j in range(0, width, size)]
    positions = product(range(height), range(width))
    return np.array([[METRICS[metric](i - y, j - z) for y, z in middles] for i, j in positions])


def distance_spatial_attention(x: Array, weights: Weights, **options: Any) -> Array:
    size = options.get("pool_size", 1)
    seen = flat(windows(x, size))
    queries, keys = affine(flat(x), weights, "query"), affine(seen, weights, "key")
    scores = np.einsum("bqd,bkd->bqk", queries, keys) / np.sqrt(keys.shape[-1])
    slope = weights.get("slope", options.get("slope", 0.5))
    table = distance_table(*x.shape[1:3], size, options.get("metric", "euclidean"))
    told = softmax(scores - slope * table) @ affine(seen, weights, "value")
    told = told.reshape(*x.shape[:3], -1)
    if options.get("fusion") == "scale":
        return x * NAMED[options.get("gate", "sigmoid")](told)
    return x + affine(told, weights, "project")


FORMULAS = {
    "SqueezeExcite": squeeze_excite,
    "EfficientChannelAttention": efficient_channel_attention,
    "ChannelAttention": channel_attention,
    "SpatialAttention": spatial_attention,
    "CBAM": cbam,
    "CoordinateAttention": coordinate_attention,
    "GlobalContext": global_context,
    "SelfAttention2D": self_attention_2d,
    "DistanceSpatialAttention": distance_spatial_attention,
}
