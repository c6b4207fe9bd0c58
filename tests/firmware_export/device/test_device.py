"""The firmware's own C, over a line that is good, spoiled, cut or dead: right bytes, or one sentence that says why."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from firmware_export import interpreter
from firmware_export.device import DeviceInfo, Patience, Wanted, open_device
from firmware_export.device.frames import Frame, decode, encode
from firmware_export.errors import DeviceError, UnknownDevice
from tests.firmware_export.device.board import (
    CLOCK_HZ,
    Once,
    build_board,
    random_inputs,
    served,
    small,
    small_board,
)

HURRIED = Patience(accept_seconds=0.2, reply_seconds=1.0, quiet_seconds=0.15, attempts=4)
FAST = 921600  # baud: how long bytes are waited for depends on it
SECONDS = 20.0  # within which every error of a patient host is said; a hurried one's is a fraction of it
INFO_BYTES = len(encode(Frame("i", 1)))
INFO_REPLY_BYTES = INFO_BYTES + 9 + 2 * 4 + 32 + len("small_se")


def sample(seed: int) -> tuple[bytes, ...]:
    return tuple(array.tobytes() for array in random_inputs(small(), seed))


def expected(seed: int) -> tuple[bytes, ...]:
    return tuple(array.tobytes() for array in interpreter.run(small().graph, random_inputs(small(), seed)))


def expected_layers(seed: int) -> list[tuple[str, bytes]]:
    graph = small().graph
    values = interpreter.run_all(graph, random_inputs(small(), seed))
    return [(op.name, values[op.outputs[0]].tobytes()) for op in graph.ops]


class After:
    """Does something instead of passing on what comes after so many bytes."""

    def __init__(self, place: int, act) -> None:
        self._left, self._act, self._done = place, act, threading.Event()

    def __call__(self, data: bytes) -> bytes:
        passed, self._left = data[: max(self._left, 0)], self._left - len(data)
        if self._left < 0 and not self._done.is_set():
            self._done.set()
            self._act()
        return passed


class Without:
    """Passes on whole frames, but those of a kind."""

    def __init__(self, kind: str) -> None:
        self._kind, self._rest = kind, b""

    def __call__(self, data: bytes) -> bytes:
        found = decode(self._rest + data, longest=4096)
        self._rest = found.rest
        return b"".join(
            encode(frame) for frame in found.frames if isinstance(frame, Frame) and frame.kind != self._kind
        )


@contextmanager
def speaking(say) -> Iterator[str]:
    """A port on which `say(guest)` is called for the one who connects."""

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as guest:
            say(guest)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"serial:socket://127.0.0.1:{listener.getsockname()[1]},{FAST}"
        listener.close()
        thread.join(10)
        assert not thread.is_alive()


def read_until_closed(guest: socket.socket) -> None:
    while guest.recv(4096):
        pass


def flood(chunk: bytes):
    def say(guest: socket.socket) -> None:
        while True:
            guest.sendall(chunk)

    return say


def answer_with(reply: bytes):
    """Answer everything that is heard with the same bytes."""

    def say(guest: socket.socket) -> None:
        while guest.recv(4096):
            guest.sendall(reply)

    return say


def test_a_device_tells_what_it_holds():
    with served(small_board()) as board, open_device(board.address) as device:
        assert device.info == DeviceInfo(
            name="small_se",
            model_sha256=small().program.model_sha256,
            input_bytes=(108,),
            output_bytes=(288,),
            counts_cycles=True,
            clock_hz=CLOCK_HZ,
            shows_layers=True,
        )


def test_a_device_gives_the_bytes_of_the_interpreter():
    with served(small_board()) as board, open_device(board.address) as device:
        assert [device.run(sample(seed)).outputs for seed in range(8)] == [expected(seed) for seed in range(8)]


def test_a_device_shows_every_layer_and_counts_each_alone():
    with served(small_board()) as board, open_device(board.address) as device:
        layers, run = device.run_layers(sample(1))
    assert [(layer.name, layer.output) for layer in layers] == expected_layers(1)
    assert run.outputs == expected(1)
    # The board's counter advances by 1000 a reading: one pair a layer, and one from the last layer to the end.
    assert [layer.cycles for layer in layers] == [1000] * len(layers)
    assert run.cycles == 1000 * (len(layers) + 1)


def test_cycles_are_counted_across_the_end_of_the_counter():
    with served(small_board()) as board, open_device(board.address) as device:
        assert [device.run(sample(0)).cycles for _ in range(3)] == [1000] * 3


def test_a_device_checks_its_weights():
    with served(small_board()) as board, open_device(board.address) as device:
        assert device.weights_are_whole()


def test_a_second_host_finds_the_device_that_the_first_left():
    with served(small_board()) as board:
        for seed in range(2):
            with open_device(board.address) as device:
                assert device.run(sample(seed)).outputs == expected(seed)


def test_a_host_that_left_in_the_middle_of_a_request_leaves_no_trace():
    half = encode(Frame("r", 1, sample(0)[0]))[:40]
    with served(small_board()) as board:
        place = board.address.removeprefix("serial:socket://").split(":")
        with socket.create_connection((place[0], int(place[1]))) as guest:
            guest.sendall(half)
            time.sleep(0.1)
        with open_device(board.address, HURRIED) as device:
            assert device.run(sample(2)).outputs == expected(2)


@pytest.mark.parametrize("how", ["dropped", "changed", "doubled"])
@pytest.mark.parametrize("place", [0, 1, 2, 3, 4, 7, 8, 60, 115, 116, 119])
def test_a_byte_spoiled_on_the_way_to_the_device_is_no_matter(how, place):
    with (
        served(small_board(), to_device=Once(INFO_BYTES + place, how)) as board,
        open_device(board.address, HURRIED) as device,
    ):
        assert device.run(sample(3)).outputs == expected(3)
        assert device.run(sample(4)).outputs == expected(4)


@pytest.mark.parametrize("how", ["dropped", "changed", "doubled"])
@pytest.mark.parametrize("place", [0, 1, 2, 3, 4, 8, 11, 12, 13, 14, 15, 16, 20, 21, 200, 318, 319])
def test_a_byte_spoiled_on_the_way_to_the_host_is_no_matter(how, place):
    with (
        served(small_board(), to_host=Once(INFO_REPLY_BYTES + place, how)) as board,
        open_device(board.address, HURRIED) as device,
    ):
        assert device.run(sample(5)).outputs == expected(5)
        assert device.run(sample(6)).outputs == expected(6)


@pytest.mark.parametrize("how", ["dropped", "changed", "doubled"])
@pytest.mark.parametrize("place", [*range(90, 800, 53), 100, 101, 102])
def test_no_layer_gets_lost_with_a_spoiled_byte(how, place):
    with served(small_board(), to_host=Once(place, how)) as board, open_device(board.address, HURRIED) as device:
        layers, run = device.run_layers(sample(7))
    assert [(layer.name, layer.output) for layer in layers] == expected_layers(7)
    assert run.outputs == expected(7)


def test_what_a_device_says_before_its_first_frame_is_skipped():
    said = []

    def boot(data: bytes) -> bytes:
        greeting = b"" if said else b"STM32 bootloader v1.2\r\n\xea\xea\x7e\x00"
        said.append(data)
        return greeting + data

    with served(small_board(), to_host=boot) as board, open_device(board.address, HURRIED) as device:
        assert device.run(sample(8)).outputs == expected(8)


class Every:
    """Changes every so many bytes one."""

    def __init__(self, period: int) -> None:
        self._period, self._seen = period, 0

    def __call__(self, data: bytes) -> bytes:
        places = range(self._seen, self._seen + len(data))
        self._seen += len(data)
        return bytes(byte ^ (place % self._period == 4) for byte, place in zip(data, places, strict=True))


def fails(address: str, patience: Patience = HURRIED) -> str:
    """What a host is told that asks for one run, in the time it has."""
    started = time.monotonic()
    with pytest.raises(DeviceError) as failure, open_device(address, patience) as device:
        device.run(sample(0))
    assert time.monotonic() - started < SECONDS
    message = str(failure.value)
    assert address.split(",")[0] in message
    assert "\n" not in message
    return message


def test_silence_is_told_in_time_with_the_usual_patience():
    with speaking(read_until_closed) as address:
        message = fails(address.removesuffix(f",{FAST}"), Patience())
    assert "does not answer: press its reset button" in message
    assert "115200 baud" in message


def test_a_flood_of_garbage_is_told_with_the_usual_patience():
    with speaking(flood(b"\x80\xfe\x00\xf8" * 1024)) as address:
        assert "bytes that are no frames" in fails(address, Patience())


def test_a_flood_of_broken_frames_is_told():
    with speaking(flood((b"\xea\x7eI\x01\x02\0\0\0ab" + b"\0" * 4) * 256)) as address:
        assert "arrive damaged (a wrong CRC-32), 4 times in a row" in fails(address)


def test_a_flood_of_layers_is_told():
    layer = encode(Frame("D", 1, bytes(4) + b"conv\0ab"))
    with speaking(flood(layer * 64)) as address:
        fails(address)


def test_a_trickle_of_noise_is_told_in_time():
    def trickle(guest: socket.socket) -> None:
        while True:
            guest.sendall(b"\xea")
            time.sleep(0.05)

    with speaking(trickle) as address:
        fails(address)


def test_a_line_that_spoils_everything_is_told():
    with served(small_board(), to_host=Every(INFO_REPLY_BYTES)) as board:
        assert "arrive damaged" in fails(board.address)


def test_a_line_that_spoils_every_request_is_told():
    with served(small_board(), to_device=Every(INFO_BYTES)) as board:
        message = fails(board.address)
    assert "refuses the request (a wrong length)" in message


def test_a_connection_that_ends_in_the_middle_of_a_run_is_told():
    with served(small_board()) as board:
        board._to_device = After(INFO_BYTES + 50, board.hang_up)
        assert "the connection to serial:socket://" in fails(board.address)


def test_a_device_that_resets_in_the_middle_of_a_request_is_told():
    with served(small_board()) as board:
        board._to_device = After(INFO_BYTES + 50, board.reset)
        assert "restarted in the middle of a request: look for a hard fault" in fails(board.address)


def test_a_device_that_resets_in_the_middle_of_its_reply_is_told():
    with served(small_board()) as board:
        threads = []

        def reset() -> None:  # from a thread of its own: the one that speaks ends with the program
            threads.append(threading.Thread(target=board.reset))
            threads[-1].start()

        class Reset(After):
            """What the first program still had to say is lost; the next one has a thread of its own."""

            speaker: threading.Thread | None = None

            def __call__(self, data: bytes) -> bytes:
                self.speaker = self.speaker or threading.current_thread()
                return super().__call__(data) if threading.current_thread() is self.speaker else data

        board._to_host = Reset(INFO_REPLY_BYTES + 12 + 100, reset)
        message = fails(board.address)
        for thread in threads:
            thread.join(10)
    assert "restarted in the middle of a request" in message


def test_a_device_that_takes_the_request_and_falls_silent_is_told():
    with served(small_board(), to_host=Without("R")) as board:
        message = fails(board.address)
    assert "gave no result within 1 s: wait longer with --timeout" in message


def test_a_fault_that_the_firmware_prints_is_told():
    fault = b"fault: hardfault pc=0x08000123 lr=0x08000457 address=0x20020000 status=0x00000400\n"
    info = []

    def stop(data: bytes) -> bytes:
        info.append(data)
        sent = sum(map(len, info))
        return data if sent <= INFO_REPLY_BYTES else fault if sent - len(data) <= INFO_REPLY_BYTES else b""

    with served(small_board(), to_host=stop) as board:
        message = fails(board.address)
    assert "its core has stopped (fault: hardfault pc=0x08000123 lr=0x08000457 address=0x20020000" in message


def wanted() -> Wanted:
    program = small().program
    return Wanted(program.name, program.model_sha256, (108,), (288,))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (
            {"name": "mine", "model_sha256": "ab" * 32},
            ("another model: small_se with SHA-256 0e7c43c2924a", "mine has abababababab", "flash firmware"),
        ),
        ({"input_bytes": (108, 4)}, ("takes 108 bytes", "takes 108 + 4 bytes", "build its firmware again")),
        ({"output_bytes": (7,)}, ("gives 288 bytes", "gives 7 bytes")),
    ],
    ids=["model", "inputs", "outputs"],
)
def test_another_network_is_told_apart(other, words):
    with served(small_board()) as board, open_device(board.address) as device:
        device.require(wanted())
        with pytest.raises(DeviceError) as failure:
            device.require(replace(wanted(), **other))
    for part in (*words, board.address):
        assert part in str(failure.value)


def test_a_status_that_is_not_ok_is_told(tmp_path):
    exported = small()
    (name,) = exported.files
    text = exported.files[name].replace("    return SMALL_SE_OK;\n}", "    return SMALL_SE_MISALIGNED;\n}", 1)
    program = build_board(replace(exported, files={name: text}), tmp_path)
    with served(program) as board:
        assert "small_se_run on the device" in (message := fails(board.address))
    assert "returned status 2 (MISALIGNED)" in message


def test_damaged_weights_are_told_apart(tmp_path):
    exported = small()
    (name,) = exported.files
    head, mark, tail = exported.files[name].partition("crc == 0x")
    program = build_board(replace(exported, files={name: head + mark + "1" + tail[1:]}), tmp_path)
    with served(program) as board, open_device(board.address) as device:
        assert not device.weights_are_whole()


def test_firmware_without_layers_says_so(tmp_path):
    program = build_board(small(), tmp_path, "-DEA_WITHOUT_LAYERS")
    with served(program) as board, open_device(board.address) as device:
        assert device.run(sample(1)).outputs == expected(1)
        assert not device.info.shows_layers
        with pytest.raises(DeviceError, match="built without its layers: compile it with -DSMALL_SE_TRACE"):
            device.run_layers(sample(1))


@pytest.mark.parametrize(
    ("payload", "words"),
    [(b"", "version none"), (b"\x02" + bytes(80), "version 2 of the protocol and this tool 1"), (b"\x01", "no sense")],
)
def test_firmware_of_another_version_is_told(payload, words):
    with speaking(answer_with(encode(Frame("I", 1, payload)))) as address, pytest.raises(DeviceError, match=words):
        open_device(address, HURRIED)


@pytest.mark.parametrize(
    "text", ["/dev/ttyACM0", "serial:", "serial:,9600", "serial:COM3,fast", "serial:COM3,0", "usb:1"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(UnknownDevice, match=r"serial:(/dev/ttyACM0|COM3,115200)"):
        open_device(text)


def test_a_port_that_is_not_there_is_told():
    with pytest.raises(DeviceError, match=r"serial:/dev/nothing cannot be opened .*(ports here are|no serial port)"):
        open_device("serial:/dev/nothing")


def test_a_file_that_is_no_port_is_told(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    with pytest.raises(DeviceError, match="cannot be opened"):
        open_device(f"serial:{path}")


def test_a_socket_that_nobody_listens_on_is_told():
    with pytest.raises(DeviceError, match="start what listens there first"):
        open_device("serial:socket://127.0.0.1:9")


def test_a_line_that_echoes_is_told():
    with speaking(lambda guest: [guest.sendall(data) for data in iter(lambda: guest.recv(4096), b"")]) as address:
        assert "does not answer" in fails(address)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")
def test_a_pseudo_terminal_is_a_port():
    host, device_side = os.openpty()
    with served(small_board()) as board:
        place = board.address.removeprefix("serial:socket://").split(":")
        with socket.create_connection((place[0], int(place[1]))) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ended = threading.Event()

            def outward() -> None:
                with suppress(OSError):
                    while not ended.is_set() and (data := os.read(host, 4096)):
                        wire.sendall(data)

            def inward() -> None:
                with suppress(OSError):
                    while data := wire.recv(4096):
                        os.write(host, data)

            for work in (outward, inward):
                threading.Thread(target=work, daemon=True).start()
            with open_device(f"serial:{os.ttyname(device_side)},921600") as device:
                assert [device.run(sample(seed)).outputs for seed in range(3)] == [expected(seed) for seed in range(3)]
            ended.set()
    os.close(device_side)
    os.close(host)
