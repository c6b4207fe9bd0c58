"""The spatial half of CBAM: mean and maximum over the channels, around each position, decide its gate."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from edgeattn.layers.checks import Shape, channels_of, odd, one_of
from edgeattn.layers.gates import SQUASHES
from edgeattn.layers.kernels import convolution, kernel_config, take_kernel_options


@keras.saving.register_keras_serializable(package="edgeattn")
class SpatialAttention(keras.layers.Layer):  # type: ignore[misc]
    """y = x * gate(conv([mean over channels, max over channels])), one gate for each position.

    x, y: (batch, height, width, channels). conv: kernel_size x kernel_size, 2 channels to 1, zeros around the map.
    Height and width may be open.

    Source: Woo et al. 2018, CBAM: Convolutional Block Attention Module, section 3.
    """

    def __init__(
        self,
        kernel_size: int = 7,
        *,
        gate: str = "sigmoid",
        use_bias: bool = False,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size, self.gate = kernel_size, gate
        take_kernel_options(self, use_bias=use_bias, initializer=kernel_initializer, regularizer=kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        """Raises ValueError for options that make no sense, or not for this shape."""
        channels = channels_of(self, input_shape)
        one_of(self, "gate", SQUASHES)
        odd(self, "kernel_size")
        self.convolve = convolution(self, "convolve", inputs=2, outputs=1, kernel_size=self.kernel_size)
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={-1: channels})

    def call(self, x: Any) -> Any:
        """Scale the map."""
        told = [squeeze(x, axis=-1, keepdims=True) for squeeze in (ops.mean, ops.max)]
        return x * SQUASHES[self.gate](self.convolve(ops.concatenate(told, axis=-1)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """As it came."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The options."""
        own = {"kernel_size": self.kernel_size, "gate": self.gate}
        return {**super().get_config(), **own, **kernel_config(self)}
