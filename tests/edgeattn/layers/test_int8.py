"""Every layer becomes static int8: fixed shapes, no float, few ops, close to the float network."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

from edgeattn.agreement import measure_outputs, worst_of
from edgeattn.config_scan import Lambdas
from edgeattn.converter import quantise_keras, run_keras
from edgeattn.frozen import load_frozen
from edgeattn.litert import Kernels, run
from edgeattn.models import kind_of
from edgeattn.runners import real, stored
from edgeattn.tflite_file import describe, float_ops
from tests.edgeattn.layers.cases import CASES, Case, network

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's converter warns of all it does

CONV, FC = "CONV_2D", "FULLY_CONNECTED"
GATED = Counter({CONV: 2, "LOGISTIC": 1, "MUL": 1})  # the network's own two convolutions, the gate, the scaling

# What each layer costs in its plain form. RESHAPE is free on the device.
OPS = {
    "SqueezeExcite": GATED + Counter({"MEAN": 1, FC: 2}),
    "EfficientChannelAttention": GATED + Counter({"MEAN": 1, CONV: 1}),
    "ChannelAttention": GATED + Counter({"MEAN": 1, "REDUCE_MAX": 1, FC: 3, "ADD": 1}),
    "SpatialAttention": GATED + Counter({"MEAN": 1, "REDUCE_MAX": 1, "CONCATENATION": 1, CONV: 1}),
    "CoordinateAttention": GATED + Counter({"MEAN": 2, CONV: 4, "HARD_SWISH": 2, "LOGISTIC": 1, "MUL": 1}),
    "GlobalContext": Counter({CONV: 3, "SOFTMAX": 1, "BATCH_MATMUL": 1, FC: 2, "ADD": 1}),
    "SelfAttention2D": Counter({CONV: 6, "BATCH_MATMUL": 2, "SOFTMAX": 1, "ADD": 1}),
    "DistanceSpatialAttention": Counter({CONV: 6, "BATCH_MATMUL": 2, "SOFTMAX": 1, "ADD": 2}),
}
OPS["CBAM"] = OPS["ChannelAttention"] + OPS["SpatialAttention"] - Counter({CONV: 2})
ALLOWED = {*(op for ops in OPS.values() for op in ops), "AVERAGE_POOL_2D", "TRANSPOSE", "MINIMUM", "MAXIMUM", "RESHAPE"}
ALLOWED |= {"REDUCE_MAX", "SUB", "EXP", "LOG"}  # of a scaled softmax
FEW_STEPS = ("softmax",)  # gates of 1/8, in steps of 1/256


def quantised(case: Case, folder: Path) -> tuple[bytes, float]:
    """The int8 network, and the cosine of its outputs to the float network's."""
    path = folder / "net.keras"
    network(case).save(path)
    frozen = load_frozen(path, kind_of(path), Lambdas.REFUSE)
    random = np.random.default_rng(5)
    samples = [random.normal(0, 1, (16, *case.shape[:2], 3)).astype(np.float32)]
    tflite = quantise_keras(frozen, samples, path.name)
    facts = describe(tflite, path.name)
    outputs = real(run(tflite, stored(samples, facts.inputs), Kernels.REFERENCE), facts.outputs)
    return tflite, worst_of(measure_outputs(run_keras(frozen, samples), outputs)).cos


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_layer_becomes_few_static_int8_ops_that_agree(case, tmp_path):
    tflite, cosine = quantised(case, tmp_path)
    kinds = Counter(kind for _, kind in describe(tflite, "net").ops)
    assert not float_ops(tflite)
    assert set(kinds) <= ALLOWED
    if not case.options:
        del kinds["RESHAPE"]
        assert kinds == OPS[case.layer]
    assert cosine > (0.99 if case.options.get("gate") in FEW_STEPS else 0.998)
