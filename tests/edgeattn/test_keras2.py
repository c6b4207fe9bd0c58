"""Keras 2 files: what is rewritten, that Keras 3 then takes it, and that it computes what Keras 2 computed."""

from __future__ import annotations

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest

from edgeattn.errors import LoadError
from edgeattn.keras2 import DROPPED, GONE, HARD_SIGMOID, RENAMED_CLASSES, upgrade
from edgeattn.runners import run_float

LEAST = {  # the keys without which a layer cannot be made
    "DepthwiseConv1D": {"kernel_size": 3},
    "DepthwiseConv2D": {"kernel_size": 3},
    **{name: {"filters": 2, "kernel_size": 3} for name in ("SeparableConv1D", "SeparableConv2D")},
    **{f"Conv{rank}DTranspose": {"filters": 2, "kernel_size": 3} for rank in (1, 2, 3)},
    **{name: {"units": 2} for name in ("LSTM", "GRU", "SimpleRNN", "Dense")},
    "MultiHeadAttention": {"num_heads": 1, "key_dim": 2},
    "InputLayer": {"batch_input_shape": [None, 3]},
    "Embedding": {"input_dim": 3, "output_dim": 2},
}
NEED_INNER_LAYERS = ("RNN", "Bidirectional")
OTHERS = (
    ("BatchNormalization", {"axis": [3]}),
    ("BatchNormalization", {"axis": {"class_name": "ListWrapper", "items": [3]}}),
    ("LeakyReLU", {"alpha": 0.1}),
    ("LeakyReLU", {"alpha": {"class_name": "__numpy__", "value": 0.1}}),
    ("Dense", {"units": 2, "batch_input_shape": [None, 3]}),
    ("Dense", {"units": 2, "activation": "softmax_v2"}),
    ("Dense", {"units": 2, "activation": "hard_sigmoid"}),
    ("Dense", {"units": 2, "dtype": {"class_name": "Policy", "config": {"name": "float32"}}}),
    ("Dense", {"units": 2, "kernel_initializer": {"class_name": "Zeros", "config": {"dtype": "float32"}}}),
    *((name, {} if "Norm" in name else {"units": 2}) for name in RENAMED_CLASSES),
)
BUILD = """
import json, sys, keras
from edgeattn.keras2 import register
register()
failed = []
for node in json.load(sys.stdin):
    try:
        getattr(keras.layers, node["class_name"]).from_config(node["config"])
    except Exception as error:
        failed.append(f"{node}: {error}")
print(json.dumps(failed))
"""


def node(kind: str, **config) -> dict:
    return {"class_name": kind, "config": {"name": "old", **config}}


def rows() -> list[dict]:
    nodes = [node(kind, **config) for kind, config in OTHERS]
    for row in DROPPED:
        value = row.harmless[0] if row.harmless else 1
        for kind in row.classes or ("Dense",):
            if kind not in NEED_INNER_LAYERS:
                nodes.append(node(kind, **LEAST.get(kind, {}), **{row.key: value}))
    return nodes


def test_keras_3_takes_every_row_of_the_tables_once_upgraded():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BUILD],
        input=json.dumps([upgrade(node) for node in rows()]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [], done.stderr[-500:]


@pytest.mark.parametrize("row", [row for row in DROPPED if row.harmless], ids=lambda row: row.key)
def test_a_value_that_changes_the_result_is_refused_and_not_dropped(row):
    kind = row.classes[0] if row.classes else "Dense"
    with pytest.raises(LoadError, match=rf"'old' \({kind}\) has {row.key}=7"):
        upgrade(node(kind, **{row.key: 7}))


@pytest.mark.parametrize("kind", GONE)
def test_layers_without_an_equal_are_named_with_a_way_out(kind):
    with pytest.raises(LoadError, match=rf"'old' .*{kind}.*SavedModel"):
        upgrade({"class_name": "Functional", "config": {"layers": [node(kind)]}})


def test_a_sequential_without_an_input_layer_gets_one():
    first = node("Dense", units=2, batch_input_shape=[None, 3])
    for inner in ([first], {"name": "net", "layers": [first]}):
        upgraded = upgrade({"class_name": "Sequential", "config": inner})["config"]
        layers = upgraded["layers"] if isinstance(upgraded, dict) else upgraded
        assert [layer["class_name"] for layer in layers] == ["InputLayer", "Dense"]
        assert layers[0]["config"]["batch_shape"] == [None, 3]
        assert "batch_input_shape" not in layers[1]["config"]


def test_nested_models_are_upgraded_too_and_the_config_given_is_left_alone():
    config = node("Functional", layers=[node("TimeDistributed", layer=node("DepthwiseConv2D", groups=1))])
    before = json.dumps(config)
    assert "groups" not in json.dumps(upgrade(config))
    assert json.dumps(config) == before


def test_hard_sigmoid_keeps_its_old_meaning_by_another_name():
    assert upgrade(node("Dense", recurrent_activation="hard_sigmoid"))["config"]["recurrent_activation"] == HARD_SIGMOID


def as_keras_2(path) -> None:
    """Rewrite a Keras 3 .h5 file as Keras 2.4 would have written it."""
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        for layer in config["config"]["layers"]:
            inner = layer["config"]
            inner["dtype"] = "float32"
            for key in ("depthwise_initializer", "beta_initializer", "gamma_initializer"):
                if key in inner:
                    inner[key] = {"class_name": inner[key]["class_name"], "config": {"dtype": "float32"}}
            match layer["class_name"]:
                case "InputLayer":
                    inner["batch_input_shape"] = inner.pop("batch_shape")
                    inner.pop("optional")
                case "DepthwiseConv2D":
                    inner |= {"groups": 1, "kernel_initializer": None}
                case "BatchNormalization":
                    inner["axis"] = [3]
                    inner.pop("synchronized")
                    inner.pop("renorm", None)
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.4.0"


def test_a_keras_2_file_computes_what_it_always_did(made, tmp_path):
    path = tmp_path / "old_gate.h5"
    path.write_bytes((made / "old_gate.h5").read_bytes())
    as_keras_2(path)
    images = np.random.default_rng(0).normal(0, 9, (20, 6, 6, 2)).astype(np.float32)
    pooled, gate = run_float(path, [images])
    assert pooled.std() > 0.3
    assert gate == pytest.approx(np.clip(0.2 * pooled + 0.5, 0, 1), abs=1e-6)
    assert not np.allclose(gate, np.clip(pooled / 6 + 0.5, 0, 1), atol=1e-3)  # what Keras 3 understands by the name


LOAD = """
import sys
from pathlib import Path
from edgeattn.models import load_model
for name in sys.argv[1:]:
    model = load_model(Path(name))
    print(model.input_shape, model.count_params())
"""


def test_public_keras_2_files_load_with_a_batch_of_one(public):
    paths = [public(f"mlperf_tiny/{name}.h5") for name in ("vww_96", "ad01")]
    command = [sys.executable, "-W", "ignore", "-c", LOAD, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["(1, 96, 96, 3) 221794", "(1, 640) 269992"]
