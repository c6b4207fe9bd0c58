"""Inputs and outputs of every type: what the header says of them, and what users' conversions give."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgeattn.on_core import dequantised, quantised
from firmware_export import Export, HeaderError, export, read_header
from firmware_export.emulate import interface_of
from firmware_export.emulator.build import build
from firmware_export.emulator.host import build_host, run_host
from firmware_export.emulator.machine import Conditions
from firmware_export.emulator.toolchain import Toolchain
from firmware_export.emulator.unicorn import run
from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.kernels.port_cases import camera_network, with_plain_output
from tests.kernels.test_every_kernel import host_command
from tests.single_op import TensorSpec, single_op

SAMPLES = Affine(0.25, 0)
SOUND = single_op("RESHAPE", [tensor((1, 6), SAMPLES, "int16")], tensor((6,), SAMPLES, "int16"))
NETWORKS = {
    "uint8": lambda: export(camera_network(), name="camera"),
    "int16": lambda: export(SOUND, name="sound"),
    "int32": lambda: export(with_plain_output("int32"), name="found"),
    "int64": lambda: export(with_plain_output("int64"), name="found"),
}


def written(exported: Export, folder: Path) -> Path:
    for file, text in exported.files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    return folder / f"{exported.program.name}.h"


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_a_header_tells_the_types_it_was_made_with(make, tmp_path):
    exported = make()
    read = read_header(written(exported, tmp_path)).program
    for kept, port in zip((*read.inputs, *read.outputs), exported.program.ports, strict=True):
        assert (kept.ctype, kept.nbytes, kept.zero_point) == (port.ctype, port.nbytes, port.zero_point)
        assert kept.scale == (None if port.scale is None else pytest.approx(port.scale))
    assert interface_of(read) == interface_of(exported.program)


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ("#define SOUND_INPUT_BYTES 12", "#define SOUND_INPUT_BYTES 13"),
        ("#define SOUND_INPUT_ZERO_POINT (0)", "#define SOUND_INPUT_ZERO_POINT (40000)"),
        ("const int16_t *input", "const int17_t *input"),
        ("#define SOUND_OUTPUT_SCALE 0.25f\n", ""),
    ],
    ids=["half an element", "a zero point beyond the type", "no type", "no scale"],
)
def test_a_header_whose_types_make_no_sense_is_refused(change, to, tmp_path):
    path = written(NETWORKS["int16"](), tmp_path)
    text = path.read_text(encoding="utf-8")
    assert change in text
    path.write_text(text.replace(change, to), encoding="utf-8")
    with pytest.raises(HeaderError):
        read_header(path)


@pytest.mark.parametrize("kind", ["uint8", "int16"])
def test_users_conversions_in_c_and_in_tests_are_the_same(kind, tmp_path):
    exported = NETWORKS[kind]()
    name, (x,), (y,) = exported.program.name, exported.program.inputs, exported.program.outputs
    reals = [-1e30, -40000.0, -8192.0, -0.126, -0.0, 0.001, 0.124, 0.125, 0.5, 0.99, 8191.8, 40000.0, 1e30, np.nan]
    words = ", ".join("NAN" if np.isnan(value) else f"{np.float32(value)!s}f" for value in reals)
    stored = np.linspace(y.low, y.high, 9).astype(y.dtype)
    main = f"""#include <math.h>
#include <stdio.h>
#define {name.upper()}_IMPLEMENTATION
#include "{name}.h"
static const float reals[] = {{{words}}};
static const {y.ctype} stored[] = {{{", ".join(map(str, stored.tolist()))}}};
int main(void)
{{
    for (unsigned i = 0; i < sizeof reals / sizeof *reals; i++)
        printf("%d\\n", (int){name}_quantise(reals[i]));
    for (unsigned i = 0; i < sizeof stored / sizeof *stored; i++)
        printf("%.9g\\n", (double){name}_dequantise(stored[i]));
    return 0;
}}
"""
    written(exported, tmp_path)
    (tmp_path / "main.c").write_text(main, encoding="utf-8")
    command = [*host_command("gcc", "-std=c11"), "main.c", "-o", "main"]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True).stdout.split()
    assert [int(word) for word in done[: len(reals)]] == quantised(np.array(reals), x).tolist()
    assert [np.float32(word) for word in done[len(reals) :]] == dequantised(stored, y).tolist()


def test_int16_at_an_odd_address_is_refused_before_anything_is_read():
    exported = NETWORKS["int16"]()
    image = build(exported.files, name="sound", toolchain=Toolchain("cortex-m0"))
    good = interface_of(exported.program)
    askew = type(good)(good.input_bytes, good.output_bytes, good.activations_bytes)
    assert run(image, good, [[bytes(12)]]).statuses == (0,)
    odd = Conditions(buffer_parity=type(Conditions().buffer_parity).ODD)
    assert run(image, askew, [[bytes(12)]], conditions=odd).statuses == (2,)
    assert run(image, good, [[bytes(12)]], conditions=odd).statuses == (0,)


@pytest.mark.parametrize("kind", NETWORKS)
def test_this_computer_runs_every_type(kind):
    exported = NETWORKS[kind]()
    interface = interface_of(exported.program)
    program = build_host(exported.files, name=exported.program.name, interface=interface)
    done = run_host(program, [[bytes(size) for size in interface.input_bytes]])
    assert done.statuses == (0,)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (TensorSpec((3,), "int32", (0.5,), (0,)), "int32"),
        (TensorSpec((3,), "int64"), "int64"),
        (TensorSpec((3,), "uint8"), "uint8"),
        (TensorSpec((3,), "bool"), "bool"),
    ],
    ids=["int32", "int64", "no scale", "bool"],
)
def test_what_firmware_cannot_take_is_refused_with_a_way_out(x, words):
    with pytest.raises(UnsupportedOp, match=f"{words}: inputs and outputs must be"):
        export(single_op("RESHAPE", [x], x), name="tiny")


@pytest.mark.parametrize(("dtype", "zero_point"), [("uint8", -1), ("uint8", 256), ("int16", 1), ("int8", 128)])
def test_a_zero_point_that_the_type_cannot_have_is_refused(dtype, zero_point):
    x = TensorSpec((3,), dtype, (0.5,), (zero_point,))
    with pytest.raises(ModelError, match="impossible"):
        export(single_op("RESHAPE", [x], x), name="tiny")
    with pytest.raises(ModelError, match="impossible"):
        export(single_op("QUANTIZE", [x], tensor((3,), SAMPLES)), name="tiny")
