"""Dense and convolution inside of a layer, made by the options that every layer here has."""

from __future__ import annotations

from typing import Any

import keras


def take_kernel_options(layer: Any, *, use_bias: bool, initializer: Any, regularizer: Any) -> None:
    """Keep the options of all kernels of a layer under the names that Keras' own layers use."""
    layer.use_bias = use_bias
    layer.kernel_initializer = keras.initializers.get(initializer)
    layer.kernel_regularizer = keras.regularizers.get(regularizer)


def kernel_config(layer: Any) -> dict[str, Any]:
    """Those options, for `get_config`."""
    return {
        "use_bias": layer.use_bias,
        "kernel_initializer": keras.initializers.serialize(layer.kernel_initializer),
        "kernel_regularizer": keras.regularizers.serialize(layer.kernel_regularizer),
    }


def dense(layer: Any, name: str, *, inputs: int, outputs: int) -> Any:
    """A built Dense for vectors (batch, inputs)."""
    made = keras.layers.Dense(outputs, name=name, **_options(layer))
    made.build((None, inputs))
    return made


def convolution(  # noqa: PLR0913 - the size and the bias have defaults
    layer: Any,
    name: str,
    *,
    inputs: int,
    outputs: int,
    kernel_size: int | tuple[int, int] = 1,
    use_bias: bool | None = None,
) -> Any:
    """A built Conv2D that keeps height and width, for maps of so many inputs; its bias is as the layer's option."""
    options = _options(layer) if use_bias is None else {**_options(layer), "use_bias": use_bias}
    made = keras.layers.Conv2D(outputs, kernel_size, padding="same", data_format="channels_last", name=name, **options)
    made.build((None, None, None, inputs))
    return made


def _options(layer: Any) -> dict[str, Any]:
    initializer = layer.kernel_initializer
    if isinstance(initializer, keras.initializers.Initializer):
        initializer = initializer.clone()  # one instance gives every kernel the same numbers
    return {
        "use_bias": layer.use_bias,
        "kernel_initializer": initializer,
        "kernel_regularizer": layer.kernel_regularizer,
        "dtype": layer.dtype_policy,
    }
