"""Efficient channel attention: a gate for each channel, decided by it and its few neighbours."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from edgeattn.layers.checks import Shape, channels_of, odd, one_of, positive
from edgeattn.layers.gates import GATES
from edgeattn.layers.kernels import convolution, kernel_config, take_kernel_options


def adaptive_kernel_size(channels: int, gamma: float = 2.0, beta: float = 1.0) -> int:
    """The odd number at log2(channels) / gamma + beta / gamma, cut to a whole number and raised to an odd one."""
    cut = int(abs((math.log2(channels) + beta) / gamma))
    return cut if cut % 2 else cut + 1


@keras.saving.register_keras_serializable(package="edgeattn")
class EfficientChannelAttention(keras.layers.Layer):  # type: ignore[misc]
    """y = x * gate(w * mean(x)), where * w is a convolution along the channels, zeros beyond the first and last.

    x, y: (batch, height, width, channels). w: kernel_size numbers, the only weights. Height and width may be open.
    `kernel_size` None takes the paper's: the odd number near (log2(channels) + beta) / gamma.

    Source: Wang et al. 2020, ECA-Net: Efficient Channel Attention for Deep CNNs, equations 9 to 12.
    """

    def __init__(  # noqa: PLR0913 - options of a Keras layer
        self,
        kernel_size: int | None = None,
        *,
        gamma: float = 2.0,
        beta: float = 1.0,
        gate: str = "sigmoid",
        use_bias: bool = False,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size, self.gamma, self.beta, self.gate = kernel_size, gamma, beta, gate
        take_kernel_options(self, use_bias=use_bias, initializer=kernel_initializer, regularizer=kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        """Raises ValueError for options that make no sense, or not for this shape."""
        channels = channels_of(self, input_shape)
        one_of(self, "gate", GATES)
        self.convolve = convolution(self, "convolve", inputs=1, outputs=1, kernel_size=(1, self._size(channels)))
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={-1: channels})

    def _size(self, channels: int) -> int:
        if self.kernel_size is not None:
            odd(self, "kernel_size")
            return self.kernel_size
        positive(self, "gamma", "beta")
        return adaptive_kernel_size(channels, self.gamma, self.beta)

    def call(self, x: Any) -> Any:
        """Scale the map."""
        channels = x.shape[-1]
        row = ops.reshape(ops.mean(x, axis=(1, 2)), (-1, 1, channels, 1))  # the channels as a width
        gate = ops.reshape(self.convolve(row), (-1, 1, 1, channels))
        return x * GATES[self.gate](gate)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """As it came."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The options."""
        own = {"kernel_size": self.kernel_size, "gamma": self.gamma, "beta": self.beta, "gate": self.gate}
        return {**super().get_config(), **own, **kernel_config(self)}
