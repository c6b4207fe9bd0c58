"""Whole public networks: the interpreter gives the bytes of the LiteRT reference kernels, and quickly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from firmware_export import interpreter
from firmware_export.passes import strip_edges
from firmware_export.tflite_reader import read_tflite
from tests.single_op import litert_reference

PUBLIC = Path(__file__).parents[3] / "shared" / "models"
NETWORKS = (
    "mlperf_tiny/ad01_int8",
    "mlperf_tiny/kws_ref_model",
    "mlperf_tiny/pretrainedResnet_quant",
    "mlperf_tiny/vww_96_int8",
    "se/se_small_int8",
    "se/se_small_ap_int8",
    "se/se_small_feat_int8",
)


@pytest.mark.timeout(60)  # seconds a network at most: the interpreter is what passes are checked with
@pytest.mark.parametrize("network", NETWORKS)
def test_a_public_network_gives_the_bytes_of_the_reference(network):
    path = PUBLIC / f"{network}.tflite"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    model = path.read_bytes()
    graph = strip_edges(read_tflite(model, name="network"))
    rng = np.random.default_rng(7)
    (shape,) = (tensor.shape for tensor in graph.of(graph.inputs))
    inputs = [rng.integers(-128, 128, shape).astype(np.int8) for _ in range(3)]
    for x in (*inputs, np.full(shape, -128, np.int8), np.full(shape, 127, np.int8)):
        (ours,), (reference,) = interpreter.run(graph, [x]), litert_reference(model, [x])
        assert ours.tobytes() == reference.tobytes()
