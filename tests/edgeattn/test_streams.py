"""Models that remember: quantised as streams, compared as streams, and begun where the model begins."""

from __future__ import annotations

import numpy as np
import pytest

from edgeattn.calibration import SampleRequest
from edgeattn.conversion import DEFAULTS, Conversion, examine, silent
from edgeattn.golden_file import check_golden, read_golden
from edgeattn.on_core import Build, run_on_core
from edgeattn.on_emulator import Validation, check_validation, compare_in_layers, npz
from edgeattn.report import Report, as_dict
from edgeattn.runners import run_litert
from firmware_export import export, read_header
from firmware_export.tflite_reader import read_tflite

MANY = SampleRequest(limit=40)
NAMES = ("stream.keras", "delay_line_saved")
each_model = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def reports(made) -> dict[str, Report]:
    return {name: examine(made / name, Conversion(calibration=MANY, inputs=12)) for name in NAMES}


@each_model
def test_what_is_remembered_is_int8_and_begins_as_the_model_does(reports, name):
    graph = read_tflite(reports[name].prepared.tflite, name="net")
    (state,) = graph.states
    value = {"stream.keras": 0.0, "delay_line_saved": 1.0}[name]
    tensor = graph.tensors[state.before]
    assert (state.initial.astype(int) - tensor.zero_point) * tensor.scale == pytest.approx(value, abs=tensor.scale)


@each_model
def test_float_and_int8_agree_over_a_stream(reports, name):
    agreement = reports[name].proof.agreement
    assert agreement is not None
    assert agreement.cos > 0.99


@each_model
def test_the_c_gives_the_bytes_of_the_reference_over_a_stream(reports, name):
    proof = reports[name].proof
    assert reports[name].byte_exact
    assert proof.inputs_compared == 12
    again = run_litert(reports[name].prepared.tflite, proof.inputs)
    assert np.array_equal(again[0].reshape(proof.expected[0].shape), proof.expected[0])


def test_the_order_of_samples_matters(reports):
    tflite = reports["stream.keras"].prepared.tflite
    frames = np.random.default_rng(0).integers(-128, 128, (6, 1, 8)).astype(np.int8)
    forwards, backwards = run_litert(tflite, [frames])[0], run_litert(tflite, [frames[::-1]])[0]
    assert not np.array_equal(forwards, backwards[::-1])


def test_a_report_counts_the_state_as_ram(reports):
    told = as_dict(reports["delay_line_saved"])
    assert told["state_bytes"] == 4 + 3 * 8
    buffers = 8 + 3
    assert reports["delay_line_saved"].needs.static_ram_bytes == buffers + told["state_bytes"]
    assert as_dict(reports["stream.keras"])["state_bytes"] == 4 + 8  # six bytes, in words


def test_every_layer_of_the_first_inference_and_a_golden_stream_are_the_reference_s(reports, tmp_path):
    done = compare_in_layers(reports["delay_line_saved"], DEFAULTS, silent)
    check_validation(done, DEFAULTS)
    assert len(done.layers) > 3
    golden = tmp_path / "stream.npz"
    golden.write_bytes(npz(Validation(done.report)))
    exported = export(done.report.prepared.tflite, name="delay")
    (text,) = exported.files.values()
    (tmp_path / "delay.h").write_text(text, encoding="utf-8", newline="\n")
    header = read_header(tmp_path / "delay.h")
    inputs, expected = read_golden(golden, header)
    result = run_on_core(header, inputs, Build("cortex-m4"), tmp_path / "delay.h")
    check_golden(result, expected, header.program.outputs, golden)
    assert result.ram_bytes > header.program.state_bytes + header.program.activations_bytes
