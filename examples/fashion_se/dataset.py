"""Fashion-MNIST as arrays: from the Debian package dataset-fashion-mnist where it is installed, else through Keras."""

import gzip
from enum import Enum
from pathlib import Path

import numpy as np

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
IMAGE_HEADER_BYTES = 16  # magic, count, height, width: four big-endian uint32
LABEL_HEADER_BYTES = 8  # magic, count
SIDE = 28
CLASSES = 10


class Split(Enum):
    """The two parts of the published data set; the value is the prefix of its file names."""

    TRAIN = "train"
    TEST = "t10k"


def load(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return the images, float32 (N, 28, 28, 1) in 0..1, and the labels, uint8 (N,) in 0..9."""
    pixels, labels = read_debian(split) if DEBIAN_FOLDER.is_dir() else download(split)
    images = pixels.reshape(-1, SIDE, SIDE, 1).astype(np.float32) / np.float32(255)
    return images, labels


def pick_balanced(labels: np.ndarray, *, per_class: int, seed: int) -> np.ndarray:
    """Return the sorted indices of per_class samples of every class, drawn without replacement."""
    generator = np.random.default_rng(seed)
    picked = [generator.choice(np.flatnonzero(labels == label), per_class, replace=False) for label in range(CLASSES)]
    return np.sort(np.concatenate(picked))


def read_debian(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Read the uint8 pixels and labels of the Debian package; the format is IDX, compressed with gzip."""
    pixels = read_idx(DEBIAN_FOLDER / f"{split.value}-images-idx3-ubyte.gz", IMAGE_HEADER_BYTES)
    labels = read_idx(DEBIAN_FOLDER / f"{split.value}-labels-idx1-ubyte.gz", LABEL_HEADER_BYTES)
    return pixels, labels


def read_idx(path: Path, header_bytes: int) -> np.ndarray:
    """Return the uint8 values of an IDX file as one flat array."""
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header_bytes)


def download(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Fetch the uint8 pixels and labels with Keras, which keeps them in ~/.keras/datasets."""
    import keras

    train, test = keras.datasets.fashion_mnist.load_data()
    return train if split is Split.TRAIN else test
