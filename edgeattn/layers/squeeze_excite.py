"""Squeeze-and-excitation: every channel scaled by a gate that all channels decide."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from edgeattn.layers.checks import Shape, channels_of, divided, one_of, positive
from edgeattn.layers.gates import ACTIVATIONS, GATES
from edgeattn.layers.kernels import convolution, dense, kernel_config, take_kernel_options

SQUEEZES = {"mean": ops.mean, "max": ops.max}
PROJECTIONS = {"dense": dense, "convolution": convolution}


@keras.saving.register_keras_serializable(package="edgeattn")
class SqueezeExcite(keras.layers.Layer):  # type: ignore[misc]
    """y = x * gate(W2 activation(W1 squeeze(x) + b1) + b2), the squeeze being each channel's mean, or maximum.

    x, y: (batch, height, width, channels). W1: channels to channels / ratio; W2 back. Height and width may be open.
    `gate`: sigmoid, hard_sigmoid; softmax, in which all channels share 1; or scaled_softmax, which multiplies that by
    the channels and keeps more in int8. `clip` limits what the gate reads to -clip..clip: the few values beyond
    saturate a sigmoid anyway, and int8 spends no steps on them; 4 is usual.
    `projection`: "dense" is cheaper in int8; "convolution" (1x1) has weights as MobileNets store them.

    Source: Hu et al. 2018, Squeeze-and-Excitation Networks, section 3.
    """

    def __init__(  # noqa: PLR0913 - options of a Keras layer
        self,
        ratio: int = 4,
        *,
        squeeze: str = "mean",
        projection: str = "dense",
        activation: str = "relu",
        gate: str = "sigmoid",
        clip: float | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ratio, self.squeeze, self.projection = ratio, squeeze, projection
        self.activation, self.gate, self.clip = activation, gate, clip
        take_kernel_options(self, use_bias=use_bias, initializer=kernel_initializer, regularizer=kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        """Raises ValueError for options that make no sense, or not for this shape."""
        channels = channels_of(self, input_shape)
        one_of(self, "squeeze", SQUEEZES)
        one_of(self, "projection", PROJECTIONS)
        one_of(self, "activation", ACTIVATIONS)
        one_of(self, "gate", GATES)
        if self.clip is not None:
            positive(self, "clip")
        project, squeezed = PROJECTIONS[self.projection], divided(self, channels, "ratio")
        self.reduce = project(self, "reduce", inputs=channels, outputs=squeezed)
        self.expand = project(self, "expand", inputs=squeezed, outputs=channels)
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={-1: channels})

    def call(self, x: Any) -> Any:
        """Scale the map."""
        squeezed = SQUEEZES[self.squeeze](x, axis=(1, 2), keepdims=self.projection == "convolution")
        excited = self.expand(ACTIVATIONS[self.activation](self.reduce(squeezed)))
        if self.clip is not None:
            excited = ops.clip(excited, -self.clip, self.clip)
        gate = GATES[self.gate](excited)
        return x * ops.reshape(gate, (-1, 1, 1, x.shape[-1]))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """As it came."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The options."""
        own = {
            "ratio": self.ratio,
            "squeeze": self.squeeze,
            "projection": self.projection,
            "activation": self.activation,
            "gate": self.gate,
            "clip": self.clip,
        }
        return {**super().get_config(), **own, **kernel_config(self)}
