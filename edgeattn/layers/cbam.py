"""The convolutional block attention module: channels first, positions then."""

from __future__ import annotations

from typing import Any

import keras

from edgeattn.layers.channel_attention import ChannelAttention
from edgeattn.layers.checks import Shape, channels_of, divided, odd, one_of
from edgeattn.layers.gates import ACTIVATIONS, SQUASHES
from edgeattn.layers.kernels import kernel_config, take_kernel_options
from edgeattn.layers.spatial_attention import SpatialAttention


@keras.saving.register_keras_serializable(package="edgeattn")
class CBAM(keras.layers.Layer):  # type: ignore[misc]
    """y = SpatialAttention(ChannelAttention(x)).

    x, y: (batch, height, width, channels); height and width may be open. `use_bias` is the channels' alone: the
    convolution over positions has none, as in the paper.

    Source: Woo et al. 2018, CBAM: Convolutional Block Attention Module, equations 1 to 3.
    """

    def __init__(  # noqa: PLR0913 - options of a Keras layer
        self,
        ratio: int = 4,
        kernel_size: int = 7,
        *,
        activation: str = "relu",
        gate: str = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ratio, self.kernel_size, self.activation, self.gate = ratio, kernel_size, activation, gate
        take_kernel_options(self, use_bias=use_bias, initializer=kernel_initializer, regularizer=kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        """Raises ValueError for options that make no sense, or not for this shape."""
        divided(self, channels_of(self, input_shape), "ratio")  # here, so that a refusal names this layer
        one_of(self, "activation", ACTIVATIONS)
        one_of(self, "gate", SQUASHES)
        odd(self, "kernel_size")
        shared = {"gate": self.gate, "kernel_regularizer": self.kernel_regularizer, "dtype": self.dtype_policy}
        self.channel = ChannelAttention(
            self.ratio,
            activation=self.activation,
            use_bias=self.use_bias,
            kernel_initializer=self.kernel_initializer,
            name="channel",
            **shared,
        )
        self.spatial = SpatialAttention(
            self.kernel_size, kernel_initializer=self.kernel_initializer, name="spatial", **shared
        )
        self.channel.build(input_shape)
        self.spatial.build(input_shape)
        self.input_spec = self.channel.input_spec

    def call(self, x: Any) -> Any:
        """Scale the map."""
        return self.spatial(self.channel(x))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """As it came."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The options."""
        own = {
            "ratio": self.ratio,
            "kernel_size": self.kernel_size,
            "activation": self.activation,
            "gate": self.gate,
        }
        return {**super().get_config(), **own, **kernel_config(self)}
