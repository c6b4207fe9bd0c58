"""The channel half of CBAM: mean and maximum of every channel decide its gate."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from edgeattn.layers.checks import Shape, channels_of, divided, one_of
from edgeattn.layers.gates import ACTIVATIONS, SQUASHES
from edgeattn.layers.kernels import dense, kernel_config, take_kernel_options


@keras.saving.register_keras_serializable(package="edgeattn")
class ChannelAttention(keras.layers.Layer):  # type: ignore[misc]
    """y = x * gate(MLP(mean(x)) + MLP(max(x))), MLP(s) = W2 activation(W1 s + b1) + b2.

    x, y: (batch, height, width, channels). W1: channels to channels / ratio; W2 back. Height and width may be open.
    As W2 is linear, it is applied once, to the sum: W2 (activation(.) + activation(.)) + 2 b2.

    Source: Woo et al. 2018, CBAM: Convolutional Block Attention Module, section 3.
    """

    def __init__(  # noqa: PLR0913 - options of a Keras layer
        self,
        ratio: int = 4,
        *,
        activation: str = "relu",
        gate: str = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ratio, self.activation, self.gate = ratio, activation, gate
        take_kernel_options(self, use_bias=use_bias, initializer=kernel_initializer, regularizer=kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        """Raises ValueError for options that make no sense, or not for this shape."""
        channels = channels_of(self, input_shape)
        one_of(self, "activation", ACTIVATIONS)
        one_of(self, "gate", SQUASHES)
        squeezed = divided(self, channels, "ratio")
        self.reduce = dense(self, "reduce", inputs=channels, outputs=squeezed)
        self.expand = dense(self, "expand", inputs=squeezed, outputs=channels)
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={-1: channels})

    def call(self, x: Any) -> Any:
        """Scale the map."""
        mean, most = (
            ACTIVATIONS[self.activation](self.reduce(squeeze(x, axis=(1, 2)))) for squeeze in (ops.mean, ops.max)
        )
        both = self.expand(mean + most)
        if self.use_bias:
            both = both + ops.cast(self.expand.bias, both.dtype)
        return x * ops.reshape(SQUASHES[self.gate](both), (-1, 1, 1, x.shape[-1]))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """As it came."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The options."""
        own = {"ratio": self.ratio, "activation": self.activation, "gate": self.gate}
        return {**super().get_config(), **own, **kernel_config(self)}
