"""Saved networks with our layers load without custom_objects, through Keras, through edgeattn and in its child."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from edgeattn.calibration import SampleRequest  # noqa: E402
from edgeattn.errors import LoadError  # noqa: E402
from edgeattn.models import Layer, inspect_model, load_model  # noqa: E402
from edgeattn.quantise import prepare  # noqa: E402
from tests.edgeattn.layers.cases import CASES, SHAPE, Case, network  # noqa: E402

pytestmark = pytest.mark.filterwarnings(  # of Keras with NumPy 2, and its advice against .h5
    "ignore:__array__ implementation:DeprecationWarning", "ignore:You are saving your model as an HDF5 file"
)

LAYERS = sorted({case.layer for case in CASES})
PLAIN = tuple(Case(layer) for layer in LAYERS)
ENDINGS = (".keras", ".h5")


def images(count: int = 2) -> np.ndarray:
    return np.random.default_rng(3).normal(0, 1, (count, *SHAPE[:2], 3)).astype(np.float32)


@pytest.fixture(scope="module")
def everything():
    """One network with every layer, one after the other."""
    keras.utils.set_random_seed(7)
    image = keras.Input((*SHAPE[:2], 3), name="image")
    x = keras.layers.Conv2D(SHAPE[2], 3, padding="same", activation="relu", name="stem")(image)
    for case in PLAIN:
        x = network(case).get_layer("attention").__class__(name=f"its_{case.layer.lower()}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, keras.layers.Dense(3, name="classes")(x), name="everything")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_saved_network_computes_the_same(tmp_path, case, ending):
    model = network(case)
    path = tmp_path / f"net{ending}"
    model.save(path)
    x = np.random.default_rng(3).normal(0, 1, (2, *case.shape[:2], 3)).astype(np.float32)
    again = keras.models.load_model(path)
    assert again.get_layer("attention").get_config() == model.get_layer("attention").get_config()
    np.testing.assert_allclose(np.asarray(again(x)), np.asarray(model(x)), atol=1e-6)


@pytest.mark.parametrize("ending", ENDINGS)
def test_edgeattn_loads_every_layer(tmp_path, everything, ending):
    path = tmp_path / f"net{ending}"
    everything.save(path)
    frozen = load_model(path)
    assert [tuple(tensor.shape) for tensor in frozen.inputs] == [(1, *SHAPE[:2], 3)]
    x = images(1)
    found = frozen([x])
    np.testing.assert_allclose(np.asarray(found), np.asarray(everything(x)), atol=1e-6)


FRESH = """
import sys
import edgeattn
assert not {"tensorflow", "keras"} & set(sys.modules), "edgeattn imports TensorFlow"
import edgeattn.layers
import keras
print(keras.models.load_model(sys.argv[1]).count_params())
"""


def test_one_import_registers_them_all_and_edgeattn_alone_imports_no_tensorflow(tmp_path, everything):
    everything.save(tmp_path / "net.keras")
    done = subprocess.run(
        [sys.executable, "-c", FRESH, tmp_path / "net.keras"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) == everything.count_params()


def test_the_child_that_quantises_knows_them(tmp_path, everything):
    everything.save(tmp_path / "net.keras")
    np.savez(tmp_path / "net.calibration.npz", image=images(8))
    prepared = prepare(tmp_path / "net.keras", validation=SampleRequest(limit=4))
    assert {Layer(f"its_{name.lower()}", name) for name in LAYERS} <= set(prepared.model.layers)
    np.testing.assert_allclose(prepared.float_outputs[0], np.asarray(everything(images(8)[:4])), atol=1e-4)


def test_a_file_with_options_that_make_no_sense_cannot_be_loaded(tmp_path):
    model = network(Case("SqueezeExcite"))
    model.get_layer("attention").ratio = 3
    model.save(tmp_path / "odd.keras")
    with pytest.raises(LoadError) as refused:
        inspect_model(tmp_path / "odd.keras")
    assert "layer 'attention' (SqueezeExcite) has ratio=3, which does not" in str(refused.value)
    assert str(refused.value).endswith("take one of 1, 2, 4, 8")
    assert refused.value.exit_code == 3
