"""How long a core waits for a part's flash, from a run that follows every fetch and every read of a constant."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from unicorn import UC_HOOK_BLOCK, UC_HOOK_MEM_READ, Uc, arm_const
from unicorn.unicorn_py3.unicorn import uclib

from firmware_export.emulator.counter import BlockCounter
from firmware_export.emulator.image import Image
from firmware_export.emulator.interface import Interface, Sample
from firmware_export.emulator.machine import Conditions, new_machine
from firmware_export.emulator.native import add_hook, address_of, native_library
from firmware_export.targets import Cache, Flash

NO_LINE = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


class _Cache(ctypes.Structure):
    _fields_ = (("sets", ctypes.c_uint64), ("ways", ctypes.c_uint64), ("tags", ctypes.c_void_p))


class _Flash(ctypes.Structure):
    """struct flash of flash.c."""

    _fields_ = (
        *((name, ctypes.c_uint64) for name in ("line_bits", "read_waits", "prefetches", "base")),
        *((name, ctypes.c_void_p) for name in ("code", "layer", "waits")),
        *((name, ctypes.c_uint64) for name in ("line", "entry")),
        *((name, _Cache) for name in ("instructions", "data")),
        ("state_register", ctypes.c_int),
        *((name, ctypes.c_void_p) for name in ("read_register", "write_register")),
    )


class FlashWatch:
    """Counts waits in an engine, by layer. Not frozen: the emulator calls it back."""

    def __init__(self, engine: Uc, counter: BlockCounter, image: Image, flash: Flash) -> None:
        self._layers = counter.layers
        self._waits = np.zeros(len(self._layers), np.uint64)
        self._code = ctypes.create_string_buffer(image.code.data + bytes(64))  # a last line may go on behind the code
        self._tags = [_empty(flash.instruction_cache, flash), _empty(flash.data_cache, flash)]
        instructions, data = (
            _Cache(sets=max(len(tags), 1), ways=tags.shape[1], tags=tags.ctypes.data) for tags in self._tags
        )
        self._flash = _Flash(
            line_bits=flash.read_bytes.bit_length() - 1,
            read_waits=flash.read_waits,
            prefetches=flash.prefetches,
            base=image.code.address,
            code=ctypes.addressof(self._code),
            layer=counter.layer_address,
            waits=self._waits.ctypes.data,
            instructions=instructions,
            data=instructions if flash.is_unified else data,
            state_register=arm_const.UC_ARM_REG_CPSR,
            read_register=address_of(uclib.uc_reg_read),
            write_register=address_of(uclib.uc_reg_write),
        )
        library = native_library("flash.c", "native.h")
        constants = [segment for segment in image.segments if not segment.writable]
        add_hook(engine, UC_HOOK_BLOCK, library.on_fetch, self._flash)
        for segment in constants:
            last = segment.address + len(segment.data) - 1
            add_hook(engine, UC_HOOK_MEM_READ, library.on_read, self._flash, (segment.address, last))

    def waits(self) -> Mapping[str, int]:
        """Cycles waited so far, by layer."""
        return dict(zip(self._layers, map(int, self._waits), strict=True))


def flash_waits(image: Image, interface: Interface, sample: Sample, flash: Flash) -> Mapping[str, int]:
    """The cycles that one inference waits for flash, by layer, with caches that are empty at first.

    Raises EmulationFault as `run` does.
    """
    machine = new_machine(image, interface, Conditions())
    watch = FlashWatch(machine.engine, machine.counter, image, flash)
    machine.call(sample)
    return watch.waits()


def _empty(cache: Cache, flash: Flash) -> NDArray[np.uint64]:
    lines = cache.bytes // flash.read_bytes
    ways = cache.ways or lines
    return np.full((max(lines // max(ways, 1), 1), ways), NO_LINE, np.uint64)
