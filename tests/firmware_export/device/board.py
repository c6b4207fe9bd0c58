"""A board that is this computer: the firmware's own C behind a TCP socket, on a line that tests may spoil."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import numpy as np

from firmware_export.device import binding_of, firmware_sources, network_files
from firmware_export.emulator.firmware import board_source
from firmware_export.emulator.host import SANITIZER_OPTIONS, Sanitizers, host_compiler, sanitizers_available
from firmware_export.emulator.toolchain import WARNINGS, run_tool
from firmware_export.export import Export, export

HERE = Path(__file__).parent
SMALL = HERE.parents[1] / "golden" / "small_se.tflite"
CLOCK_HZ = 2_000_000
Spoil = Callable[[bytes], bytes]  # what becomes of bytes under way; called with all of one direction, in order


@cache
def small() -> Export:
    """A small squeeze-and-excitation network."""
    return export(SMALL.read_bytes(), name="small_se")


def random_inputs(exported: Export, seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    ports = exported.program.inputs
    return tuple(rng.integers(port.low, port.high + 1, port.shape).astype(port.dtype) for port in ports)


def board_files(exported: Export) -> dict[str, str]:
    """All C of the firmware, with this computer for a board."""
    files = {**firmware_sources(), **exported.files, **network_files(binding_of(exported))}
    del files["ea_counter.c"]
    files["ea_uart.h"] = board_source("ea_uart.h")
    return {**files, "host_board.c": (HERE / "host_board.c").read_text(encoding="utf-8")}


def build_board(exported: Export, folder: Path, *flags: str) -> Path:
    """Compile it, under the sanitizers where a compiler has them."""
    sanitizers = Sanitizers.ADDRESS_AND_UNDEFINED if sanitizers_available() else Sanitizers.OFF
    compiler, sanitize = host_compiler(sanitizers)
    files = board_files(exported)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    sources = sorted(name for name in files if name.endswith(".c"))
    options = (*WARNINGS, *sanitize, f"-DEA_CLOCK_HZ={CLOCK_HZ}u", *flags)
    run_tool((*compiler, "-std=c11", "-O1", *options, *sources, "-o", "board.exe"), what="the board", folder=folder)
    return folder / "board.exe"


@cache
def small_board() -> Path:
    """The firmware of the small network, compiled once a process."""
    return build_board(small(), Path(tempfile.mkdtemp(prefix="edgeattn-board-")))


def same(data: bytes) -> bytes:
    """A good line."""
    return data


class Once:
    """Spoils one byte of one direction, once: drops it, changes it, or says it twice."""

    def __init__(self, place: int, how: str) -> None:
        self._place, self._how, self._seen = place, how, 0

    def __call__(self, data: bytes) -> bytes:
        at, self._seen = self._place - self._seen, self._seen + len(data)
        if not 0 <= at < len(data):
            return data
        instead = {"dropped": b"", "changed": bytes([data[at] ^ 0x10]), "doubled": data[at : at + 1] * 2}[self._how]
        return data[:at] + instead + data[at + 1 :]


class Served:
    """A board behind a port of this computer. One program at a time; `reset` starts it anew."""

    def __init__(self, program: Path, *, to_device: Spoil = same, to_host: Spoil = same) -> None:
        self._program, self._to_device, self._to_host = program, to_device, to_host
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"serial:socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._guest: socket.socket | None = None
        self._running: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._has_spoken = threading.Event()
        self.errors = b""

    def start(self) -> None:
        """Begin to listen when the program has said that it has started, which then nobody hears."""
        self._start_program()
        assert self._has_spoken.wait(10)
        self._spawn(self._serve)

    def reset(self) -> None:
        """What a reset button does."""
        self._stop_program()
        self._start_program()

    def hang_up(self) -> None:
        """What pulling the plug does."""
        if self._guest is not None:
            self._guest.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with suppress(OSError):
            self.hang_up()
        self._stop_program()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self._guest, _ = self._listener.accept()
                self._guest.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._guest as guest, suppress(OSError):
                    while data := guest.recv(4096):
                        self._give(self._to_device(data))

    def _give(self, data: bytes) -> None:
        program = self._running
        if program is not None and data:
            with suppress(BrokenPipeError):
                program.stdin.write(data)

    def _start_program(self) -> None:
        pipe = subprocess.PIPE
        self._running = subprocess.Popen(
            [self._program], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=dict(SANITIZER_OPTIONS)
        )
        self._spawn(self._speak, self._running)

    def _speak(self, program: subprocess.Popen[bytes]) -> None:
        with suppress(ValueError):  # a reset has closed it between two reads
            while data := program.stdout.read(4096):
                self._has_spoken.set()
                with suppress(OSError, AttributeError):
                    self._guest.sendall(self._to_host(data))

    def _stop_program(self) -> None:
        program, self._running = self._running, None
        program.kill()
        self.errors += program.stderr.read()
        program.wait(10)
        for pipe in (program.stdin, program.stdout, program.stderr):
            pipe.close()

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()


@contextmanager
def served(program: Path, *, to_device: Spoil = same, to_host: Spoil = same) -> Iterator[Served]:
    """A board that answers while the block runs, and that no sanitizer had anything to say of."""
    board = Served(program, to_device=to_device, to_host=to_host)
    board.start()
    try:
        yield board
    finally:
        board.stop()
    assert board.errors == b"", board.errors.decode(errors="replace")


@contextmanager
def proxied(port: int, *, to_device: Spoil = same, to_host: Spoil = same) -> Iterator[str]:
    """A line to a TCP port of this computer that tests may spoil: its address, for one guest."""

    def pump(source: socket.socket, sink: socket.socket, spoil: Spoil) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                sink.sendall(spoil(data))

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as guest, socket.create_connection(("127.0.0.1", port)) as device:
            back = threading.Thread(target=pump, args=(device, guest, to_host), daemon=True)
            back.start()
            pump(guest, device, to_device)
            device.shutdown(socket.SHUT_RDWR)
            back.join(10)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"serial:socket://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(10)
        assert not thread.is_alive()
