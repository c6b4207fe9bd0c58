"""Write the small models of the end-to-end tests into the folder given. A process of its own: imports TensorFlow."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import tensorflow as tf
from keras import layers

from tests.edgeattn.make_models import not_finite, one_at_a_time, squeeze_excite, with_lambda


def two_in_two_out() -> keras.Model:
    """The model's order of inputs and outputs is not the alphabet's."""
    zebra, ant = keras.Input((6, 6, 2), name="zebra"), keras.Input((3,), name="ant")
    x = layers.Conv2D(4, 3, activation="relu", name="stem")(zebra)
    gate = layers.Reshape((1, 1, 4), name="as_channels")(layers.Dense(4, activation="sigmoid", name="gate")(ant))
    scaled = layers.Multiply(name="scale")([x, gate])
    wide = layers.Dense(5, name="wide")(layers.GlobalAveragePooling2D(name="pool")(scaled))
    return keras.Model([zebra, ant], [wide, layers.Dense(2, name="big")(ant)], name="two")


def branching() -> keras.Model:
    """Its op has no kernel on the device."""
    image = keras.Input((4, 4, 2), name="image")
    return keras.Model(image, layers.Activation("selu", name="upward")(image), name="decoder")


def ends_in_product() -> keras.Model:
    """Two outputs; conversion renames both, and the dropout behind the second computes nothing."""
    image = keras.Input((4, 4, 2), name="image")
    x = layers.Conv2D(4, 3, name="stem")(image)
    product = layers.Dropout(0.5, name="nothing")(keras.ops.prod(x, axis=-1))
    return keras.Model(image, [layers.Dense(3, name="fine")(x), product], name="product")


def recurrent() -> keras.Model:
    series = keras.Input((5, 3), name="series")
    return keras.Model(series, layers.Dense(2, name="head")(layers.GRU(4, name="memory")(series)), name="speech")


def instead_of_recurrent() -> keras.Model:
    """What the refusals of recurrent layers advise."""
    series = keras.Input((9, 3), name="series")
    x = layers.Conv1D(8, 3, activation="relu", name="over_time")(series)
    x = layers.Add(name="skip")([x, layers.Dense(8, name="wide")(x)])
    x = layers.GlobalAveragePooling1D(name="pool")(layers.BatchNormalization(name="normed")(x))
    return keras.Model(series, layers.Dense(2, name="head")(x), name="speech")


ACTIVATIONS = """
    gelu leaky_relu exponential softplus silu hard_sigmoid hard_silu mish celu log_sigmoid squareplus tanh_shrink
    hard_tanh sigmoid tanh relu6 softmax
