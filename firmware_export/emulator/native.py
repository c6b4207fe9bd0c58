"""Hooks in C, called by the emulator without Python in between; compiled on first use."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from unicorn import Uc
from unicorn.unicorn_py3.unicorn import uclib

from firmware_export.emulator.cache import cached_file
from firmware_export.emulator.toolchain import RUNTIME, Compiler, compiler_version, find_compiler, run_tool

NATIVE_FLAGS = ("-shared", "-fPIC", "-O2", "-g0", "-nostdlib", "-fno-sanitize=all")
EVERYWHERE = (1, 0)  # first > last: no range


@cache
def native_library(source: str, *headers: str) -> ctypes.CDLL:
    """The library built for this computer from a source of the runtime folder; `headers` are all that it includes."""
    return ctypes.CDLL(str(native_file(source, *headers)))


def native_file(source: str, *headers: str, flags: Sequence[str] = ()) -> Path:
    """The file of that library, for a process other than this one."""
    texts = [(RUNTIME / name).read_text(encoding="utf-8") for name in (source, *headers)]
    recipe = "\n".join((compiler_version(Compiler.ZIG), *NATIVE_FLAGS, *flags, *texts))

    def make(path: Path) -> None:
        command = (*find_compiler(Compiler.ZIG), *NATIVE_FLAGS, *flags, str(RUNTIME / source), "-o", path.name)
        run_tool(command, what=f"the native hook {source}", folder=path.parent)

    return cached_file(f"{Path(source).stem}.dll", recipe=recipe, make=make)


def add_hook(
    engine: Uc, kind: int, function: Any, data: ctypes.Structure, addresses: tuple[int, int] = EVERYWHERE
) -> None:
    """Have a function of a native library called with `data`, which must outlive the engine's runs."""
    handle = ctypes.c_size_t()
    pointer, argument = ctypes.c_void_p(address_of(function)), ctypes.byref(data)
    first, last = (ctypes.c_uint64(address) for address in addresses)
    failure = uclib.uc_hook_add(engine._uch, ctypes.byref(handle), kind, pointer, argument, first, last)
    assert failure == 0, f"uc_hook_add failed: {failure}"


def address_of(function: Any) -> int:
    """The address of a native function."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return address
