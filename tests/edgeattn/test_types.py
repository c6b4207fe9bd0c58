"""Networks of other types than int8, from the model's file to the report: activations of int16, edges of uint8."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

import firmware_export
from edgeattn.agreement import measure_outputs, worst_of
from edgeattn.calibration import SampleRequest
from edgeattn.conversion import Conversion, examine, export, make_ready, silent
from edgeattn.errors import OptionError
from edgeattn.golden_file import check_golden, read_golden
from edgeattn.litert import Kernels
from edgeattn.models import Activations, Options
from edgeattn.on_core import Build, quantised, random_inputs, rows_of, run_on_core
from edgeattn.on_emulator import OnEmulator, npz, validate
from edgeattn.proof import litert
from edgeattn.quantise import prepare
from edgeattn.report import as_dict
from edgeattn.runners import real, run_litert, stored
from firmware_export import find, read_header
from tests.firmware_export.test_ports import NETWORKS, written
from tests.kernels.port_cases import camera_network, with_plain_output

FEW = SampleRequest(limit=8)
GOLDEN = Path(__file__).parents[1] / "golden" / "small_se.tflite"


@pytest.fixture(scope="module")
def wide(made):
    """The squeeze-and-excitation network with activations of int16."""
    options = Options(activations=Activations.INT16)
    return prepare(made / "se.keras", calibration=FEW, validation=FEW, options=options)


def agreement_of(prepared):
    raw = run_litert(prepared.tflite, stored(prepared.validation.inputs, prepared.model.inputs))
    return worst_of(measure_outputs(prepared.float_outputs, real(raw, prepared.model.outputs)))


def test_int16_comes_closer_to_float_than_int8(wide, prepared):
    ports = (*wide.model.inputs, *wide.model.outputs)
    assert [(port.dtype, port.zero_point) for port in ports] == [("int16", 0)] * 2
    assert agreement_of(wide).rmse < agreement_of(prepared).rmse  # what is left is of the weights


@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m4", "cortex-m7"])
def test_int16_from_keras_is_byte_exact(wide, core):
    exported = export(wide, Conversion(), find(core))
    rng = np.random.default_rng(3)
    ports = exported.program.inputs
    inputs = tuple(rng.integers(p.low, p.high + 1, (3, *p.shape)).astype(p.dtype) for p in ports)
    emulated = firmware_export.emulate(exported, inputs, firmware_export.toolchain_for(firmware_export.find(core)))
    for got, expected in zip(emulated.outputs, litert(wide, exported, inputs, Kernels.REFERENCE), strict=True):
        np.testing.assert_array_equal(got, expected)
    assert exported.program.arithmetic == "int16"
    assert exported.files["se.h"].startswith("/* se: an int16 network ")


def test_int16_of_a_file_that_is_int8_already_is_refused():
    with pytest.raises(OptionError, match=r"small_se\.tflite is quantised to int8 already; give the float model"):
        make_ready(GOLDEN, Conversion(activations=Activations.INT16), silent, target=find("cortex-m4"))


@pytest.fixture(scope="module")
def camera(tmp_path_factory) -> Path:
    """An int8 network whose edges are uint8."""
    path = tmp_path_factory.mktemp("camera") / "camera.tflite"
    path.write_bytes(camera_network())
    return path


def test_uint8_edges_are_told_compared_and_saved(camera):
    done = validate(camera, OnEmulator(per_layer=True), Conversion(target="cortex-m0"))
    report = as_dict(done.report)
    assert report["byte_exact"]
    assert [(port["dtype"], port["zero_point"]) for port in (*report["inputs"], *report["outputs"])] == [
        ("uint8", 0),
        ("uint8", 132),
    ]
    assert {layer.difference for layer in done.layers} == {None}
    saved = np.load(BytesIO(npz(done)))
    np.testing.assert_array_equal(saved["m_outputs_1"], saved["c_outputs_1"])


def test_bytes_that_a_camera_network_gave_are_golden(camera, tmp_path):
    report = examine(camera, Conversion(target="cortex-m0"))
    path = written(report.exported, tmp_path)
    file = tmp_path / "golden.npz"
    proof = report.proof
    np.savez(file, m_inputs_1=proof.inputs[0], c_outputs_1=proof.emulated.outputs[0])
    header = read_header(path)
    inputs, expected = read_golden(file, header)
    result = run_on_core(header, inputs, Build("cortex-m0"), path)
    check_golden(result, expected, header.program.outputs, file)


def test_plain_outputs_are_told_without_a_scale(tmp_path):
    path = tmp_path / "found.tflite"
    path.write_bytes(with_plain_output("int64"))
    report = examine(path, Conversion(target="cortex-m0"))
    assert report.byte_exact
    told = as_dict(report)["outputs"]
    assert [(port["dtype"], port["scale"], port["zero_point"]) for port in told] == [
        ("int8", pytest.approx(0.037), -3),
        ("int64", None, None),
    ]


def test_tests_of_firmware_give_arrays_of_the_inputs_own_type(tmp_path):
    header = read_header(written(NETWORKS["uint8"](), tmp_path))
    (port,) = header.program.inputs
    (random,) = random_inputs(header)
    assert random.dtype == np.uint8
    assert rows_of(random, port, "camera").shape == random.shape
    assert quantised(np.array([2.0, -1.0]), port).tolist() == [255, 0]
    with pytest.raises(OptionError, match="is an array of uint8, not an array of int8"):
        rows_of(random.astype(np.int8), port, "camera")


def test_what_has_no_scale_is_not_quantised(tmp_path):
    header = read_header(written(NETWORKS["int32"](), tmp_path))
    with pytest.raises(OptionError, match="plain int32 numbers"):
        quantised(np.zeros(3), header.program.outputs[1])
