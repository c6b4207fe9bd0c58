"""Global context: what the whole map shows, weighed by a softmax over its positions, told to every position."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from edgeattn.layers.checks import Shape, divided, map_of, one_of
from edgeattn.layers.gates import ACTIVATIONS, SQUASHES
from edgeattn.layers.kernels import convolution, dense, kernel_config, take_kernel_options

FUSIONS = ("residual", "scale")


@keras.saving.register_keras_serializable(package="edgeattn")
class GlobalContext(keras.layers.Layer):  # type: ignore[misc]
    """y = x + t, or x * gate(t); t = W2 activation(W1 c + b1) + b2; c = sum over j of softmax(w . x)_j x_j.

    x, y: (batch, height, width, channels), j a position; height and width must be known. w: channels to 1, without a
    bias, to which softmax is blind. W1: channels to channels / ratio; W2 back. `fusion`: "residual", or "scale" by
    `gate`.
    The paper normalises between W1 and the activation by layers, for which int8 has no op; that is left out.
    An int8 softmax counts in steps of 1/256: above some 200 positions most weights are one step or none, so place the
    layer where the map is small.

    Source: Cao et al. 2019, GCNet: Non-local Networks Meet Squeeze-Excitation Networks and Beyond, section 3.3.
    """

    def __init__(  # noqa: PLR0913 - options of a Keras layer
        self,
        ratio: int = 4,
        *,
        fusion: str = "residual",
        activation: str = "relu",
        gate: str = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ratio, self.fusion, self.activation, self.gate = ratio, fusion, activation, gate
        take_kernel_options(self, use_bias=use_bias, initializer=kernel_initializer, regularizer=kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        """Raises ValueError for options that make no sense, or not for this shape."""
        height, width, channels = map_of(self, input_shape)
        one_of(self, "fusion", FUSIONS)
        one_of(self, "activation", ACTIVATIONS)
        one_of(self, "gate", SQUASHES)
        squeezed = divided(self, channels, "ratio")
        self.weigh = convolution(self, "weigh", inputs=channels, outputs=1, use_bias=False)
        self.reduce = dense(self, "reduce", inputs=channels, outputs=squeezed)
        self.expand = dense(self, "expand", inputs=squeezed, outputs=channels)
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={1: height, 2: width, 3: channels})

    def call(self, x: Any) -> Any:
        """Tell the map what it shows as a whole."""
        _, height, width, channels = x.shape
        weights = ops.softmax(ops.reshape(self.weigh(x), (-1, 1, height * width)))
        # BATCH_MATMUL: its int32 sums lose nothing. SUM in int8 keeps the scale of what it adds up, and clips.
        context = ops.matmul(weights, ops.reshape(x, (-1, height * width, channels)))
        reduced = self.reduce(ops.reshape(context, (-1, channels)))
        told = ops.reshape(self.expand(ACTIVATIONS[self.activation](reduced)), (-1, 1, 1, channels))
        return x + told if self.fusion == "residual" else x * SQUASHES[self.gate](told)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """As it came."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The options."""
        own = {
            "ratio": self.ratio,
            "fusion": self.fusion,
            "activation": self.activation,
            "gate": self.gate,
        }
        return {**super().get_config(), **own, **kernel_config(self)}
