"""Every kind of file becomes the same int8 network, in the model's own order, in one child process."""

from __future__ import annotations

import importlib.util
import shutil

import numpy as np
import pytest

from edgeattn.agreement import count_differing_bytes, measure_outputs, worst_of
from edgeattn.calibration import SampleRequest, Source
from edgeattn.config_scan import Lambdas
from edgeattn.errors import ChildDied, KernelsDied, LoadError, UnsupportedModel
from edgeattn.isolation import Stage
from edgeattn.litert import Kernels
from edgeattn.models import Layer, ModelKind, Options
from edgeattn.quantise import prepare
from edgeattn.runners import real, run_float, run_litert, stored
from firmware_export.emulator import cache

FEW = SampleRequest(limit=8)

QUANTIZER = importlib.util.find_spec("ai_edge_quantizer") is not None


def int8_agreement(prepared):
    raw = run_litert(prepared.tflite, stored(prepared.validation.inputs, prepared.model.inputs))
    return measure_outputs(prepared.float_outputs, real(raw, prepared.model.outputs))


def test_a_keras_model_becomes_int8_edge_to_edge(prepared):
    model = prepared.model
    assert (model.name, model.kind, model.is_quantised) == ("se", ModelKind.KERAS_ARCHIVE, False)
    assert [(port.name, port.shape, port.dtype) for port in model.inputs] == [("image", (1, 8, 8, 3), "int8")]
    assert [(port.name, port.shape, port.dtype) for port in model.outputs] == [("classes", (1, 5), "int8")]
    assert model.inputs[0].zero_point == -128
    assert model.outputs[0].maker.split("/")[-2].startswith("classes")
    assert Layer("excite", "Dense") in model.layers
    assert model.parameters == 3 * 3 * 3 * 4 + 4 + 3 * 3 * 4 + 4 + 4 * 4 + 4 * 4 + 4 + 4 * 5 + 5
    assert (prepared.calibration.source, prepared.calibration.count) == (Source.RANDOM, 8)


def test_the_int8_network_agrees_with_float(prepared):
    agreement = worst_of(int8_agreement(prepared))
    assert agreement.samples == 8
    assert agreement.cos > 0.995


def test_a_keras_2_or_3_h5_gives_the_same_bytes_and_the_stages_are_told(made, prepared, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)  # an earlier run left it in the usual one
    stages = []
    again = prepare(made / "se.h5", calibration=FEW, validation=FEW, progress=stages.append)
    assert again.tflite == prepared.tflite
    assert stages == [Stage.LOADING, Stage.SAMPLES, Stage.FLOAT, Stage.QUANTISING]


def test_a_saved_model_computes_the_same_and_the_file_beside_it_calibrates(made, tmp_path):
    shutil.copytree(made / "se_saved", tmp_path / "se_saved")
    truth = np.load(made / "se_truth.npz")
    np.savez(tmp_path / "se_saved.calibration.npz", image=truth["images"])
    found = prepare(tmp_path / "se_saved")
    assert (found.model.kind, found.calibration.source) == (ModelKind.SAVED_MODEL, Source.BESIDE)
    assert "/classes" in found.model.outputs[0].maker
    assert np.array_equal(found.validation.inputs[0], truth["images"])
    assert found.float_outputs[0] == pytest.approx(truth["outputs"], abs=1e-5)
    assert worst_of(int8_agreement(found)).cos > 0.995


def test_many_inputs_and_outputs_keep_the_model_s_order(made):
    found = prepare(made / "ports.keras", calibration=FEW, validation=FEW)
    units = [5, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13]
    assert [port.name for port in found.model.inputs] == ["zebra", "ant"]
    assert [port.name for port in found.model.outputs] == [f"out_{count}" for count in units]
    assert [port.shape for port in found.model.outputs] == [(1, count) for count in units]
    assert min(part.cos for part in int8_agreement(found)) > 0.995


def refusal(path) -> str:
    """The sentence with which a model is refused that loads but cannot become int8."""
    with pytest.raises(UnsupportedModel) as refused:
        prepare(path, calibration=FEW, validation=FEW)
    assert refused.value.exit_code == 4
    return str(refused.value)


def test_layers_left_in_float_are_named_with_what_takes_their_place(made):
    sentence = refusal(made / "left_in_float.keras")
    assert "ELU of layer 'last_elu' (ELU) in float" in sentence
    assert sentence.endswith("replace it by LeakyReLU or ReLU")


def test_a_saved_model_with_a_recurrent_layer_is_not_told_to_fix_its_sizes(made):
    sentence = refusal(made / "recurrent_saved")
    assert "/reads_twice" in sentence
    assert "WHILE" in sentence
    assert "Conv1D" in sentence


