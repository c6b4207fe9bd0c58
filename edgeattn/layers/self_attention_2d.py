"""Self-attention over the positions of a feature map, with one or more heads."""

from __future__ import annotations

from typing import Any

import keras

from edgeattn.layers.checks import Shape, divided, divides_map, map_of, refusal, scores_fit, whole
from edgeattn.layers.dot_product import as_heads, as_map, attend, pooled
from edgeattn.layers.kernels import convolution, kernel_config, take_kernel_options


@keras.saving.register_keras_serializable(package="edgeattn")
class SelfAttention2D(keras.layers.Layer):  # type: ignore[misc]
    """y = x + Wo [heads of softmax(q k' / sqrt(d)) v] + bo; q = Wq x + bq, k = Wk p, v = Wv p + bv, p = pool(x).

    x, y: (batch, height, width, channels); height and width must be known. Wq, Wk, Wv: channels to channels / ratio,
    which the heads share evenly, d each; Wo back. k has no bias, to which softmax is blind. `pool_size` averages
    windows before keys and values: RAM and time of the scores, heads * positions * positions / pool_size^2 bytes, fall
    by its square, and the 256 steps of an int8 softmax are shared by fewer. `use_residual` False leaves out the x that
    is added.

    Source: Vaswani et al. 2017, Attention Is All You Need, section 3.2; over maps, and with halved channels: Wang et
    al. 2018, Non-local Neural Networks, section 3.
    """

    def __init__(  # noqa: PLR0913 - options of a Keras layer
        self,
        num_heads: int = 1,
        *,
        ratio: int = 2,
        pool_size: int = 1,
        use_residual: bool = True,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_heads, self.ratio, self.pool_size, self.use_residual = num_heads, ratio, pool_size, use_residual
        take_kernel_options(self, use_bias=use_bias, initializer=kernel_initializer, regularizer=kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        """Raises ValueError for options that make no sense, or not for this shape."""
        height, width, channels = map_of(self, input_shape)
        inner = divided(self, channels, "ratio")
        whole(self, "num_heads")
        if inner % self.num_heads:
            raise refusal(
                self,
                f"shares {inner} channels ({channels} / ratio {self.ratio}) among num_heads={self.num_heads}, unevenly",
                "take a num_heads that divides them, or another ratio",
            )
        divides_map(self, height, width, "pool_size")
        scores_fit(self, self.num_heads, height * width, height * width // self.pool_size**2)
        self.query = convolution(self, "query", inputs=channels, outputs=inner)
        self.key = convolution(self, "key", inputs=channels, outputs=inner, use_bias=False)
        self.value = convolution(self, "value", inputs=channels, outputs=inner)
        self.project = convolution(self, "project", inputs=inner, outputs=channels)
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={1: height, 2: width, 3: channels})

    def call(self, x: Any) -> Any:
        """Let every position look at all others."""
        _, height, width, channels = x.shape
        scale = (channels // self.ratio // self.num_heads) ** -0.5
        seen = pooled(x, self.pool_size)
        told = attend(
            as_heads(self.query(x) * scale, self.num_heads),  # the converter folds the scale into the kernel
            as_heads(self.key(seen), self.num_heads),
            as_heads(self.value(seen), self.num_heads),
        )
        projected = self.project(as_map(told, self.num_heads, height, width))
        return x + projected if self.use_residual else projected

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """As it came."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The options."""
        own = {
            "num_heads": self.num_heads,
            "ratio": self.ratio,
            "pool_size": self.pool_size,
            "use_residual": self.use_residual,
        }
        return {**super().get_config(), **own, **kernel_config(self)}
