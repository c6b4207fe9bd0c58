"""Coordinate attention: a gate for every row and one for every column, of each channel."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from edgeattn.layers.checks import Shape, channels_of, divided, one_of
from edgeattn.layers.gates import ACTIVATIONS, SQUASHES
from edgeattn.layers.kernels import convolution, kernel_config, take_kernel_options


@keras.saving.register_keras_serializable(package="edgeattn")
class CoordinateAttention(keras.layers.Layer):  # type: ignore[misc]
    """y[i, j] = x[i, j] * gate(Fr f(mean of row i)) * gate(Fc f(mean of column j)).

    f(s) = activation(norm(F s)), the same for rows and columns; F, Fr, Fc are 1x1 convolutions. x, y: (batch, height,
    width, channels). F: channels to channels / ratio; Fr and Fc back. Height and width may be open.
    norm is a batch normalisation over rows and columns together, which int8 folds into F, and which has F's bias in it;
    `use_norm` False leaves it out.

    Source: Hou et al. 2021, Coordinate Attention for Efficient Mobile Network Design, equations 4 to 9.
    """

    def __init__(  # noqa: PLR0913 - options of a Keras layer
        self,
        ratio: int = 4,
        *,
        activation: str = "hard_swish",
        gate: str = "sigmoid",
        use_norm: bool = True,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ratio, self.activation, self.gate, self.use_norm = ratio, activation, gate, use_norm
        take_kernel_options(self, use_bias=use_bias, initializer=kernel_initializer, regularizer=kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        """Raises ValueError for options that make no sense, or not for this shape."""
        channels = channels_of(self, input_shape)
        one_of(self, "activation", ACTIVATIONS)
        one_of(self, "gate", SQUASHES)
        squeezed = divided(self, channels, "ratio")
        self.reduce = convolution(
            self, "reduce", inputs=channels, outputs=squeezed, use_bias=self.use_bias and not self.use_norm
        )
        self.norm: Any = (
            keras.layers.BatchNormalization(name="norm", dtype=self.dtype_policy) if self.use_norm else None
        )
        if self.norm is not None:
            self.norm.build((None, None, None, squeezed))
        self.rows = convolution(self, "rows", inputs=squeezed, outputs=channels)
        self.columns = convolution(self, "columns", inputs=squeezed, outputs=channels)
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={-1: channels})

    def call(self, x: Any, training: bool | None = None) -> Any:
        """Scale the map."""
        rows = self.reduce(ops.mean(x, axis=2, keepdims=True))
        columns = self.reduce(ops.mean(x, axis=1, keepdims=True))
        if self.norm is not None:
            rows, columns = self._normalised(rows, columns) if training else (self.norm(rows), self.norm(columns))
        activation, gate = ACTIVATIONS[self.activation], SQUASHES[self.gate]
        # One gate after the other: their product would be a second map in RAM.
        return x * gate(self.rows(activation(rows))) * gate(self.columns(activation(columns)))

    def _normalised(self, rows: Any, columns: Any) -> tuple[Any, Any]:
        # In training the two share one mean and variance, so they go through as one; afterwards nothing is shared.
        height = ops.shape(rows)[1]
        both = self.norm(ops.concatenate([rows, ops.swapaxes(columns, 1, 2)], axis=1), training=True)
        return both[:, :height], ops.swapaxes(both[:, height:], 1, 2)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """As it came."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The options."""
        own = {
            "ratio": self.ratio,
            "activation": self.activation,
            "gate": self.gate,
            "use_norm": self.use_norm,
        }
        return {**super().get_config(), **own, **kernel_config(self)}
