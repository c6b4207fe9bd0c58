"""Write small networks of keras.applications with random weights: python -m tests.end_to_end.make_applications DIR."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

CLASSES = 10
SAMPLES = 16
NETWORKS: dict[str, Callable[[Any], Any]] = {
    "mobilenet_v3_small": lambda applications: applications.MobileNetV3Small(
        input_shape=(64, 64, 3), alpha=0.25, minimalistic=False, weights=None, classes=CLASSES
    ),
    "mobilenet_v2": lambda applications: applications.MobileNetV2(
        input_shape=(32, 32, 3), alpha=0.35, weights=None, classes=CLASSES
    ),
    "efficientnet_b0": lambda applications: applications.EfficientNetB0(
        input_shape=(32, 32, 3), weights=None, classes=CLASSES
    ),
}


def make(name: str, folder: Path) -> None:
    """Write <name>.keras as Keras makes it, and <name>_lively.keras with the samples to calibrate it.

    Without training, normalisation lets values vanish on their way; in the lively one it knows their real statistics.
    """
    import keras

    keras.utils.set_random_seed(0)
    model = NETWORKS[name](keras.applications)
    model.save(folder / f"{name}.keras")
    brightest = 255 if any(isinstance(layer, keras.layers.Rescaling) for layer in model.layers) else 1
    samples = np.random.default_rng(0).uniform(0, brightest, (SAMPLES, *model.input_shape[1:])).astype(np.float32)
    learn_statistics(model, samples)
    model.save(folder / f"{name}_lively.keras")
    np.savez(folder / f"{name}_lively.calibration.npz", images=samples)


def learn_statistics(model: Any, samples: Any) -> None:
    """Give every BatchNormalization the mean and variance of these samples."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # the last batch counts, the ones before do not
    model(samples, training=True)


if __name__ == "__main__":
    for network in NETWORKS:
        make(network, Path(sys.argv[1]))
