"""Headers read back: what `export` wrote is understood, and nothing else is believed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware_export import (
    Export,
    HeaderError,
    Layout,
    Names,
    emulate,
    export,
    find,
    read_header,
    toolchain_for,
)
from tests.single_op import TensorSpec, single_op

SMALL_SE = (Path(__file__).parents[1] / "golden" / "small_se.tflite").read_bytes()
INPUT = np.random.default_rng(1).integers(-128, 128, (2, 6, 6, 3)).astype(np.int8)


def value(*shape: int, scale: float = 0.5) -> TensorSpec:
    return TensorSpec(shape, scale=(scale,), zero_point=(0,))


NETWORKS = {
    "squeeze and excitation": lambda: export(SMALL_SE, name="small_se"),
    "in three files": lambda: export(SMALL_SE, name="small_se", layout=Layout.SPLIT),
    "two inputs": lambda: export(
        single_op("ADD", [value(1, 4), value(1, 4, scale=0.25)], value(1, 4, scale=1.0)),
        name="sensor",
        names=Names(inputs=["audio", "motion"], outputs=["alarm"]),
    ),
    "a table": lambda: export(single_op("TANH", [value(1, 2, 3, 4, 5)], value(1, 2, 3, 4, 5, scale=1 / 128)), name="t"),
    "no constants": lambda: export(
        single_op("RESHAPE", [value(1, 4)], value(1, 4)), name="same", names=Names(inputs=["x"], outputs=["y"])
    ),
}


def written(exported: Export, folder: Path) -> Path:
    for file, text in exported.files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    return folder / f"{exported.program.name}.h"


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_a_header_tells_what_it_was_made_from(make, tmp_path):
    exported = make()
    header = read_header(written(exported, tmp_path))
    made, read = exported.program, header.program
    assert header.files == exported.files
    assert (read.name, read.model_sha256) == (made.name, made.model_sha256)
    assert read.activations_bytes == max(made.activations_bytes, 1)
    for kind in ("inputs", "outputs"):
        expected = [replace(port, shape=port.shape[1:]) for port in getattr(made, kind)]
        assert [replace(port, scale=np.float32(port.scale)) for port in getattr(read, kind)] == expected


def test_the_other_files_may_lie_elsewhere(tmp_path):
    header = written(export(SMALL_SE, name="small_se", layout=Layout.SPLIT), tmp_path)
    sources = tmp_path / "Src"
    sources.mkdir()
    for file in tmp_path.glob("*.c"):
        file.rename(sources / file.name)
    assert len(read_header(header, sources=sources).files) == 3
    with pytest.raises(HeaderError, match=r"small_se\.c: there is no such file"):
        read_header(header)


@pytest.mark.parametrize("layout", Layout)
def test_what_was_read_runs_as_what_was_exported(layout, tmp_path):
    exported = export(SMALL_SE, name="small_se", layout=layout)
    toolchain = toolchain_for(find("cortex-m4"))
    made = emulate(exported, (INPUT,), toolchain)
    read = emulate(read_header(written(exported, tmp_path)), (INPUT,), toolchain)
    assert np.array_equal(read.outputs[0], made.outputs[0].reshape(2, 6, 6, 8))
    assert (read.instructions, read.layers, read.sizes) == (made.instructions, made.layers, made.sizes)


EDITS = {
    "another file": (r"\A.*", "/* mine", "no header that edgeattn wrote"),
    "no guard": (r"#ifndef SMALL_SE_H\n", "", "no header that edgeattn wrote"),
    "no size": (r"#define SMALL_SE_INPUT_BYTES .*\n", "", "does not define SMALL_SE_INPUT_BYTES"),
    "a size of zero": (r"(_INPUT_BYTES) 108", r"\1 0", "SMALL_SE_INPUT_BYTES is 0"),
    "a huge size": (r"(_ACTIVATIONS_BYTES) 344", r"\1 99999999999", "SMALL_SE_ACTIVATIONS_BYTES is 99999999999"),
    "a size that is code": (r"(_INPUT_BYTES) 108", r'\1 __import__("os")', "SMALL_SE_INPUT_BYTES is __import__"),
    "sizes that differ": (r"(_INPUT_HEIGHT) 6", r"\1 5", "SMALL_SE_INPUT_BYTES is 108"),
    "a size twice": (r"(#define SMALL_SE_INPUT_BYTES) 108\n", r"\1 108\n\1 109\n", "INPUT_BYTES is defined twice"),
    "no number as scale": (r"(_INPUT_SCALE) .*", r"\1 NAN", "SMALL_SE_INPUT_SCALE is NAN"),
    "a scale of zero": (r"(_INPUT_SCALE) .*", r"\1 0.0f", "SMALL_SE_INPUT_SCALE is 0.0f"),
    "an endless scale": (r"(_INPUT_SCALE) .*", r"\1 1e999f", "SMALL_SE_INPUT_SCALE is 1e999f"),
    "a zero point beyond int8": (r"(_INPUT_ZERO_POINT) .*", r"\1 (128)", r"SMALL_SE_INPUT_ZERO_POINT is \(128\)"),
    "another run": (r"_run\(void \*activations, ", "_run(", "not those of small_se_run"),
    "no inputs": (r'/\* input: "tensor_0" \*/\n', "", "not those of small_se_run"),
    "no hash": (r"#define SMALL_SE_MODEL_SHA256 .*\n", "", "does not define SMALL_SE_MODEL_SHA256"),
    "a weight": (r"(_filter_conv2d\[\d+\] \w+ = \{\n    )[-0-9a-fx]+", r"\g<1>0x11", "weights were changed"),
    "a weight that is code": (
        r"(_filter_conv2d\[\d+\] \w+ = \{\n    )[-0-9a-fx]+",
        r"\g<1>exit()",
        "which is no number",
    ),
    "an array": (r"SMALL_SE_ALIGNED static [^;]*_filter_conv2d[^;]*;", "", "weights_filter_conv2d is missing"),
    "a checksum": (r"crc == 0x.", "crc == 0x!", "weights were changed"),
}


@pytest.mark.parametrize(("pattern", "text", "message"), EDITS.values(), ids=EDITS)
def test_a_header_that_was_edited_is_refused_by_what_is_wrong_in_it(pattern, text, message, tmp_path):
    path = written(export(SMALL_SE, name="small_se"), tmp_path)
    edited, count = re.subn(pattern, text, path.read_text(encoding="utf-8"), count=1)
    path.write_text(edited, encoding="utf-8")
    with pytest.raises(HeaderError, match=message) as raised:
        read_header(path)
    assert count == 1
    assert str(raised.value).startswith(f"{path}: ")


BYTES = {
    "nothing": (b"", "no header that edgeattn wrote"),
    "other text": (b"#pragma once\n", "no header that edgeattn wrote"),
    "no text": (b"\xff\xfe\0", "not text"),
}


@pytest.mark.parametrize(("content", "message"), BYTES.values(), ids=BYTES)
def test_a_file_of_another_kind_is_refused(content, message, tmp_path):
    (tmp_path / "other.h").write_bytes(content)
    with pytest.raises(HeaderError, match=message):
        read_header(tmp_path / "other.h")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(HeaderError, match=r"other\.h: there is no such file"):
        read_header(tmp_path / "other.h")


def test_the_c_file_of_a_split_network_is_no_header(tmp_path):
    written(export(SMALL_SE, name="small_se", layout=Layout.SPLIT), tmp_path)
    with pytest.raises(HeaderError, match="no header that edgeattn wrote"):
        read_header(tmp_path / "small_se.c")


def test_files_of_two_conversions_are_refused(tmp_path):
    path = written(export(SMALL_SE, name="small_se", layout=Layout.SPLIT), tmp_path)
    data = tmp_path / "small_se_data.c"
    data.write_text(data.read_text(encoding="utf-8").replace(" * 0e7c43c2", " * 1e7c43c2"), encoding="utf-8")
    with pytest.raises(HeaderError, match="not of one model"):
        read_header(path)
