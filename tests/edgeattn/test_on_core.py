"""What tests of firmware ask of a network: arrays in, arrays out, real values as the firmware converts them."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgeattn.errors import GoldenDiffers, OptionError, SamplesError
from edgeattn.golden_file import check_golden, read_golden
from edgeattn.on_core import (
    Build,
    Result,
    check_fits,
    dequantised,
    numbered,
    quantised,
    random_inputs,
    rows_of,
    run_on_core,
    samples_of,
    toolchain_of,
)
from firmware_export import BuildFailed, DoesNotFit, Header, Port, UnknownTarget, export, read_header
from firmware_export.emulator.toolchain import find_zig
from tests.single_op import TensorSpec, single_op

IMAGE = Port("input", "image", (2, 3, 4), 0.5, 3)
VECTOR = Port("input", "vector", (4,), 0.5, 3)
ZEROS = np.zeros((2, 3, 4), np.int8)


def header_of(folder: Path) -> Header:
    """Two inputs of four values and their sum."""
    value = [TensorSpec((1, 4), scale=(scale,), zero_point=(3,)) for scale in (0.5, 0.1, 1.0)]
    for file, text in export(single_op("ADD", value[:2], value[2]), name="sensor").files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    return read_header(folder / "sensor.h")


@pytest.fixture(scope="module")
def header(tmp_path_factory) -> Header:
    return header_of(tmp_path_factory.mktemp("sensor"))


@pytest.fixture(scope="module")
def result(header) -> Result:
    return run_on_core(header, random_inputs(header, 2), Build("stm32f446re"), Path("sensor.h"))


SHAPES = {
    "one sample": (2, 3, 4),
    "one flat sample": (24,),
    "samples": (5, 2, 3, 4),
    "flat samples": (5, 24),
    "samples with a batch of one": (5, 1, 2, 3, 4),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_samples_of_every_reasonable_shape_are_taken(shape):
    array = np.arange(np.prod(shape)).astype(np.int8).reshape(shape)
    rows = rows_of(array, IMAGE, "net")
    assert rows.shape[1:] == IMAGE.shape
    assert rows.tobytes() == array.tobytes()


REFUSED = {
    "real values": (np.zeros((2, 3, 4)), "an array of int8, not an array of float64: `quantise` makes it"),
    "unsigned values": (np.zeros((2, 3, 4), np.uint8), "not an array of uint8"),
    "a list": ([1, 2], "not a list"),
    "no samples": (np.zeros((0, 2, 3, 4), np.int8), r"the shape \(0, 2, 3, 4\), expected \(samples, 2, 3, 4\)"),
    "another shape": (np.zeros((4, 3, 2), np.int8), r"the shape \(4, 3, 2\), expected \(samples, 2, 3, 4\)"),
    "a number": (np.zeros((), np.int8), r"the shape \(\)"),
}


@pytest.mark.parametrize(("array", "message"), REFUSED.values(), ids=REFUSED)
def test_other_arrays_are_refused_with_what_is_expected(array, message):
    with pytest.raises(OptionError, match=f"net: input .*{message}"):
        rows_of(array, IMAGE, "net")


def test_every_input_wants_an_array():
    with pytest.raises(OptionError, match=r"2 inputs \(input, input\) and was given 1 arrays"):
        samples_of(ZEROS, (IMAGE, IMAGE), "net")


def test_inputs_have_the_same_number_of_samples():
    with pytest.raises(OptionError, match=r"their number of samples \(1, 2\)"):
        samples_of((ZEROS, np.stack([ZEROS, ZEROS])), (IMAGE, IMAGE), "net")


def test_real_values_are_quantised_as_the_firmware_does(header, tmp_path):
    rng = np.random.default_rng(0)
    halves = np.arange(-300, 300, dtype=np.float32) * np.float32(0.05)  # where rounding shows
    special = np.float32([np.nan, np.inf, -np.inf, 0.0, -0.0, 3e38, -3e38, 1e-45])
    values = np.concatenate([halves, np.nextafter(halves, np.float32(9)), special, rng.normal(0, 9, 999)])
    values = values.astype(np.float32)
    main = """#define SENSOR_IMPLEMENTATION
