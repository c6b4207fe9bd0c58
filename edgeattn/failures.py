"""Every exception as one sentence and an exit code."""

from __future__ import annotations

import firmware_export
from edgeattn.errors import EdgeattnError
from edgeattn.files import FULL, no_room

EXIT_CODES = {
    firmware_export.ModelError: 3,
    firmware_export.HeaderError: 3,
    firmware_export.UnsupportedOp: 4,
    firmware_export.DoesNotFit: 5,
    firmware_export.ToolMissing: 7,
    firmware_export.DeviceError: 7,
    firmware_export.UnknownTarget: 2,
    firmware_export.BankError: 2,
    firmware_export.UnknownDevice: 2,
}
BUG = 1


def failure(error: Exception) -> tuple[str, int]:
    """The message and the exit code; what nobody raised on purpose is a bug, named with its type."""
    if isinstance(error, EdgeattnError):
        return str(error), error.exit_code
    if isinstance(error, firmware_export.ExportError):
        return str(error), EXIT_CODES.get(type(error), BUG)
    if isinstance(error, OSError) and error.errno in FULL:
        return failure(no_room(error.strerror or str(error)))
    return f"{type(error).__name__}: {error}; this is a bug in edgeattn: please report it", BUG