LATE = ("FLOAT", "running the float model"), ("QUANTISING", "quantising to int8")


@pytest.mark.parametrize(("stage", "words"), LATE, ids=["float", "quantising"])
def test_a_crash_after_loading_names_the_stage_and_blames_no_damaged_file(made, monkeypatch, stage, words):
    late = f"open('stages').read().endswith('{stage}\\n')"
    monkeypatch.setenv("EDGEATTN_TEST_CODE", f"os = __import__('os'); {late} and os.kill(os.getpid(), 11)")
    with pytest.raises(ChildDied, match=rf"^lambda\.keras: the process {words} died \(signal 11\)") as died:
        prepare(made / "lambda.keras", calibration=FEW, validation=FEW, options=Options(lambdas=Lambdas.RUN))
    assert "damaged" not in str(died.value)


def test_an_int8_tflite_passes_through_unchanged(prepared, tmp_path):
    path = tmp_path / "renamed.bin"
    path.write_bytes(prepared.tflite)
    found = prepare(path, validation=FEW)
    assert found.tflite == prepared.tflite
    assert (found.model.kind, found.model.is_quantised, found.float_outputs) == (ModelKind.TFLITE, True, None)
    assert (found.model.inputs[0].scale, found.model.inputs[0].zero_point) == (
        prepared.model.inputs[0].scale,
        prepared.model.inputs[0].zero_point,
    )
    with pytest.raises(UnsupportedModel, match="quantised already"):
        run_float(path, found.validation.inputs)


def test_a_float_tflite_runs(made):
    path, truth = made / "se_float.tflite", np.load(made / "se_truth.npz")
    assert run_float(path, [truth["images"]])[0] == pytest.approx(truth["outputs"], abs=1e-5)


@pytest.mark.skipif(QUANTIZER, reason="ai-edge-quantizer is installed")
def test_a_float_tflite_without_the_extra_says_how_to_get_it(made):
    with pytest.raises(LoadError, match=r"pip install 'edgeattn\[tflite\]'"):
        prepare(made / "se_float.tflite", calibration=FEW, validation=FEW)


@pytest.mark.slow
@pytest.mark.skipif(not QUANTIZER, reason="ai-edge-quantizer is not installed")
def test_a_float_tflite_is_quantised_where_the_extra_is_installed(made):
    found = prepare(made / "se_float.tflite", calibration=FEW, validation=FEW)
    assert found.model.inputs[0].dtype == "int8"
    assert worst_of(int8_agreement(found)).cos > 0.995


def test_values_are_rounded_and_clipped_as_stored_and_come_back(prepared):
    port = prepared.model.inputs
    values = np.zeros((1, 8, 8, 3), np.float32)
    values[0, 0, 0] = (-5.0, 0.5, 9.0)
    raw = stored([values], port)[0]
    assert raw[0, 0, 0, 0] == -128
    assert raw[0, 0, 0, 2] == 127
    assert real([raw], port)[0][0, 0, 0, 1] == pytest.approx(0.5, abs=port[0].scale / 2)


def test_both_kernels_of_litert_run_and_stay_close(prepared):
    raw = stored(prepared.validation.inputs, prepared.model.inputs)
    reference, default = (run_litert(prepared.tflite, raw, kernels)[0] for kernels in Kernels)
    assert reference.dtype == np.int8
    assert reference.shape == (8, 5)
    assert count_differing_bytes(reference, run_litert(prepared.tflite, raw)[0]) == 0
    assert np.abs(reference.astype(int) - default.astype(int)).max() <= 4


def test_kernels_that_run_out_of_time_are_named(prepared):
    raw = stored(prepared.validation.inputs, prepared.model.inputs)
    with pytest.raises(KernelsDied, match=r"default kernels did not survive .* within 0\.01 s"):
        run_litert(prepared.tflite, raw, Kernels.DEFAULT, timeout_seconds=0.01)


def test_samples_of_another_type_or_shape_are_refused(prepared):
    with pytest.raises(LoadError, match=r"float32.*int8\(1, 8, 8, 3\)"):
        run_litert(prepared.tflite, prepared.validation.inputs)


@pytest.mark.parametrize(
    ("name", "port", "shape"),
    [
        ("mlperf_tiny/kws_ref_model.tflite", "input_1", (1, 49, 10, 1)),
        ("mlperf_tiny/ad01_int8.tflite", "input_1", (1, 640)),
    ],
)
def test_public_int8_files_pass_through(public, name, port, shape):
    found = prepare(public(name), validation=FEW)
    assert (found.model.inputs[0].name, found.model.inputs[0].shape) == (port, shape)
    assert found.tflite == public(name).read_bytes()
