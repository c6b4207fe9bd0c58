"""Spatial attention in which nearer positions weigh more."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from edgeattn.layers.checks import Shape, divided, divides_map, map_of, one_of, positive, scores_fit
from edgeattn.layers.dot_product import as_heads, as_map, attend, pooled
from edgeattn.layers.gates import SQUASHES
from edgeattn.layers.kernels import convolution, kernel_config, take_kernel_options

Distances = NDArray[np.float32]

FUSIONS = ("residual", "scale")
METRICS = {  # of offsets (..., 2)
    "euclidean": lambda offsets: np.sqrt(np.square(offsets).sum(-1)),
    "manhattan": lambda offsets: np.abs(offsets).sum(-1),
    "chebyshev": lambda offsets: np.abs(offsets).max(-1),
}


def distances(height: int, width: int, pool_size: int, metric: str) -> Distances:
    """From each position, row by row, to the middle of each window, in steps of the map: (positions, windows)."""
    offsets = _middles(height, width, 1)[:, None] - _middles(height, width, pool_size)
    found: Distances = METRICS[metric](offsets).astype(np.float32)
    return found


def _middles(height: int, width: int, size: int) -> NDArray[np.float64]:
    rows, columns = (np.arange(side // size) * size + (size - 1) / 2 for side in (height, width))
    return np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)


@keras.saving.register_keras_serializable(package="edgeattn")
class DistanceSpatialAttention(keras.layers.Layer):  # type: ignore[misc]
    """y[i] = x[i] + Wo c[i] + bo, or x[i] * gate(c[i]); c[i] = sum over j of a[i, j] v[j].

    a[i] = softmax over j of (q[i] . k[j] / sqrt(d) - slope * distance(i, j)); q = Wq x + bq, k = Wk p, v = Wv p + bv,
    p = pool(x). x, y: (batch, height, width, channels), i and j positions; height and width must be known.
    Wq, Wk, Wv: channels to channels / ratio = d; Wo back. `fusion`: "residual", or "scale" by `gate`, for which v is
    one number a position and Wo is left out. The slope is learned and kept at 0 or more, or stays as it is given
    (`learn_slope` False); distances are counted in positions of the map. On the device their table costs as much flash
    as the scores cost RAM: positions * positions / pool_size^2 bytes.

    Source: Press et al. 2022, Train Short, Test Long (ALiBi), section 3, for the bias that falls with distance; over
    maps: Wang et al. 2018, Non-local Neural Networks, section 3.
    """

    def __init__(  # noqa: PLR0913 - options of a Keras layer
        self,
        ratio: int = 2,
        *,
        slope: float = 0.5,
        learn_slope: bool = True,
        metric: str = "euclidean",
        pool_size: int = 1,
        fusion: str = "residual",
        gate: str = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ratio, self.slope, self.learn_slope, self.metric = ratio, slope, learn_slope, metric
        self.pool_size, self.fusion, self.gate = pool_size, fusion, gate
        take_kernel_options(self, use_bias=use_bias, initializer=kernel_initializer, regularizer=kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        """Raises ValueError for options that make no sense, or not for this shape."""
        height, width, channels = map_of(self, input_shape)
        inner = divided(self, channels, "ratio")
        positive(self, "slope")
        one_of(self, "metric", METRICS)
        one_of(self, "fusion", FUSIONS)
        one_of(self, "gate", SQUASHES)
        divides_map(self, height, width, "pool_size")
        scores_fit(self, 1, height * width, height * width // self.pool_size**2)
        self.distances = distances(height, width, self.pool_size, self.metric)
        self._build_weights(channels, inner)
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={1: height, 2: width, 3: channels})

    def _build_weights(self, channels: int, inner: int) -> None:
        is_residual = self.fusion == "residual"
        self.query = convolution(self, "query", inputs=channels, outputs=inner)
        self.key = convolution(self, "key", inputs=channels, outputs=inner, use_bias=False)
        self.value = convolution(self, "value", inputs=channels, outputs=inner if is_residual else 1)
        self.project = convolution(self, "project", inputs=inner, outputs=channels) if is_residual else None
        self.falloff = self.slope
        if self.learn_slope:
            start, bound = keras.initializers.Constant(self.slope), keras.constraints.NonNeg()
            self.falloff = self.add_weight(shape=(), name="slope", initializer=start, constraint=bound)

    def call(self, x: Any) -> Any:
        """Let every position look at all others, at the near ones more."""
        _, height, width, channels = x.shape
        scale = (channels // self.ratio) ** -0.5
        seen = pooled(x, self.pool_size)
        queries, keys, values = self.query(x) * scale, self.key(seen), self.value(seen)
        bias = -self.falloff * ops.convert_to_tensor(self.distances, dtype=self.compute_dtype)
        told = as_map(attend(as_heads(queries, 1), as_heads(keys, 1), as_heads(values, 1), bias), 1, height, width)
        return x * SQUASHES[self.gate](told) if self.project is None else x + self.project(told)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """As it came."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The options."""
        own = {
            "ratio": self.ratio,
            "slope": self.slope,
            "learn_slope": self.learn_slope,
            "metric": self.metric,
            "pool_size": self.pool_size,
            "fusion": self.fusion,
            "gate": self.gate,
        }
        return {**super().get_config(), **own, **kernel_config(self)}
