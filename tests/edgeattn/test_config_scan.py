"""Configs that could run code are refused, with the layer's and the class's name; honest ones pass."""

from __future__ import annotations

import base64
import marshal

import pytest

from edgeattn.config_scan import Lambdas, check_config
from edgeattn.errors import LoadError

BYTECODE = base64.b64encode(marshal.dumps((lambda x: x + 1).__code__)).decode()
DENSE = {"module": "keras.layers", "class_name": "Dense", "registered_name": None}


def layer(kind: str, name: str = "suspect", **config) -> dict:
    return {"class_name": kind, "config": {"name": name, **config}}


def model(*layers: dict) -> dict:
    return {"class_name": "Functional", "config": {"name": "net", "layers": list(layers)}}


LAMBDA_3 = {"class_name": "__lambda__", "config": {"code": BYTECODE, "defaults": None, "closure": None}}
LAMBDAS = {
    "Keras 2 .h5": layer("Lambda", function=[BYTECODE, None, None], function_type="lambda"),
    "Keras 3": {"module": "keras.layers", **layer("Lambda", function=LAMBDA_3), "registered_name": None},
    "function by name": layer("Lambda", function="steal", function_type="function", module="thief"),
    "under a package's name": layer("thief>Lambda"),
    "as an activation": {**DENSE, "config": {"name": "suspect", "activation": LAMBDA_3}},
    "as an initializer": {**DENSE, "config": {"name": "suspect", "kernel_initializer": LAMBDA_3}},
    "inside TimeDistributed": layer("TimeDistributed", layer=layer("Lambda")),
    "inside Bidirectional": layer("Bidirectional", layer=layer("RNN", cell=layer("Lambda"))),
    "bytecode under any key": layer("Dense", units=BYTECODE),
    "bytecode without its class": layer("Dense", function=[BYTECODE, None, None]),
}


@pytest.mark.parametrize("suspect", LAMBDAS.values(), ids=LAMBDAS)
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_python_code_is_refused_wherever_it_hides(suspect, depth):
    config = model(layer("Dense", "innocent"), suspect)
    for _ in range(depth):
        config = model(config)
    with pytest.raises(LoadError, match=r"layer 'suspect' .*Python code.*allow Lambda") as refused:
        check_config(config)
    assert "\n" not in str(refused.value)


def test_a_lambda_passes_where_the_user_asked_for_it():
    check_config(model(LAMBDAS["Keras 3"], LAMBDAS["Keras 2 .h5"]), Lambdas.RUN)


GET_FILE = {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"}
STRANGERS = {
    "another package's class": ({**DENSE, "module": "thief.layers"}, r"thief\.layers\.Dense"),
    "the standard library": ({**DENSE, "module": "os", "class_name": "system"}, r"os\.system"),
    "a registered name": ({**DENSE, "registered_name": "mine>Dense"}, "mine>Dense"),
    "a class without a module": ({**DENSE, "module": None, "class_name": "Mine"}, "Mine"),
    "a custom class of an .h5 file": ({"class_name": "mine>Layer"}, "mine>Layer"),
    "a Keras function that loads files": (
        {**DENSE, "config": {"name": "suspect", "activation": GET_FILE}},
        r"keras\.utils\.get_file",
    ),
    "a Keras loader": ({**DENSE, "module": "keras.saving", "class_name": "load_model"}, r"keras\.saving\.load_model"),
    "a loader inside the sources": ({**DENSE, "module": "keras.src.saving"}, r"keras\.src\.saving"),
    "a loader of weights": (
        {**DENSE, "module": "keras.src.applications.convnext", "class_name": "ConvNeXt"},
        r"convnext\.ConvNeXt",
    ),
    "another model on disk": ({**DENSE, "class_name": "TFSMLayer"}, "TFSMLayer, which loads another model"),
    "PyTorch's pickles": ({**DENSE, "class_name": "TorchModuleWrapper"}, "unpickles"),
    "a vocabulary on disk": ({"class_name": "StringLookup"}, "reads a vocabulary"),
    "a dotted name": ({**DENSE, "class_name": "os.system"}, r"os\.system"),
    "a name that is no text": ({**DENSE, "class_name": ["Dense"]}, "damaged"),
}


@pytest.mark.parametrize(("node", "words"), STRANGERS.values(), ids=STRANGERS)
def test_classes_from_elsewhere_are_refused_by_name(node, words):
    with pytest.raises(LoadError, match=words) as refused:
        check_config(model({"config": {"name": "suspect"}, **node}))
    assert "layer 'suspect'" in str(refused.value)


@pytest.mark.parametrize("lambdas", Lambdas)
def test_allowing_lambdas_allows_no_strangers(lambdas):
    with pytest.raises(LoadError, match="thief"):
        check_config(model({**DENSE, "module": "thief", "config": {"name": "suspect"}}), lambdas)


HONEST = (
    layer("Conv2D", activation="relu", kernel_initializer={"class_name": "HeNormal", "config": {"seed": None}}),
    {**DENSE, "config": {"name": "dense", "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {}}}},
    {"module": "keras.src.ops.numpy", "class_name": "Mean", "config": {"name": "m"}, "registered_name": "Mean"},
    {"module": "edgeattn.layers.eca", "class_name": "ECA", "config": {}, "registered_name": "edgeattn>ECA"},
    layer("edgeattn>SqueezeExcite"),
    {"module": "keras.src.applications.convnext", "class_name": "LayerScale", "registered_name": "LayerScale"},
    {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"},
    {"class_name": "__keras_tensor__", "config": {"shape": [None, 3], "keras_history": ["dense", 0, 0]}},
)


@pytest.mark.parametrize("node", HONEST, ids=lambda node: node["class_name"])
def test_keras_own_and_edgeattn_s_classes_pass(node):
    check_config(model(node))