#include <stdio.h>
#include "sensor.h"
int main(void)
{
    float value;
    while (fread(&value, sizeof value, 1, stdin) == 1) {
        const int8_t pair[2] = {sensor_quantise(value), sensor_quantise_2(value)};
        (void)fwrite(pair, 2, 1, stdout);
    }
    return 0;
}
"""
    for file, text in {**header.files, "main.c": main}.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    subprocess.run([*find_zig(), "cc", "-O1", "main.c", "-o", "program"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "program"], input=values.tobytes(), capture_output=True, check=True)
    firmware = np.frombuffer(done.stdout, np.int8).reshape(-1, 2)
    for index, port in enumerate(header.program.inputs):
        assert np.array_equal(quantised(values, port), firmware[:, index])
        assert len(set(firmware[:, index])) > 50


def test_stored_values_are_read_as_the_firmware_does():
    reals = dequantised(np.int8([-128, 3, 127]), IMAGE)
    assert reals.dtype == np.float32
    assert reals.tolist() == [-65.5, 0.0, 62.0]


@pytest.mark.parametrize("number", [0, 3, -1])
def test_there_are_no_other_inputs(number):
    with pytest.raises(OptionError, match=f"no input {number}: they are numbered from 1 to 2"):
        numbered((IMAGE, VECTOR), number, "input")


CHOICES = {
    "no target": (Build(), OptionError, r"for which core\? .*\[tool.edgeattn_budget.net\]"),
    "an unknown core": (
        Build("cortex-m5"),
        UnknownTarget,
        "there are cortex-m0, cortex-m0plus, cortex-m3, ",
    ),
    "an unknown compiler": (Build("m4", "icc"), OptionError, "compiler 'icc': there are zig, gcc"),
    "an unknown wish": (Build("m4", "zig", "fast"), OptionError, "optimize 'fast': there are time, balanced, ram"),
}


@pytest.mark.parametrize(("build", "kind", "message"), CHOICES.values(), ids=CHOICES)
def test_a_choice_that_there_is_not_lists_those_there_are(build, kind, message):
    with pytest.raises(kind, match=message):
        toolchain_of(build, "net")


def test_a_result_holds_outputs_and_costs(header, result):
    assert result.output.shape == (2, 4)
    assert result.outputs[0] is result.output
    assert result.instructions > sum(result.layers.values()) > 0
    assert result.ram_bytes == 1 + result.stack_bytes + 3 * 4
    assert result.flash_bytes == result.emulated.sizes.flash > 0
    assert result.cycles.total > result.instructions / 2
    assert set(result.numbers) == {"ram_bytes", "flash_bytes", "instructions", "stack_bytes"}
    assert str(result).startswith("sensor on stm32f446re (zig ")


def test_the_same_random_inputs_come_each_time(header):
    first, second = random_inputs(header), random_inputs(header)
    assert all(np.array_equal(one, two) for one, two in zip(first, second, strict=True))
    assert not np.array_equal(first[0], first[1])


def test_a_header_that_does_not_compile_shows_the_file_and_what_the_compiler_said(header):
    text = header.files["sensor.h"].replace("return SENSOR_OK;", "return SENSOR_FINE;", 1)
    broken = Header({"sensor.h": text}, header.program)
    with pytest.raises(BuildFailed) as raised:
        run_on_core(broken, random_inputs(header), Build("cortex-m4"), Path("firmware/sensor.h"))
    first, *lines = str(raised.value).splitlines()
    line = text[: text.index("SENSOR_FINE")].count("\n") + 1
    assert first == "firmware/sensor.h does not build for cortex-m4 with zig:"
    assert any(f"sensor.h:{line}:" in said and "SENSOR_FINE" in said for said in lines)


def test_a_part_that_is_too_small_is_said_with_the_bytes(header, result):
    check_fits(header, result)
    text = header.files["sensor.h"].replace("_ACTIVATIONS_BYTES 1\n", "_ACTIVATIONS_BYTES 900000\n")
    assert text != header.files["sensor.h"]
    large = Header({"sensor.h": text}, replace(header.program, activations_bytes=900000))
    with pytest.raises(DoesNotFit, match=r"sensor on stm32f446re .* does not fit: it lacks [\d,]+ bytes of "):
        check_fits(large, result)


@pytest.fixture
def golden(header, result, tmp_path):
    """Save a file with some arrays other than those that hold."""
    held = dict(zip(("m_inputs_1", "m_inputs_2"), random_inputs(header, 2), strict=True))
    held["c_outputs_1"] = result.output

    def save(**other):
        np.savez(
            tmp_path / "sensor.npz", **{key: array for key, array in {**held, **other}.items() if array is not None}
        )
        return tmp_path / "sensor.npz"

    return save


def test_outputs_that_hold_pass(header, result, golden):
    inputs, outputs = read_golden(golden(), header)
    assert [array.shape for array in (*inputs, *outputs)] == [(2, 4)] * 3
    check_golden(result, outputs, header.program.outputs, golden())


def test_outputs_that_differ_are_told_with_the_first_byte(header, result, golden):
    other = result.output.copy()
    other[1, 2:] ^= 1
    file = golden(c_outputs_1=other)
    with pytest.raises(GoldenDiffers) as raised:
        check_golden(result, read_golden(file, header)[1], header.program.outputs, file)
    assert str(raised.value).splitlines()[1:2] == [
        "  output: 2 of 8 bytes differ, first in sample 1 at [2]: "
        f"{result.output[1, 2]} instead of {result.output[1, 2] ^ 1}"
    ]
    assert str(raised.value).startswith("sensor on stm32f446re (zig ")


def test_real_outputs_are_those_of_int8(header, result, golden):
    port = header.program.outputs[0]
    _, outputs = read_golden(golden(c_outputs_1=dequantised(result.output, port)), header)
    assert np.array_equal(outputs[0], result.output)


def test_real_inputs_are_quantised(header, golden):
    reals = np.linspace(-5, 5, 8).reshape(2, 4)
    inputs, _ = read_golden(golden(m_inputs_2=reals), header)
    assert np.array_equal(inputs[1], quantised(reals, header.program.inputs[1]))


BAD_GOLDEN = {
    "no outputs": (
        {"c_outputs_1": None},
        OptionError,
        "m_inputs_1, m_inputs_2, and c_outputs_1 must be there",
    ),
    "one input only": ({"m_inputs_2": None}, OptionError, "and m_inputs_2 must be there"),
    "outputs between steps": ({"c_outputs_1": np.full((2, 4), 0.5)}, OptionError, "between its steps of 1, or beyond"),
    "outputs beyond int8": ({"c_outputs_1": np.full((2, 4), 999.0)}, OptionError, "between its steps of 1, or beyond"),
    "wider outputs": ({"c_outputs_1": np.zeros((2, 4), int)}, OptionError, "output is an array of int8, not .* int64"),
    "other shapes": ({"m_inputs_1": np.zeros((2, 5), np.int8)}, OptionError, r"expected \(samples, 4\)"),
    "other counts": ({"c_outputs_1": np.zeros((3, 4), np.int8)}, OptionError, r"their number of samples \(\[2, 3\]\)"),
    "objects": ({"c_outputs_1": np.array([{}])}, SamplesError, "not an .npz of plain arrays"),
}


@pytest.mark.parametrize(("other", "kind", "message"), BAD_GOLDEN.values(), ids=BAD_GOLDEN)
def test_a_file_that_is_not_for_the_network_is_refused(other, kind, message, header, golden):
    with pytest.raises(kind, match=message):
        read_golden(golden(**other), header)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", struct.pack("<I", 7)])
def test_a_file_that_is_no_npz_is_refused(content, header, tmp_path):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(SamplesError, match=r"x\.npz: not an \.npz"):
        read_golden(tmp_path / "x.npz", header)


def test_a_file_that_is_not_there_says_what_it_would_hold(header, tmp_path):
    with pytest.raises(SamplesError, match="no such file: save one with m_inputs_1, m_inputs_2, c_outputs_1"):
        read_golden(tmp_path / "x.npz", header)
