"""The exceptions of firmware_export.

ExportError
├── ModelError          the file is not a model, is damaged, or says something impossible
├── UnsupportedOp       an op, type or shape that has no kernel: names the layer, the op and a way out
├── UnknownTarget       no part, series, core or board of that name
├── BankError           a bank of RAM whose name or size makes no sense
├── DoesNotFit          the target has too little RAM or flash
├── BadPlan             two buffers in use at once share bytes: a bug in the memory planner
├── HeaderError         a file of C is not what `export` wrote
├── BuildFailed         the compiler or linker refused the generated code
├── EmulationFault      the emulated core stopped before the network ended
├── ToolMissing         a compiler or emulator that was asked for is not installed
├── UnknownDevice       the text does not say where a device is
└── DeviceError         a device does not answer, not in whole frames, or holds other firmware
"""

from __future__ import annotations

from collections.abc import Mapping


class ExportError(Exception):
    """Whatever firmware_export raises on purpose."""


class ModelError(ExportError):
    """The file is not a model, is damaged, or says something impossible."""


class UnsupportedOp(ExportError):
    """An op, type or shape without a kernel."""


class UnknownTarget(ExportError):
    """No part, series, core or board of that name."""


class BankError(ExportError):
    """A bank of RAM whose name or size makes no sense."""


class DoesNotFit(ExportError):
    """The target has too little RAM or flash: `missing` holds the bytes by name of the memory, where a linker told."""

    def __init__(self, message: str, *, missing: Mapping[str, int] | None = None) -> None:
        super().__init__(message)
        self.missing = dict(missing or {})


class BadPlan(ExportError):
    """Two buffers in use at once share bytes: a bug in the memory planner."""


class HeaderError(ExportError):
    """A file of C is not what `export` wrote."""


class BuildFailed(ExportError):
    """The compiler or linker refused the generated code: `output` is all that it said."""

    def __init__(self, message: str, *, output: str = "") -> None:
        super().__init__(message)
        self.output = output


class EmulationFault(ExportError):
    """The emulated core stopped before the network ended."""


class ToolMissing(ExportError):
    """A compiler or emulator that was asked for is not installed."""


class UnknownDevice(ExportError):
    """The text does not say where a device is."""


class DeviceError(ExportError):
    """A device does not answer, not in whole frames, or holds other firmware."""
