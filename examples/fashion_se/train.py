"""Train a small MobileNet with squeeze-and-excitation in every block on Fashion-MNIST and save it as fashion_se.h5.

Beside the model it writes <model>.calibration.npz (training images, for quantisation) and <model>.validation.npz (test
images with labels, for a quick check on a board). The checkpoint is chosen on images held out of the training set;
the test set is only measured, once, at the end.
"""

from pathlib import Path
from typing import NamedTuple

import click
import keras
import numpy as np
import tensorflow as tf
from dataset import CLASSES, SIDE, Split, load, pick_balanced
from keras import layers

SEED = 20
HELD_OUT = 5000
BATCH = 128
PEAK_LEARNING_RATE = 4e-3
SHIFT_PIXELS = 1
CALIBRATION_PER_CLASS = 15
VALIDATION_PER_CLASS = 20


class Block(NamedTuple):
    """A depthwise separable block; it has a residual where it keeps both resolution and channels."""

    name: str
    filters: int
    stride: int
    squeezed: int  # channels in the middle of the squeeze-and-excitation


STEM_FILTERS = 16
BLOCKS = (
    Block("block1", filters=32, stride=1, squeezed=8),  # 14 x 14
    Block("block2", filters=32, stride=1, squeezed=8),
    Block("block3", filters=64, stride=2, squeezed=8),  # 7 x 7 from here
    Block("block4", filters=64, stride=1, squeezed=16),
    Block("block5", filters=64, stride=1, squeezed=16),
)


def build_model() -> keras.Model:
    """Return the untrained network: float images (None, 28, 28, 1) in 0..1 to ten class probabilities."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Conv2D(STEM_FILTERS, 3, strides=2, padding="same", use_bias=False, name="stem")(image)
    x = layers.BatchNormalization(name="stem_norm")(x)
    x = layers.ReLU(name="stem_relu")(x)
    for block in BLOCKS:
        x = separable_block(x, block)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(CLASSES, activation="softmax", name="classes")(x)
    return keras.Model(image, x, name="fashion_se")


def separable_block(x: keras.KerasTensor, block: Block) -> keras.KerasTensor:
    """Append depthwise -> squeeze-and-excitation -> pointwise, and a residual where the shapes allow it."""
    name, shortcut = block.name, x
    x = layers.DepthwiseConv2D(3, block.stride, padding="same", use_bias=False, name=f"{name}_depthwise")(x)
    x = layers.BatchNormalization(name=f"{name}_depthwise_norm")(x)
    x = layers.ReLU(name=f"{name}_depthwise_relu")(x)
    x = squeeze_and_excite(x, block)
    x = layers.Conv2D(block.filters, 1, use_bias=False, name=f"{name}_pointwise")(x)
    x = layers.BatchNormalization(name=f"{name}_pointwise_norm")(x)
    if x.shape == shortcut.shape:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.ReLU(name=f"{name}_relu")(x)


def squeeze_and_excite(x: keras.KerasTensor, block: Block) -> keras.KerasTensor:
    """Scale every channel by a gate in 0..1 computed from the means of all channels.

    Source: Hu et al. 2018, Squeeze-and-Excitation Networks, section 3.
    """
    name, channels = block.name, x.shape[-1]
    gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
    gate = layers.Dense(block.squeezed, activation="relu", name=f"{name}_reduce")(gate)
    gate = layers.Dense(channels, activation="sigmoid", name=f"{name}_excite")(gate)
    return layers.Multiply(name=f"{name}_scale")([x, gate])


def augment(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mirror each image of a batch at random and shift the batch by up to SHIFT_PIXELS."""
    border = [[0, 0], [SHIFT_PIXELS, SHIFT_PIXELS], [SHIFT_PIXELS, SHIFT_PIXELS], [0, 0]]
    mirrored = tf.image.random_flip_left_right(images)
    return tf.image.random_crop(tf.pad(mirrored, border), tf.shape(images)), labels


def train(model: keras.Model, images: np.ndarray, labels: np.ndarray, epochs: int) -> None:
    """Fit the model in place and leave it at the epoch that did best on the last HELD_OUT images."""
    training = (images[:-HELD_OUT], labels[:-HELD_OUT])
    held_out = (images[-HELD_OUT:], labels[-HELD_OUT:])
    batches = tf.data.Dataset.from_tensor_slices(training).shuffle(len(images), seed=SEED).batch(BATCH)
    schedule = keras.optimizers.schedules.CosineDecay(PEAK_LEARNING_RATE, epochs * len(batches))
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-3)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    best = keras.callbacks.EarlyStopping("val_accuracy", mode="max", patience=epochs, restore_best_weights=True)
    augmented = batches.map(augment).prefetch(2)  # shuffled above, afresh every epoch
    model.fit(augmented, epochs=epochs, validation_data=held_out, callbacks=[best], shuffle=False, verbose=2)


def save_samples(output: Path, train_set: tuple[np.ndarray, ...], test_set: tuple[np.ndarray, ...]) -> None:
    """Write <output>.calibration.npz and <output>.validation.npz, balanced over the classes; images are m_inputs_1."""
    calibration = pick_balanced(train_set[1], per_class=CALIBRATION_PER_CLASS, seed=SEED)
    validation = pick_balanced(test_set[1], per_class=VALIDATION_PER_CLASS, seed=SEED)
    np.savez_compressed(output.with_suffix(".calibration.npz"), m_inputs_1=train_set[0][calibration])
    np.savez_compressed(
        output.with_suffix(".validation.npz"), m_inputs_1=test_set[0][validation], labels=test_set[1][validation]
    )


@click.command()
@click.option("--epochs", default=25, show_default=True, help="Passes over the training images.")
@click.option("--output", default=Path(__file__).with_name("fashion_se.h5"), type=click.Path(path_type=Path))
def main(epochs: int, output: Path) -> None:
    """Train the network and write OUTPUT with its calibration and validation samples beside it."""
    keras.utils.set_random_seed(SEED)
    train_set, test_set = load(Split.TRAIN), load(Split.TEST)
    model = build_model()
    train(model, *train_set, epochs)
    model.save(output, include_optimizer=False)
    save_samples(output, train_set, test_set)
    _, accuracy = model.evaluate(*test_set, batch_size=1000, verbose=0)
    click.echo(f"{output}: {model.count_params()} parameters, test accuracy {accuracy:.2%}")


if __name__ == "__main__":
    main()
