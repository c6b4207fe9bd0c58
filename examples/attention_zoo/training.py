"""Train a network of the zoo as examples/fashion_se trains its own: the same data, schedule and held-out images."""

import sys
import zipfile
from pathlib import Path

import keras
import networks
import numpy as np
import tensorflow as tf

sys.path.append(str(Path(__file__).parents[1] / "fashion_se"))
from dataset import Split as Split
from dataset import load as load
from train import SEED, train


def train_network(name: str, images: np.ndarray, labels: np.ndarray, epochs: int) -> keras.Model:
    """Return a network of the zoo, trained; each starts from the same seed, whichever were trained before."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    trained = networks.build(name)
    train(trained, images, labels, epochs)
    model = networks.build(name)  # without the optimizer's state, which would be two thirds of the file
    model.set_weights(trained.get_weights())
    return model


def save_compressed(model: keras.Model, path: Path) -> None:
    """Write a .keras, which Keras leaves uncompressed, at a quarter of its size."""
    whole = path.with_suffix(".whole.keras")
    model.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            target.writestr(member, source.read(member), zipfile.ZIP_DEFLATED, 9)
    whole.unlink()
