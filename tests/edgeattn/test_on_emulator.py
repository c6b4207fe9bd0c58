"""`edgeattn validate` in the emulator: every layer beside LiteRT's own tensors, and both saved."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from edgeattn.conversion import DEFAULTS, examine
from edgeattn.errors import EdgeattnError, OptionError
from edgeattn.on_emulator import OnEmulator, check_validation, compare_in_layers, validate
from edgeattn.report import Report, as_dict
from edgeattn.show import summary
from firmware_export import find
from tests.chain import Chain
from tests.single_op import model

MODEL = Path(__file__).parents[1] / "golden" / "small_se.tflite"
LAYERS = ["conv2d", "mean", "fullyconnected", "logistic", "mul"]  # a reshape costs nothing and is not there


@pytest.fixture(scope="module")
def report():
    return examine(MODEL)


def test_every_layer_is_what_litert_keeps(report, tmp_path):
    done = validate(MODEL, OnEmulator(per_layer=True, save=tmp_path / "layers.npz"))
    assert [(layer.name, layer.difference) for layer in done.layers] == [(name, None) for name in LAYERS]
    check_validation(done, DEFAULTS)
    with np.load(tmp_path / "layers.npz") as saved:
        assert saved["layers"].tolist() == LAYERS
        for number in range(1, len(LAYERS) + 1):
            assert np.array_equal(saved[f"m_outputs_{number}"], saved[f"c_outputs_{number}"])
            assert saved[f"m_outputs_{number}"].std() > 0


def test_outputs_are_saved_as_real_values(report, tmp_path):
    done = validate(MODEL, OnEmulator(save=tmp_path / "outputs.npz"))
    port = report.exported.program.outputs[0]
    with np.load(tmp_path / "outputs.npz") as saved:
        assert saved["m_inputs_1"].shape == (8, 6, 6, 3) or saved["m_inputs_1"].shape == (8, 1, 6, 6, 3)
        assert np.array_equal(saved["m_outputs_1"].ravel(), saved["c_outputs_1"].ravel())
        stored = done.report.proof.emulated.outputs[0].astype(np.float64)
        assert np.allclose(saved["c_outputs_1"].ravel(), ((stored - port.zero_point) * port.scale).ravel())


def test_the_first_layer_that_differs_is_named(report):
    """One number of one layer's struct is changed: what follows it is wrong as well, and not blamed."""
    ((name, text),) = report.exported.files.items()
    start = text.index("small_se_layer_fullyconnected =")
    changed = text[:start] + re.sub(r"(EA_FIELD\(low\)) -\d+", r"\1 9", text[start:], count=1)
    assert changed != text
    wrong = replace(report, exported=replace(report.exported, files={name: changed}))
    done = compare_in_layers(wrong, DEFAULTS, lambda stage: None)
    assert [layer.name for layer in done.layers if layer.difference] == ["fullyconnected", "logistic", "mul"]
    with pytest.raises(EdgeattnError, match=r"layer fullyconnected is the first that differs .* in \d of 8 bytes"):
        check_validation(done, DEFAULTS)


def test_layers_that_lost_channels_are_compared_in_those_they_have(tmp_path):
    """What each has to be is LiteRT's tensor without the channels that the C does without."""
    path = tmp_path / "dead.tflite"
    net = Chain()
    x = net.conv(net.image(), 6)
    net.dead(1, 4, bias=700)
    net.conv(x, 3)
    path.write_bytes(model(net.tensors, net.ops))
    done = validate(path, OnEmulator(per_layer=True, save=tmp_path / "layers.npz"))
    positions = 5 * 6
    assert [(layer.size, layer.difference) for layer in done.layers] == [(positions * 4, None), (positions * 3, None)]
    assert as_dict(done.report)["removed_channels"] == {done.layers[0].name: 2}
    assert "2 channels of 1 layers" in shown(done.report)
    with np.load(tmp_path / "layers.npz") as saved:
        assert saved["m_outputs_1"].shape == saved["c_outputs_1"].shape == (1, 5, 6, 4)


def shown(report: Report) -> str:
    console = Console(file=StringIO(), record=True, width=200)
    console.print(summary(report))
    return console.export_text()


def test_a_core_that_unicorn_has_not_is_stood_in_for_layer_by_layer(report):
    conversion = replace(DEFAULTS, target="cortex-m55")
    on_m55 = replace(report, target=find("cortex-m55"))
    done = compare_in_layers(on_m55, conversion, lambda stage: None)
    assert [(layer.name, layer.difference) for layer in done.layers] == [(name, None) for name in LAYERS]


def test_a_place_that_cannot_be_saved_to_is_told_before_the_work(tmp_path):
    with pytest.raises(OptionError, match=r"the file is an \.npz"):
        validate(MODEL, OnEmulator(save=tmp_path / "layers.txt"))
