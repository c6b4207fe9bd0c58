"""This machine's compiler with the sanitizers that it has."""

from __future__ import annotations

import shutil

from firmware_export.emulator.toolchain import find_zig

FOUND = shutil.which("gcc") or shutil.which("clang")
SANITIZED = (
    (FOUND, "-std=c99", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    if FOUND
    else (*find_zig(), "cc", "-std=c99", "-O1")  # Zig traps undefined behaviour by itself
)
