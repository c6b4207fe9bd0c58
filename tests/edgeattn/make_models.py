"""Write one small file of every kind into the folder given. A process of its own, as it imports TensorFlow."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import numpy as np
import tensorflow as tf
from keras import layers


def squeeze_excite() -> keras.Model:
    image = keras.Input((8, 8, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="stem")(image)
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = layers.BatchNormalization(name="norm")(x)
    gate = layers.GlobalAveragePooling2D(keepdims=True, name="squeeze")(x)
    gate = layers.Dense(4, activation="sigmoid", name="excite")(gate)
    x = layers.GlobalAveragePooling2D(name="pool")(layers.Multiply(name="scale")([x, gate]))
    return keras.Model(image, layers.Dense(5, name="classes")(x), name="se")


def several_ports() -> keras.Model:
    """Names and outputs whose alphabetical order is not the model's; output_10 sorts before output_2."""
    zebra, ant = keras.Input((4, 4, 2), name="zebra"), keras.Input((3,), name="ant")
    x = layers.Concatenate(name="join")([layers.Flatten(name="flat")(zebra), ant])
    outputs = [layers.Dense(units, name=f"out_{units}")(x) for units in (5, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13)]
    return keras.Model([zebra, ant], outputs, name="ports")


def with_lambda() -> keras.Model:
    """Runs what stands in EDGEATTN_TEST_CODE, as an attacker's Lambda would run the attacker's code."""
    source = keras.Input((4,), name="source")
    x = layers.Lambda(
        lambda x: (exec(__import__("os").environ.get("EDGEATTN_TEST_CODE", "")), x)[1],
        name="sneaky",
    )(source)
    return keras.Model(source, layers.Dense(2, name="dense")(x))


def old_gate() -> keras.Model:
    image = keras.Input((6, 6, 2), name="image")
    x = layers.DepthwiseConv2D(3, name="depthwise")(image)
    x = layers.GlobalAveragePooling2D(name="pool")(layers.BatchNormalization(name="norm")(x))
    return keras.Model(image, [x, layers.Activation("hard_sigmoid", name="gate")(x)])


def not_finite() -> keras.Model:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="exploded")])
    model.layers[0].set_weights([np.full((3, 2), np.nan, np.float32), np.zeros(2, np.float32)])
    return model


def recurrent() -> keras.Model:
    """Loops, in a layer of a layer of an inner model."""
    inner = keras.Sequential([keras.Input((5, 3)), layers.Bidirectional(layers.LSTM(4), name="reads_twice")])
    series = keras.Input((5, 3), name="series")
    return keras.Model(series, layers.Dense(2, name="head")(inner(series)), name="speech")


def left_in_float() -> keras.Model:
    """Layers that TensorFlow does not bring to int8 whole; a dropout, which computes nothing, comes after one."""
    image = keras.Input((4, 4, 2), name="image")
    x = layers.Conv2D(4, 3, name="stem")(image)
    outputs = [layers.Dense(3, name="fine")(x), layers.Dropout(0.5)(layers.ELU(name="last_elu")(x))]
    normed = layers.LayerNormalization(name="normed")(x)
    return keras.Model(image, [*outputs, layers.Flatten(name="flat")(normed)], name="floats")


def stream() -> keras.Model:
    """A recurrent layer that is given one time step at a time and remembers the rest."""
    frame = keras.Input(batch_shape=(1, 1, 8), name="frame")
    x = layers.GRU(6, stateful=True, unroll=True, name="memory")(frame)
    return keras.Model(frame, layers.Dense(3, name="head")(x), name="stream")


class Delay(layers.Layer):
    """The last frames, this one among them; it begins with ones."""

    def build(self, shape):
        self.line = self.add_weight(shape=(1, 3, shape[-1]), initializer="ones", trainable=False, name="line")

    def call(self, frame):
        frames = keras.ops.concatenate([self.line, frame], axis=1)
        self.line.assign(frames[:, 1:])
        return frames


def delay_line() -> keras.Model:
    """A convolution over frames that come one by one."""
    frame = keras.Input(batch_shape=(1, 1, 8), name="frame")
    x = layers.Conv1D(4, 4, activation="relu", name="over_time")(Delay(name="delay")(frame))
    return keras.Model(frame, layers.Dense(3, name="head")(layers.Flatten(name="flat")(x)), name="delay_line")


class Reader(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec((None, 3), tf.float32)])
    def read(self, x):
        return {"y": x + tf.cast(tf.strings.length(tf.io.read_file("/etc/hostname")), tf.float32)}


class Caller(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec((None, 3), tf.float32)])
    def call(self, x):
        @tf.function
        def inner(x):
            return tf.reshape(tf.py_function(lambda value: value, [x], tf.float32), tf.shape(x))

        return {"y": inner(x)}


class Saver(tf.Module):
    """An op that only TensorFlow's own saver may hold, reached from inference."""

    @tf.function(input_signature=[tf.TensorSpec((None, 3), tf.float32)])
    def call(self, x):
        tf.raw_ops.SaveV2(prefix="/tmp/edgeattn-test-never", tensor_names=["x"], shape_and_slices=[""], tensors=[x])
        return {"y": x * 2.0}


def main(folder: Path) -> None:
    keras.utils.set_random_seed(7)
    model = squeeze_excite()
    model.compile("adam", "mse")
    model.save(folder / "se.h5")
    model.save(folder / "se.keras")
    model.export(folder / "se_saved", verbose=False)
    (folder / "se_float.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(one_at_a_time(model)).convert())
    images = np.random.default_rng(3).uniform(0, 1, (6, 8, 8, 3)).astype(np.float32)
    np.savez(folder / "se_truth.npz", images=images, outputs=model.predict(images, verbose=0))
    model.save_weights(folder / "only.weights.h5")
    several_ports().save(folder / "ports.keras")
    with_lambda().save(folder / "lambda.h5")
    with_lambda().save(folder / "lambda.keras")
    old_gate().save(folder / "old_gate.h5")
    not_finite().save(folder / "nan.keras")
    stream().save(folder / "stream.keras")
    delay_line().export(folder / "delay_line_saved", verbose=False)
    recurrent().export(folder / "recurrent_saved", verbose=False)
    left_in_float().save(folder / "left_in_float.keras")
    open_size = keras.Sequential([keras.Input((None, None, 3), name="photo"), layers.Conv2D(2, 3)])
    open_size.save(folder / "open_size.keras")
    for name, module in {"reader": Reader(), "caller": Caller(), "saver": Saver()}.items():
        function = next(getattr(module, key) for key in ("read", "call") if hasattr(module, key))
        tf.saved_model.save(module, str(folder / name), signatures=function)


def one_at_a_time(model: keras.Model) -> keras.Model:
    image = keras.Input(batch_shape=(1, 8, 8, 3), name="image")
    return keras.Model(image, model(image))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
