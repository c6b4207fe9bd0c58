"""Whole firmware images in QEMU: booted without a screen, within a time limit, and never left running."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from firmware_export.emulator.boards import Board
from firmware_export.emulator.image import Image
from firmware_export.errors import EmulationFault, ToolMissing

SECONDS = 60.0
SEMIHOSTING = ("-semihosting-config", "enable=on,target=native")
FAULT = re.compile(r"^fault: (\S+) pc=(\S+) lr=(\S+) address=(\S+) status=(\S+)$", re.MULTILINE)
REPORT = re.compile(r"status (0x[0-9a-f]{8}) stack (0x[0-9a-f]{8}) output ([0-9a-f]*)")


@dataclass(frozen=True)
class Reported:
    """What `report_main` printed for each sample: status, stack in bytes, and the outputs one after the other."""

    statuses: tuple[int, ...]
    stacks: tuple[int, ...]
    outputs: tuple[bytes, ...]


def find_qemu() -> str:
    """The path of QEMU for Arm. Raises ToolMissing, with the command that installs it."""
    found = shutil.which("qemu-system-arm")
    if found is None:
        raise ToolMissing("qemu-system-arm is not installed: apt install qemu-system-arm")
    return found


def run_to_end(image: Image, board: Board, *, options: Sequence[str] = (), seconds: float = SECONDS) -> str:
    """Boot an image that ends by itself and return all that it printed.

    Raises EmulationFault if it faults, fails or does not end in time, ToolMissing without QEMU or for a board that QEMU
    does not know.
    """
    where = f"{image.name} on {board.name} in QEMU"
    with _command(image, board, ("-serial", "stdio", *options)) as command:
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, errors="replace", check=False
            )
        except subprocess.TimeoutExpired as late:
            printed = (late.stdout or b"").decode(errors="replace").strip().splitlines()[-1:]
            raise EmulationFault(": ".join((f"{where}: no end after {seconds:g} s", *printed))) from None
    check_faults(done.stdout, image, where)
    if done.returncode != 0:
        complaints = [line for line in done.stderr.splitlines() if "warning:" not in line]
        said = complaints[:1] or done.stdout.strip().splitlines()[-1:]
        raise EmulationFault(": ".join((f"{where}: ended with exit status {done.returncode}", *said)))
    return done.stdout


def run_report(image: Image, board: Board, *, options: Sequence[str] = (), seconds: float = SECONDS) -> Reported:
    """Boot an image with `report_main` and read what it printed. Raises as `run_to_end` does."""
    lines = run_to_end(image, board, options=options, seconds=seconds).split("\n")
    found = [REPORT.fullmatch(line) for line in lines[:-2]]
    rows = [match for match in found if match]
    if lines[-2:] != ["done", ""] or len(rows) != len(found):
        raise EmulationFault(
            f"{image.name} on {board.name} in QEMU: printed something else than a report: {lines[-3:]}"
        )
    statuses, stacks = (tuple(int(row[field], 16) for row in rows) for field in (1, 2))
    return Reported(statuses, stacks, tuple(bytes.fromhex(row[3]) for row in rows))


@contextmanager
def serial_over_tcp(image: Image, board: Board) -> Iterator[int]:
    """Boot an image with its serial port on a TCP port of this computer, whose number is given; end it on leaving.

    The core starts when the first client connects, so that nothing it sends is lost.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:  # QEMU inherits it: nobody can take the port in between
        number, port = server.fileno(), server.getsockname()[1]
        serial = ("-chardev", f"socket,id=uart,fd={number},server=on,wait=on", "-serial", "chardev:uart")
        with _command(image, board, serial) as command, _running(command, server) as process:
            try:
                yield port
            finally:
                process.kill()


@contextmanager
def _running(command: Sequence[str], server: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(  # waits for its end on leaving
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(server.fileno(),),
    ) as process:
        server.close()  # from now on a client is refused, not kept waiting, where QEMU is not there
        yield process


def check_faults(printed: str, image: Image, where: str) -> None:
    """Raise EmulationFault, with the functions' names, if a firmware printed that it had a fault."""
    fault = FAULT.search(printed)
    if fault is None:
        return
    kind, pc, lr, address, status = fault.groups()
    places = [value if value == "unknown" else f"{image.describe(int(value, 16) & ~1)} ({value})" for value in (pc, lr)]
    raise EmulationFault(
        f"{where}: {kind} at {places[0]}, called from {places[1]}; address {address}, fault status {status}"
    )


@contextmanager
def _command(image: Image, board: Board, options: Sequence[str]) -> Iterator[list[str]]:
    if not board.machine:
        raise ToolMissing(f"QEMU does not know the board {board.name}: choose one that it emulates")
    with tempfile.TemporaryDirectory(prefix="edgeattn-") as folder:
        elf = Path(folder) / "image.elf"
        elf.write_bytes(image.elf)
        yield [
            *_ends_with_this_process(),
            *(find_qemu(), "-machine", board.machine, "-kernel", str(elf)),
            *("-display", "none", "-monitor", "none", "-net", "none", *SEMIHOSTING, *options),
        ]


def _ends_with_this_process() -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")  # where it is missing, only a killed Python leaves QEMU running
    if setpriv is None:
        return ()
    still_there = 'test "$PPID" = "$0" && exec "$@"'  # or the parent ended before it could be watched
    return (setpriv, "--pdeathsig", "KILL", "--", "sh", "-c", still_there, str(os.getpid()))
