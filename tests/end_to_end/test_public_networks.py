"""Whole public networks on emulated cores give every byte of LiteRT's reference kernels; Keras 2 files convert."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from firmware_export import Export, Toolchain, emulate, export, interpreter
from firmware_export.passes import strip_edges
from firmware_export.tflite_reader import read_tflite
from tests.end_to_end.command import edgeattn
from tests.single_op import Array, litert_reference

CORES = ("cortex-m0", "cortex-m4", "cortex-m7")
IN_EVERY_RUN = {  # the cores of each network; the others with -m slow
    "mlperf_tiny/ad01_int8": CORES,
    "mlperf_tiny/kws_ref_model": ("cortex-m0",),
    "mlperf_tiny/pretrainedResnet_quant": ("cortex-m4",),
    "mlperf_tiny/vww_96_int8": ("cortex-m7",),
    "se/se_small_int8": ("cortex-m0",),
    "se/se_small_ap_int8": (),
    "se/se_small_feat_int8": ("cortex-m7",),
}


ROWS = [
    pytest.param(network, core, marks=() if core in usual else pytest.mark.slow)
    for network, usual in IN_EVERY_RUN.items()
    for core in CORES
]


@cache
def exported(path: Path) -> tuple[Export, Array, list[bytes]]:
    """The C of a network, two inputs (random bytes; the largest value everywhere), and the reference's outputs."""
    model = path.read_bytes()
    done = export(model, name=path.stem)
    (port,) = done.program.inputs
    random = np.random.default_rng(11).integers(-128, 128, port.shape).astype(np.int8)
    inputs = np.stack([random, np.full(port.shape, 127, np.int8)])
    return done, inputs, [litert_reference(model, [x])[0].tobytes() for x in inputs]


@pytest.mark.parametrize(("network", "core"), ROWS)
def test_an_emulated_core_gives_the_bytes_of_the_reference(public, network, core):
    done, inputs, expected = exported(public(f"{network}.tflite"))
    emulated = emulate(done, (inputs,), Toolchain(core))
    assert [output.tobytes() for output in emulated.outputs[0]] == expected
    assert min(emulated.instructions) > done.program.macs / 16  # no core here multiplies more at once


@pytest.mark.parametrize("network", IN_EVERY_RUN)
def test_the_interpreter_gives_the_bytes_of_the_reference_too(public, network):
    path = public(f"{network}.tflite")
    _, inputs, expected = exported(path)
    graph = strip_edges(read_tflite(path.read_bytes(), name="network"))
    assert [interpreter.run(graph, [x])[0].tobytes() for x in inputs] == expected


MOST_MACS = {"ad01": 264_192, "vww_96": 3_870_000}  # dead channels leave


@pytest.mark.parametrize("name", ["ad01", pytest.param("vww_96", marks=pytest.mark.slow)])
def test_a_keras_2_file_converts_on_random_data_with_a_loud_warning(public, tmp_path, name):
    model = public(f"mlperf_tiny/{name}.h5")
    done = edgeattn("convert", model, "--json", "--threshold", 0.5, "-o", "out", cwd=tmp_path)
    assert (done.code, done.stderr) == (0, "")
    report = done.report
    assert report["byte_exact"]
    assert 0 < report["macs"] <= MOST_MACS[name]
    assert report["calibration"]["source"] == "random"
    assert "RANDOM" in report["warnings"][0]
    assert (tmp_path / "out" / f"{name}.h").is_file()