"""


def functions() -> keras.Model:
    """What Keras has of activations and normalisations, each on its own output, and behind a layer of its own."""
    series = keras.Input((6, 5), name="series")
    last = [
        *(layers.Activation(name, name=f"an_{name}") for name in ACTIVATIONS.split()),
        *(layers.LayerNormalization(name="layer_norm"), layers.RMSNormalization(name="rms_norm")),
        *(layers.GroupNormalization(groups=2, name="group_norm"), layers.BatchNormalization(name="batch_norm")),
        *(layers.PReLU(name="slopes"), layers.PReLU(shared_axes=[1], name="shared"), layers.ReLU(1.0, name="to_one")),
        *(keras.ops.sin, keras.ops.absolute, keras.ops.square, lambda x: keras.ops.sum(x, axis=1)),
        layers.UnitNormalization(name="unit_norm"),
    ]
    wide = [layers.Dense(8, name=f"wide_{index}")(series) for index in range(len(last))]
    return keras.Model(series, [layer(x) for layer, x in zip(last, wide, strict=True)], name="all")


def moving() -> keras.Model:
    """Layers that move bytes: turned, repeated, cut, mixed, and a softmax over rows, which turns its input twice."""
    image = keras.Input((8, 8, 4), name="image")
    x = layers.Conv2D(4, 3, padding="same", name="stem")(image)
    x = layers.Reshape((8, 8, 4), name="joined")(layers.Permute((1, 2, 4, 3), name="mixed")(_pairs(x)))
    x = layers.Cropping2D(((1, 0), (2, 3)), name="cut")(layers.UpSampling2D(2, name="larger")(x))
    weights = layers.Softmax(axis=1, name="over_rows")(x)
    turned = layers.Permute((3, 1, 2), name="turned")(layers.Multiply(name="weigh")([x, weights]))
    series = layers.UpSampling1D(2, name="longer")(layers.Reshape((4, -1), name="series")(turned))
    return keras.Model(image, [series, layers.RepeatVector(3, name="again")(layers.Flatten(name="flat")(weights))])


def _pairs(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Reshape((8, 8, 2, 2), name="pairs")(x)


def open_attention() -> bytes:
    """int8 with the batch left open: every shape is computed as the network runs, and the file knows few of them."""
    series = keras.Input((6, 8), name="series")
    x = layers.MultiHeadAttention(2, 4, name="attention")(*[layers.Dense(8, name="embed")(series)] * 2)
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(series, layers.Dense(4, name="head")(x)))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([tf.random.normal((1, 6, 8))] for _ in range(4))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


OF_SERIES = {
    "plain": layers.Conv1D(6, 3, padding="same"),
    "causal": layers.Conv1D(6, 3, padding="causal"),
    "strided": layers.Conv1D(6, 3, strides=2),
    "dilated": layers.Conv1D(6, 3, dilation_rate=2, padding="same"),
    "causal_dilated": layers.Conv1D(6, 3, dilation_rate=2, padding="causal"),
    "grouped": layers.Conv1D(6, 3, groups=2),
    "depthwise": layers.DepthwiseConv1D(3, padding="same"),
    "separable": layers.SeparableConv1D(5, 3),
    "spread": layers.Conv1DTranspose(5, 3, strides=2),
    "dense": layers.Dense(5),
    "einsum": layers.EinsumDense("abc,cd->abd", output_shape=(8, 5), bias_axes="d"),
}
OF_IMAGES = {
    "dilated": layers.Conv2D(5, 3, dilation_rate=2, padding="same"),
    "grouped": layers.Conv2D(6, 3, groups=2),
    "grouped_dilated": layers.Conv2D(6, 3, groups=2, dilation_rate=2),
    "depthwise_dilated": layers.DepthwiseConv2D(3, dilation_rate=3, padding="same"),
    "separable": layers.SeparableConv2D(5, 3),
    "spread": layers.Conv2DTranspose(5, 3, strides=2, padding="same", activation="relu"),
    "spread_wide": layers.Conv2DTranspose(5, 3, strides=(1, 3), padding="valid", use_bias=False),
    "spread_more": layers.Conv2DTranspose(3, 3, strides=2, output_padding=1),
    "between": layers.UpSampling2D(2, interpolation="bilinear"),
    "smaller": layers.Resizing(5, 4),
}
OF_PAIRS = {
    "dot": layers.Dot(axes=(2, 2)),
    "product": lambda pair: keras.ops.matmul(keras.ops.transpose(pair[0], (0, 2, 1)), pair[1]),
    "formula": lambda pair: keras.ops.einsum("bik,bjk->bij", *pair),
    "attention": layers.Attention(),
    "scaled": layers.Attention(use_scale=True),
    "heads": lambda pair: layers.MultiHeadAttention(2, 4, name="heads")(*pair),
    "grouped_heads": lambda pair: layers.GroupQueryAttention(4, 4, 2, name="grouped_heads")(*pair),
}


def shapes() -> keras.Model:
    """What Keras has of convolutions, resizes, products and attention, each on its own output."""
    image, series = keras.Input((6, 7, 4), name="image"), keras.Input((8, 4), name="series")
    pair = [layers.Dense(4, name=f"side_{index}")(series) for index in range(2)]
    results = [
        *(layer(series) for layer in OF_SERIES.values()),
        *(layer(image) for layer in OF_IMAGES.values()),
        *(layer(pair) for layer in OF_PAIRS.values()),
    ]
    return keras.Model([image, series], results, name="shapes")


def transformer() -> keras.Model:
    """An encoder's block over a series of fixed length."""
    series = keras.Input((8, 4), name="series")
    x = layers.Dense(8, name="embed")(series)
    heads = layers.MultiHeadAttention(2, 4, name="heads")(x, x)
    x = layers.LayerNormalization(name="first_norm")(layers.Add(name="first_skip")([x, heads]))
    wide = layers.Dense(8, name="narrow")(layers.Dense(16, activation="gelu", name="wide")(x))
    x = layers.LayerNormalization(name="second_norm")(layers.Add(name="second_skip")([x, wide]))
    return keras.Model(series, layers.Dense(3, name="head")(layers.GlobalAveragePooling1D(name="pool")(x)))


def main(folder: Path) -> None:
    keras.utils.set_random_seed(7)
    model = squeeze_excite()
    model.save(folder / "tiny.h5")
    model.save(folder / "tiny.keras")
    model.export(folder / "tiny_saved", verbose=False)
    (folder / "tiny_float.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(one_at_a_time(model)).convert())
    two_in_two_out().save(folder / "two.keras")
    branching().save(folder / "branching.keras")
    ends_in_product().save(folder / "product.keras")
    recurrent().save(folder / "recurrent.keras")
    functions().save(folder / "functions.keras")
    moving().save(folder / "moving.keras")
    (folder / "open_attention.tflite").write_bytes(open_attention())
    shapes().save(folder / "shapes.keras")
    transformer().save(folder / "transformer.keras")
    instead_of_recurrent().save(folder / "instead_of_recurrent.keras")
    with_lambda().save(folder / "lambda.keras")
    not_finite().save(folder / "nan.keras")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
