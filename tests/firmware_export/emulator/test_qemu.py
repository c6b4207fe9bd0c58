"""Whole images boot in QEMU, give the bytes of the reference, and end in a sentence when something goes wrong."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from firmware_export.emulator import Interface, build, run
from firmware_export.emulator.boards import QEMU_BOARDS, find_board
from firmware_export.emulator.cores import EMULATED_CORES, FpuNames
from firmware_export.emulator.firmware import Firmware, build_firmware, report_main
from firmware_export.emulator.qemu import check_faults, find_qemu, run_report, run_to_end, serial_over_tcp
from firmware_export.emulator.toolchain import Toolchain, check_macros
from firmware_export.errors import BuildFailed, EmulationFault, ToolMissing
from firmware_export.export import Export, export
from firmware_export.interpreter import run as interpret
from firmware_export.targets import Fpu
from firmware_export.tflite_reader import read_tflite
from tests.firmware_export.emulator.firmwares import (
    BOARD_IDS,
    CALL,
    NETDUINO,
    VLDISCOVERY,
    firmware_of,
    image_on,
    on_qemu,
)
from tests.firmware_export.emulator.headers import COMPILERS, SATURATING_ADD

MODEL = Path(__file__).parents[2] / "golden" / "small_se.tflite"
by_compiler = pytest.mark.parametrize("compiler", COMPILERS)
by_board = pytest.mark.parametrize("board", QEMU_BOARDS, ids=BOARD_IDS)


@cache
def small_se() -> Export:
    return export(MODEL.read_bytes(), name="small_se")


@cache
def small_se_samples() -> tuple[tuple[bytes], ...]:
    generator = np.random.default_rng(7)
    extremes = [np.full(108, value, np.int8) for value in (-128, 127)]
    samples = [*extremes, *generator.integers(-128, 128, (3, 108), dtype=np.int8)]
    return tuple((sample.tobytes(),) for sample in samples)


def small_se_firmware() -> Firmware:
    program = small_se().program
    sizes = [tuple(port.elements for port in ports) for ports in (program.inputs, program.outputs)]
    interface = Interface(*sizes, program.activations_bytes)
    return Firmware("small_se", small_se().files, interface, report_main(interface, small_se_samples()))


@cache
def expected_outputs() -> tuple[bytes, ...]:
    graph = read_tflite(MODEL.read_bytes(), name="small_se")
    inputs = [np.frombuffer(sample, np.int8) for (sample,) in small_se_samples()]
    return tuple(interpret(graph, [array])[0].tobytes() for array in inputs)


# What boots


@on_qemu
@by_compiler
@by_board
def test_a_board_prints_the_bytes_of_the_reference(board, compiler):
    firmware = small_se_firmware()
    report = run_report(image_on(board, firmware, compiler), board)
    assert report.outputs == expected_outputs()
    assert report.statuses == (0,) * 5


@on_qemu
@by_compiler
@pytest.mark.parametrize("optimize", ["-O0", "-Os", "-O3"])
@pytest.mark.parametrize("board", [VLDISCOVERY, find_board("mps3-an547")], ids=lambda board: board.name)
def test_a_board_boots_at_every_level_of_optimization(board, optimize, compiler):
    report = run_report(image_on(board, small_se_firmware(), compiler, optimize), board)
    assert report.outputs == expected_outputs()


HELIUM_AND_FLOATS = find_board("mps3-an547")
WITH_FPU = [(NETDUINO, Fpu.SINGLE), (find_board("mps2-an500"), Fpu.SINGLE), (HELIUM_AND_FLOATS, Fpu.DOUBLE)]


@on_qemu
@by_compiler
@pytest.mark.parametrize(("board", "fpu"), WITH_FPU, ids=[board.name for board, _ in WITH_FPU])
def test_a_floating_point_unit_is_switched_on(board, fpu, compiler):
    main = """int main(void)
{
    volatile float third = 3.0f;
    third = 1.0f / third;
    ea_put_hex((uint32_t)(third * 65536.0f));
    return 0;
}
"""
    image = build_firmware(firmware_of(main), board=board, toolchain=Toolchain(board.core, compiler, fpu=fpu))
    assert run_to_end(image, board) == f"{65536 // 3:#010x}"


# A value in initialised data and one in cleared data are changed, and the program starts over from reset. The reload
# register of SysTick remembers how often: it is no memory.
RESTART = """#include "ea_register.h"
#define TIMES EA_REGISTER(0xE000E014u)
void ea_reset(void);
static volatile uint32_t initialised = 0x1234, cleared;
int main(void)
{
    ea_put_hex(initialised);
    ea_put_hex(cleared);
    initialised++;
    cleared--;
    if (TIMES++ < 3)
        ea_reset();
    return 0;
}
"""


@on_qemu
@by_compiler
@by_board
def test_reset_initialises_and_clears_memory_that_holds_something_else(board, compiler):
    assert run_to_end(image_on(board, firmware_of(RESTART), compiler), board) == "0x000012340x00000000" * 4


HELIUM = """#include <arm_mve.h>
int main(void)
{
    const int8x16_t ramp = vreinterpretq_s8_u8(vidupq_n_u8(0, 1));
    ea_put_hex((uint32_t)vmladavq_s8(ramp, ramp));
    return 0;
}
"""


@on_qemu
@by_compiler
def test_helium_is_compiled_and_switched_on(compiler):
    board = find_board("mps3-an547")
    assert run_to_end(image_on(board, firmware_of(HELIUM), compiler), board) == f"{sum(i * i for i in range(16)):#010x}"


@by_compiler
def test_a_compiler_that_leaves_out_helium_without_a_word_is_refused(compiler, monkeypatch):
    check_macros(Toolchain("cortex-m55", compiler))
    plain = {Fpu.NONE: FpuNames()}
    forgetful = replace(EMULATED_CORES["cortex-m55"], name="forgetful", fpus=plain, gcc_float_abi="soft")
    monkeypatch.setitem(EMULATED_CORES, "forgetful", forgetful)
    with pytest.raises(BuildFailed, match=rf"{compiler.value}.* does not define .*__ARM_FEATURE_MVE for forgetful"):
        build(SATURATING_ADD.files, name="model", toolchain=Toolchain("forgetful", compiler))


def test_unicorn_says_that_it_has_no_m55():
    image = build(SATURATING_ADD.files, name="model", toolchain=Toolchain("cortex-m55"))
    with pytest.raises(ToolMissing, match="Unicorn has no cortex-m55: run it in QEMU"):
        run(image, SATURATING_ADD.interface, [])


CYCLES = """#include "ea_register.h"
int main(void)
{
    EA_REGISTER(0xE000EDFCu) |= 1u << 24;
    EA_REGISTER(0xE0001000u) |= 1u;
    ea_put_hex(EA_REGISTER(0xE0001004u));
    ea_put_hex(EA_REGISTER(0xE0001004u));
    return 0;
}
"""


@on_qemu
def test_the_cycle_counter_stands_still_in_qemu_so_nobody_may_wait_for_it():
    assert run_to_end(image_on(VLDISCOVERY, firmware_of(CYCLES)), VLDISCOVERY) == "0x00000000" * 2


BEYOND_THE_PART = """#include "ea_register.h"
int main(void)
{
    EA_REGISTER(0x20020000u) = 0x600df00d;
    ea_put_hex(EA_REGISTER(0x20020000u));
    return 0;
}
"""


@on_qemu
def test_qemus_netduino_has_ram_where_the_part_has_a_hole_so_the_linker_must_enforce_it():
    assert run_to_end(image_on(NETDUINO, firmware_of(BEYOND_THE_PART)), NETDUINO) == "0x600df00d"
    assert max(bank.end for bank in NETDUINO.memory.ram) == 0x2002_0000


# What goes wrong

NOWHERE = 0x1F00_0000  # on none of the boards
DEEP = """static int deep(volatile int *above)
{
    volatile int here[16] = {*above + 1};
    return here[0] < 1000000 ? deep(here) + here[3] : 0;
}
int main(void)
{
    volatile int start = 0;
    return deep(&start);
}
"""
FAULTS = {
    "undefined instruction": ('__asm__ volatile("udf #7");', r"UsageFault at body\+0x\w+ \(0x\w+\), .*address unknown"),
    "read of nothing": (
        f"return (int)*(volatile uint32_t *){NOWHERE:#x};",
        rf"BusFault at body\+0x\w+ \(.*address {NOWHERE:#010x}",
    ),
    "jump to an even address": (
        "const uintptr_t even = (uintptr_t)&ea_put_text & ~(uintptr_t)1; ((void (*)(void))even)();",
        r"UsageFault at ea_put_text\+0x0 .*called from body\+",
    ),
    "no memory to run": (
        f"((void (*)(void)){NOWHERE + 1:#x})();",
        rf"BusFault at {NOWHERE:#010x} .*called from body\+",
    ),
}


# QEMU lets these machines read zeros where nothing is, and drops what is written there.
WITHOUT_BUS_FAULTS = ("mps2-an385", "mps2-an386", "mps2-an500")
WITH_BUS_FAULTS = [board for board in QEMU_BOARDS if board.name not in WITHOUT_BUS_FAULTS]
IDS_WITH_BUS_FAULTS = [board.name for board in WITH_BUS_FAULTS]
FAULTS_AND_BOARDS = [
    pytest.param(body, message, board, id=f"{name}-{board.name}")
    for name, (body, message) in FAULTS.items()
    for board in (WITH_BUS_FAULTS if "BusFault" in message else QEMU_BOARDS)
]


@on_qemu
@pytest.mark.parametrize(("body", "message", "board"), FAULTS_AND_BOARDS)
def test_a_fault_names_its_kind_the_function_and_the_address(body, message, board):
    image = image_on(board, firmware_of(f"int main(void)\n{{\n    {body}\n    return 0;\n}}\n"))
    with pytest.raises(EmulationFault, match=f"model on {board.name} in QEMU: {message}"):
        run_to_end(image, board)


@on_qemu
@by_compiler
@pytest.mark.parametrize("board", WITH_BUS_FAULTS, ids=IDS_WITH_BUS_FAULTS)
def test_a_stack_that_overflows_is_told_from_other_faults(board, compiler):
    with pytest.raises(EmulationFault, match=f"model on {board.name} in QEMU: stack-overflow at "):
        run_to_end(image_on(board, firmware_of(DEEP), compiler, "-O1"), board)


ENDINGS = {
    "endless": ('int main(void) { ea_put_text("begun\\n"); for (;;) { } }', "no end after 0.5 s: begun"),
    "endless talk": ('int main(void) { for (;;) ea_put_text("la\\n"); }', "no end after 0.5 s: l"),
    "bad end": ('int main(void) { ea_put_text("no luck\\n"); return 3; }', "ended with exit status 1: no luck"),
    "lockup": (
        '#include "ea_register.h"\nint main(void) { EA_REGISTER(0xE000ED08u) = 0x0E000000u;'
        ' __asm__ volatile("udf #0"); return 0; }',
        "ended with exit status -6: qemu: fatal: Lockup",
    ),
}


@on_qemu
@pytest.mark.parametrize(("main", "message"), ENDINGS.values(), ids=ENDINGS)
def test_an_image_that_does_not_end_well_ends_in_a_sentence(main, message):
    with pytest.raises(EmulationFault, match=f"^model on stm32vldiscovery in QEMU: {message}"):
        run_to_end(image_on(VLDISCOVERY, firmware_of(main)), VLDISCOVERY, seconds=0.5)


@on_qemu
def test_what_is_no_report_is_refused():
    image = image_on(VLDISCOVERY, firmware_of('int main(void) { ea_put_text("hello\\ndone\\n"); return 0; }'))
    with pytest.raises(EmulationFault, match="printed something else than a report"):
        run_report(image, VLDISCOVERY)


def test_a_missing_qemu_is_answered_with_how_to_install_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolMissing, match="apt install qemu-system-arm"):
        find_qemu()


def test_a_board_that_qemu_does_not_know_is_refused():
    board = find_board("nucleo-f446re")
    with pytest.raises(ToolMissing, match="QEMU does not know the board nucleo-f446re"):
        run_to_end(image_on(board, firmware_of(CALL)), board)


def test_a_fault_without_a_place_is_told_too():
    image = image_on(VLDISCOVERY, firmware_of(CALL))
    line = "\nfault: stack-overflow pc=unknown lr=unknown address=0x1ffffff8 status=0x00001000\n"
    with pytest.raises(EmulationFault, match="stack-overflow at unknown, called from unknown; address 0x1ffffff8"):
        check_faults(line, image, "here")


# The serial port

ECHO = """int main(void)
{
    ea_put_text("ready\\n");
    for (;;)
        ea_uart_put((uint8_t)(ea_uart_get() ^ 0x20));
}
"""


def answer(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += connection.recv(size - len(data))
    return data


@on_qemu
@by_board
def test_every_byte_passes_a_boards_serial_port_both_ways(board):
    sent = bytes(range(256)) * 8
    with serial_over_tcp(image_on(board, firmware_of(ECHO)), board) as port:
        connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        with connection:
            assert answer(connection, 6) == b"ready\n"
            connection.sendall(sent)
            assert answer(connection, len(sent)) == bytes(byte ^ 0x20 for byte in sent)


def running_children() -> list[str]:
    listed = subprocess.run(
        ["ps", "-o", "comm=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    return [name for name in listed.stdout.split() if name.startswith("qemu")]


@on_qemu
@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError, None])
def test_no_process_is_left_behind(interruption):
    try:
        with serial_over_tcp(image_on(VLDISCOVERY, firmware_of(ECHO)), VLDISCOVERY) as port:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                assert answer(connection, 6) == b"ready\n"
            assert running_children() == ["qemu-system-arm"]
            if interruption:
                raise interruption
    except (KeyboardInterrupt, RuntimeError):
        pass
    assert running_children() == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


PARENT = """
    import time
    from firmware_export.emulator.qemu import serial_over_tcp
    from tests.firmware_export.emulator.firmwares import VLDISCOVERY, firmware_of, image_on
    from tests.firmware_export.emulator.test_qemu import ECHO
    with serial_over_tcp(image_on(VLDISCOVERY, firmware_of(ECHO)), VLDISCOVERY) as port:
        print(port, flush=True)
        time.sleep(100)
"""


def port_is_open(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


@on_qemu
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_qemu_ends_with_a_parent_that_is_killed():
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", textwrap.dedent(PARENT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        port = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    ends = time.monotonic() + 10
    while port_is_open(port) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not port_is_open(port)
