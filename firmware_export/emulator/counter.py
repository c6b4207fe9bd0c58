"""Exact instruction counts by layer: a native hook on every block the emulated core executes."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from unicorn import UC_HOOK_BLOCK, Uc
from unicorn.unicorn_py3.unicorn import uclib

from firmware_export.emulator.image import Image
from firmware_export.emulator.native import add_hook, address_of, native_library

BETWEEN_LAYERS = ""  # the layer of what `<name>_run` itself executes


@dataclass(frozen=True)
class Block:
    """Code that runs from its first instruction to its last, and how often it did in one layer."""

    layer: str
    address: int
    bytes: int
    instructions: int
    executions: int
    taken: int  # how often execution went on elsewhere than behind the block


BLOCK = np.dtype([("executions", "u8"), ("falls", "u8"), ("bytes", "u4"), ("instructions", "u4")])  # of counter.h


class Counter(ctypes.Structure):
    """struct counter of counter.h."""

    _fields_ = (
        *((name, ctypes.c_uint64) for name in ("base", "bytes", "instructions", "budget", "layer")),
        *((name, ctypes.c_void_p) for name in ("code", "marks", "blocks", "layer_instructions", "previous")),
        ("expected", ctypes.c_uint64),
    )


class Hook(ctypes.Structure):
    """struct hook of counter.c."""

    _fields_ = (("counter", Counter), ("stop", ctypes.c_void_p))


def layer_marks(image: Image) -> NDArray[np.uint16]:
    """Whose code it is: 0 anybody's, 1 that of `<name>_run`, then 2 and on, in the order of image.layers."""
    code = image.code
    marks = np.zeros(len(code.data) // 2 + 1, np.uint16)
    for number, functions in enumerate(((image.run,), *image.layers.values()), 1):
        for symbol in functions:  # all of each, since a layer's row loop may call functions of other layers
            first = (symbol.address - code.address) // 2
            marks[first : first + symbol.size // 2] = number
    return marks


class BlockCounter:
    """Counts instructions of an image's code, conditional ones that are skipped included; stops beyond a budget."""

    def __init__(self, engine: Uc, image: Image) -> None:
        code = image.code
        self._base = code.address
        self._code = ctypes.create_string_buffer(code.data, len(code.data) + 2)  # a last block may end in half an one
        self._marks = layer_marks(image)
        self._layers = (BETWEEN_LAYERS, *image.layers)
        self._blocks = np.zeros((len(self._layers), len(code.data) // 2), dtype=BLOCK)
        self._layer_instructions = np.zeros(len(self._layers), np.uint64)
        self._hook = Hook(
            Counter(
                base=code.address,
                bytes=len(code.data) // 2 * 2,
                code=ctypes.addressof(self._code),
                marks=self._marks.ctypes.data,
                blocks=self._blocks.ctypes.data,
                layer_instructions=self._layer_instructions.ctypes.data,
            ),
            stop=address_of(uclib.uc_emu_stop),
        )
        self._attach(engine)

    def _attach(self, engine: Uc) -> None:
        library = native_library("counter.c", "counter.h", "native.h")
        add_hook(engine, UC_HOOK_BLOCK, library.on_block, self._hook)

    @property
    def instructions(self) -> int:
        """Instructions executed so far."""
        return int(self._hook.counter.instructions)

    @property
    def layer(self) -> str:
        """The layer that runs, or ran last."""
        return self._layers[int(self._hook.counter.layer)]

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers by number, what runs between them first."""
        return self._layers

    @property
    def layer_address(self) -> int:
        """Where a native hook finds the number of the layer that runs, a 64-bit integer of this process."""
        return ctypes.addressof(self._hook.counter) + Counter.layer.offset

    def layer_instructions(self) -> dict[str, int]:
        """Instructions executed so far, by layer."""
        return dict(zip(self._layers, map(int, self._layer_instructions), strict=True))

    def begin(self, budget: int) -> None:
        """A call begins: let so many more instructions be executed."""
        counter = self._hook.counter
        counter.layer, counter.previous = 0, None
        counter.budget = counter.instructions + budget

    @property
    def exhausted(self) -> bool:
        """Whether the core was stopped because it had executed what was allowed."""
        return bool(self._hook.counter.instructions > self._hook.counter.budget)

    def blocks(self) -> tuple[Block, ...]:
        """Every block executed, by layer and address."""
        return blocks_of(self._blocks, self._layers, self._base)


def blocks_of(rows: NDArray[Any], layers: Sequence[str], base: int) -> tuple[Block, ...]:
    """The blocks that were executed. rows: BLOCK, (layers, halfwords of code); base: the address of the code."""
    return tuple(
        Block(
            layer=layers[layer],
            address=base + 2 * int(index),
            bytes=int(rows["bytes"][layer, index]),
            instructions=int(rows["instructions"][layer, index]),
            executions=int(rows["executions"][layer, index]),
            taken=int(rows["executions"][layer, index] - rows["falls"][layer, index]),
        )
        for layer, index in zip(*np.nonzero(rows["executions"]), strict=True)
    )
