"""Exact instruction counts: a native hook on every block the emulated core executes."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from unicorn import UC_HOOK_BLOCK, Uc
from unicorn.unicorn_py3.unicorn import uclib

from firmware_export.emulator.cache import cached_file
from firmware_export.emulator.toolchain import RUNTIME, Compiler, compiler_version, find_compiler, run_tool

NATIVE_FLAGS = ("-shared", "-fPIC", "-O2", "-g0", "-nostdlib", "-fno-sanitize=all")


@dataclass(frozen=True)
class Block:
    """Code that runs from its first instruction to its last, and how often it did."""

    address: int
    bytes: int
    instructions: int
    executions: int


BLOCK = np.dtype([("executions", "u8"), ("bytes", "u4"), ("instructions", "u4")])  # struct block of counter.c


class _Counter(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_uint64) for name in ("base", "bytes", "instructions", "budget")),
        *((name, ctypes.c_void_p) for name in ("code", "blocks", "stop")),
    )


class BlockCounter:
    """Counts instructions of the code at `base`, conditional ones that are skipped included; stops beyond a budget."""

    def __init__(self, engine: Uc, *, base: int, code: bytes) -> None:
        self._base = base
        self._code = ctypes.create_string_buffer(code, len(code) + 2)  # a last block may end in half an instruction
        self._blocks = np.zeros(len(code) // 2 + 1, dtype=BLOCK)
        self._counter = _Counter(
            base=base,
            bytes=len(code),
            code=ctypes.addressof(self._code),
            blocks=self._blocks.ctypes.data,
            stop=_address_of(uclib.uc_emu_stop),
        )
        self._hook(engine)

    def _hook(self, engine: Uc) -> None:
        everywhere = (ctypes.c_uint64(1), ctypes.c_uint64(0))  # first > last: no range
        hook = ctypes.c_size_t()
        function = ctypes.c_void_p(_address_of(_library().count_block))
        counter = ctypes.byref(self._counter)
        failure = uclib.uc_hook_add(engine._uch, ctypes.byref(hook), UC_HOOK_BLOCK, function, counter, *everywhere)
        assert failure == 0, f"uc_hook_add failed: {failure}"

    @property
    def instructions(self) -> int:
        """Instructions executed so far."""
        return int(self._counter.instructions)

    def allow(self, instructions: int) -> None:
        """Let so many more instructions be executed."""
        self._counter.budget = self._counter.instructions + instructions

    @property
    def exhausted(self) -> bool:
        """Whether the core was stopped because it had executed what was allowed."""
        return bool(self._counter.instructions > self._counter.budget)

    def blocks(self) -> tuple[Block, ...]:
        """Every block executed, by address."""
        executed = np.flatnonzero(self._blocks["executions"])
        return tuple(
            Block(
                address=self._base + 2 * int(index),
                bytes=int(self._blocks["bytes"][index]),
                instructions=int(self._blocks["instructions"][index]),
                executions=int(self._blocks["executions"][index]),
            )
            for index in executed
        )


def _address_of(function: Any) -> int:
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return address


@cache
def _library() -> ctypes.CDLL:
    source = RUNTIME / "counter.c"
    recipe = "\n".join((compiler_version(Compiler.ZIG), *NATIVE_FLAGS, source.read_text(encoding="utf-8")))

    def make(path: Path) -> None:
        command = (*find_compiler(Compiler.ZIG), *NATIVE_FLAGS, str(source), "-o", path.name)
        run_tool(command, what="the instruction counter", folder=path.parent)

    return ctypes.CDLL(str(cached_file("counter.dll", recipe=recipe, make=make)))
