"""Every exception as one sentence and an exit code."""

from __future__ import annotations

import errno
import tempfile

import firmware_export
from edgeattn.errors import EdgeattnError

EXIT_CODES = {
    firmware_export.ModelError: 3,
    firmware_export.UnsupportedOp: 4,
    firmware_export.DoesNotFit: 5,
    firmware_export.ToolMissing: 7,
    firmware_export.UnknownTarget: 2,
}
BUG = 1
USAGE = 2
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def failure(error: Exception) -> tuple[str, int]:
    """The message and the exit code; what nobody raised on purpose is a bug, named with its type."""
    if isinstance(error, EdgeattnError):
        return str(error), error.exit_code
    if isinstance(error, firmware_export.ExportError):
        return str(error), EXIT_CODES.get(type(error), BUG)
    if isinstance(error, OSError) and error.errno in FULL:
        return f"no room for temporary files in {tempfile.gettempdir()} ({error.strerror}): make room", USAGE
    return f"{type(error).__name__}: {error}; this is a bug in edgeattn: please report it", BUG
