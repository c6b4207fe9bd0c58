"""The firmware's C itself: whatever it is sent, and for whatever core it is compiled."""

from __future__ import annotations

import os
import subprocess

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_export import interpreter
from firmware_export.device import binding_of, firmware_sources, network_files, open_device
from firmware_export.device.frames import Damage, Frame, decode, encode
from firmware_export.emulator import Compiler, Toolchain, find_compiler
from firmware_export.emulator.host import SANITIZER_OPTIONS
from firmware_export.emulator.toolchain import RUNTIME, WARNINGS, core_flags, run_tool
from firmware_export.errors import ToolMissing
from firmware_export.export import Export, Layout, export
from firmware_export.header import read_header
from tests.firmware_export.device.board import (
    SMALL,
    board_files,
    build_board,
    random_inputs,
    served,
    small,
    small_board,
)
from tests.firmware_export.test_ports import NETWORKS
from tests.single_op import TensorSpec, single_op

REQUESTS = st.builds(
    Frame,
    st.sampled_from("icrlx"),
    st.integers(0, 255),
    st.sampled_from([b"", bytes(108), b"\xea\x7e" * 54, bytes(107), bytes(109)]),
).map(encode)
CUT_REQUESTS = st.tuples(REQUESTS, st.integers(0, 40)).map(lambda pair: pair[0][pair[1] :])
STREAMS = st.lists(st.binary(max_size=60) | REQUESTS | CUT_REQUESTS, max_size=6).map(b"".join)


def replies_to(stream: bytes) -> tuple[Frame | Damage, ...]:
    """All that the board says to a stream that then ends; fails where a sanitizer has something to say."""
    done = subprocess.run(
        [small_board()],
        input=stream,
        capture_output=True,
        timeout=30,
        env={**os.environ, **SANITIZER_OPTIONS},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    decoded = decode(done.stdout, longest=4096)
    assert (decoded.rest, decoded.skipped) == (b"", 0)
    return decoded.frames


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STREAMS)
def test_no_stream_breaks_the_firmware_and_it_says_nothing_but_frames(stream):
    first, *_ = replies = replies_to(stream)
    assert first == Frame("B", 0)
    assert all(isinstance(reply, Frame) for reply in replies)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STREAMS)
def test_the_firmware_answers_after_any_stream_and_as_many_zeros_as_a_frame_has(stream):
    zeros = bytes(108 + 12)
    assert replies_to(stream + zeros + encode(Frame("c", 77)))[-1] == Frame("C", 77, bytes(4))


def test_the_firmware_refuses_each_wrong_request_by_its_code():
    wrong = bytearray(encode(Frame("i", 1)))
    wrong[-1] ^= 1
    stream = bytes(wrong) + encode(Frame("x", 2)) + encode(Frame("i", 3, b"a")) + encode(Frame("r", 4, bytes(107)))
    codes = [(reply.sequence, reply.payload[0]) for reply in replies_to(stream) if reply.kind == "E"]
    assert codes == [(1, 1), (2, 2), (3, 3), (4, 3)]


def two_inputs() -> Export:
    """A network whose inputs differ in size, with a space in its name."""
    image = TensorSpec((1, 4, 4, 3), scale=(0.5,), zero_point=(3,))
    gate = TensorSpec((1, 1, 1, 3), scale=(0.25,), zero_point=(-1,))
    return export(single_op("MUL", [image, gate], image), name="two inputs")


def test_several_inputs_arrive_in_the_order_of_run(tmp_path):
    exported = two_inputs()
    with served(build_board(exported, tmp_path)) as board, open_device(board.address) as device:
        assert device.info.input_bytes == (48, 3)
        for seed in range(4):
            inputs = random_inputs(exported, seed)
            (expected,) = interpreter.run(exported.graph, inputs)
            assert device.run([array.tobytes() for array in inputs]).outputs == (expected.astype(np.int8).tobytes(),)


@pytest.mark.parametrize("kind", NETWORKS)
def test_values_of_every_type_arrive_as_bytes(kind, tmp_path):
    exported = NETWORKS[kind]()
    with served(build_board(exported, tmp_path)) as board, open_device(board.address) as device:
        assert device.info.input_bytes == tuple(port.nbytes for port in exported.program.inputs)
        inputs = random_inputs(exported, 5)
        expected = tuple(array.tobytes() for array in interpreter.run(exported.graph, inputs))
        assert device.run([array.tobytes() for array in inputs]).outputs == expected


@pytest.mark.parametrize("exported", [small(), two_inputs()], ids=["one input", "two inputs"])
def test_the_header_alone_tells_what_the_network_c_needs(exported, tmp_path):
    ((name, text),) = exported.files.items()
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert binding_of(read_header(tmp_path / name)) == binding_of(exported)


def test_of_split_files_the_network_c_holds_no_definitions():
    own = network_files(binding_of(export(SMALL.read_bytes(), name="small_se", layout=Layout.SPLIT)))
    assert own.keys() == {"network.c"}
    assert "SMALL_SE_IMPLEMENTATION" not in own["network.c"]
    assert "-DSMALL_SE_TRACE" in own["network.c"]


COMPILERS = (Compiler.ZIG, pytest.param(Compiler.GCC, marks=pytest.mark.arm))


@pytest.mark.parametrize("compiler", COMPILERS, ids=lambda compiler: compiler.value)
@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33"])
def test_the_firmware_compiles_without_a_warning(core, compiler, tmp_path):
    exported = small()
    files = board_files(exported) | firmware_sources()
    del files["host_board.c"]
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    toolchain = Toolchain(core, compiler)
    try:
        command = (*find_compiler(compiler), *core_flags(toolchain))
    except ToolMissing as missing:
        pytest.skip(str(missing))
    strings = ("-isystem", str(RUNTIME)) if compiler is Compiler.ZIG else ()
    for source in (name for name in files if name.endswith(".c")):
        run_tool((*command, "-std=c11", "-O2", *WARNINGS, *strings, "-c", source), what=source, folder=tmp_path)
