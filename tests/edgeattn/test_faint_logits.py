"""A SOFTMAX whose logits LiteRT would not take gets a coarser scale of them; nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edgeattn.faint_logits import LEAST, widen_faint_logits
from tests.single_op import OpSpec, TensorSpec, litert_reference, model

FAINT = 7.8e-9  # of an untrained network
LOGITS = 2  # the number of the tensor that FULLY_CONNECTED writes


def classifier(scale: float, *, outputs: tuple[int, ...] = (4,), maker: str = "FULLY_CONNECTED") -> bytes:
    """FULLY_CONNECTED, RESHAPE, SOFTMAX; `maker` in place of the first."""
    pair, four = (1, 4), (1, 1, 4)
    tensors = [
        TensorSpec(pair, scale=(0.5,), zero_point=(0,)),
        TensorSpec((4, 4), scale=(0.01,), zero_point=(0,), data=np.eye(4, dtype=np.int8)),
        TensorSpec(pair, scale=(scale,), zero_point=(-1,)),
        TensorSpec(four, scale=(scale,), zero_point=(-1,)),
        TensorSpec(four, scale=(1 / 256,), zero_point=(-128,)),
    ]
    first = OpSpec(maker, (0, 1) if maker == "FULLY_CONNECTED" else (0,), (LOGITS,), {})
    ops = [first, OpSpec("RESHAPE", (LOGITS,), (3,), {"new_shape": four}), OpSpec("SOFTMAX", (3,), (4,), {"beta": 1.0})]
    return model(tensors, ops, outputs=outputs)


def scales(tflite: bytes) -> list[float]:
    graph = schema.ModelT.InitFromPackedBuf(tflite, 0).subgraphs[0]
    return [float(tensor.quantization.scale[0]) for tensor in graph.tensors[:5]]


@pytest.mark.parametrize("scale", [1e-20, FAINT, LEAST])
def test_faint_logits_get_a_scale_that_the_reference_takes(scale):
    tflite = classifier(scale)
    widened = widen_faint_logits(tflite)
    assert scales(widened) == [*scales(tflite)[:2], 2 * LEAST, 2 * LEAST, 1 / 256]
    (probabilities,) = litert_reference(widened, [np.array([[-128, -5, 0, 127]], np.int8)])
    assert probabilities.ravel().tolist() == [-64] * 4  # a quarter each


STAYS = {
    "a scale that the reference takes": classifier(2 * LEAST),
    "logits that nothing here can scale": classifier(FAINT, maker="RELU"),
}


@pytest.mark.parametrize("case", STAYS)
def test_other_networks_stay_as_they_are(case):
    assert widen_faint_logits(STAYS[case]) == STAYS[case]
