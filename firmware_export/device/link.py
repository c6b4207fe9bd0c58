"""A serial line to a device, by its address: `serial:/dev/ttyACM0`, `serial:COM3`, `serial:socket://host:port`."""

from __future__ import annotations

import errno
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from firmware_export.errors import DeviceError, ToolMissing, UnknownDevice

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEME = "serial:"
BAUD = 115200  # what the firmware of this package speaks, and ST-LINK's serial line with it
BITS_A_BYTE = 10  # with start and stop bit
WRITE_SECONDS = 5.0  # beyond what the baud rate takes
LARGEST_READ = 1 << 16


@dataclass(frozen=True)
class Address:
    """Where a device is."""

    url: str  # what pyserial opens
    baud: int = BAUD

    def __str__(self) -> str:
        return f"{SCHEME}{self.url}"

    def seconds(self, size: int) -> float:
        """How long so many bytes are on the line."""
        return size * BITS_A_BYTE / self.baud


class Link(Protocol):
    """Bytes to and from a device. Both raise DeviceError where the line is gone; neither waits for ever."""

    @property
    def address(self) -> Address:
        """Where it leads."""

    def write(self, data: bytes) -> None:
        """Send all."""

    def read(self, seconds: float) -> bytes:
        """What has come, after waiting for the first byte of it; nothing where none came in time."""

    def close(self) -> None:
        """Let others use it."""


def parse_address(text: str) -> Address:
    """`serial:PORT` or `serial:PORT,BAUD` as a value. Raises UnknownDevice."""
    port, _, rate = text.removeprefix(SCHEME).partition(",")
    if not text.startswith(SCHEME) or not port:
        raise UnknownDevice(
            f"{text!r} is no device: write serial:/dev/ttyACM0, serial:COM3 or serial:socket://host:port, "
            f"and a baud rate other than {BAUD} behind a comma"
        )
    if rate and not (rate.isascii() and rate.isdigit() and int(rate) > 0):
        raise UnknownDevice(f"{text!r}: {rate!r} is no baud rate: write for example {SCHEME}{port},{BAUD}")
    return Address(port, int(rate) if rate else BAUD)


def open_link(address: Address) -> Link:
    """Open the port. Raises DeviceError with the ports that are there, ToolMissing without pyserial."""
    try:
        import serial
    except ImportError:
        raise ToolMissing("pyserial is not installed: pip install pyserial") from None
    try:
        port = serial.serial_for_url(address.url, baudrate=address.baud, exclusive=True, do_not_open=True)
        if "://" in address.url:
            port.reset_input_buffer = _keep  # open() calls it, and it would read a socket that never pauses for ever
        port.open()
    except Exception as failure:  # also termios.error and what a URL's own class raises
        raise DeviceError(f"{address} cannot be opened ({_reason(failure)}): {_advice(address, failure)}") from failure
    return SerialLink(address, port)


class SerialLink:
    """A link over pyserial."""

    def __init__(self, address: Address, port: Any) -> None:
        self._address = address
        self._port = port

    @property
    def address(self) -> Address:
        """Where it leads."""
        return self._address

    def write(self, data: bytes) -> None:
        """Send all; what the line cannot take in time means that it is gone."""
        with self._failures("sending"):
            self._port.write_timeout = WRITE_SECONDS + self._address.seconds(len(data))
            self._port.write(data)

    def read(self, seconds: float) -> bytes:
        """What has come, after waiting for the first byte of it; nothing where none came in time."""
        with self._failures("receiving"):
            self._port.timeout = max(seconds, 0.0)
            first: bytes = self._port.read(1)
            if not first:
                return b""
            self._port.timeout = 0  # a socket tells only whether anything waits, not how much
            rest: bytes = self._port.read(LARGEST_READ)
            return first + rest

    def close(self) -> None:
        """Let others use it."""
        with self._failures("closing"):
            self._port.close()

    @contextmanager
    def _failures(self, doing: str) -> Iterator[None]:
        try:
            yield
        except Exception as failure:  # pyserial lets termios.error through where a plug is pulled
            raise DeviceError(
                f"the connection to {self._address} was lost while {doing} ({_reason(failure)}): "
                "check cable and power, close other programs that use the port, and try again"
            ) from failure


def deadline_after(seconds: float) -> float:
    """The reading of the monotonic clock at which so many seconds have passed."""
    return time.monotonic() + seconds


def seconds_until(deadline: float) -> float:
    """What is left; negative where it has passed."""
    return deadline - time.monotonic()


def _reason(failure: Exception) -> str:
    return " ".join(str(failure).split())


def _keep() -> None:
    pass


def _advice(address: Address, failure: Exception) -> str:
    if "://" in address.url:
        return "start what listens there first, and compare host and port"
    if getattr(failure, "errno", None) == errno.EACCES:
        return "ask for the right to use it (on Linux: sudo usermod -aG dialout $USER, then log in again)"
    if getattr(failure, "errno", None) in (errno.EBUSY, errno.EAGAIN):
        return "another program uses it: close that first"
    from serial.tools import list_ports

    there = ", ".join(sorted(port.device for port in list_ports.comports()))
    return f"the serial ports here are {there}" if there else "no serial port is here: plug the board in"
