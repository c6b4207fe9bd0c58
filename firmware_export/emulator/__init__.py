"""Compile generated C and run it: on an emulated Cortex-M, or on this computer under sanitizers."""

from firmware_export.emulator.boards import part_board, qemu_board
from firmware_export.emulator.buffers import Parity, Placement
from firmware_export.emulator.build import build
from firmware_export.emulator.cache import cached_file
from firmware_export.emulator.cores import EMULATED_CORES, EmulatedCore, emulated_core
from firmware_export.emulator.counter import BETWEEN_LAYERS, Block
from firmware_export.emulator.cycles import CycleEstimate, estimate_cycles
from firmware_export.emulator.firmware import Firmware, build_firmware, silent_main
from firmware_export.emulator.flash_waits import flash_waits
from firmware_export.emulator.host import HostProgram, HostRun, Sanitizers, build_host, run_host, sanitizers_available
from firmware_export.emulator.image import Image, Sizes, Symbol
from firmware_export.emulator.interface import Interface, LayerOutput, Rows, Sample
from firmware_export.emulator.machine import Call, Conditions, TraceEvent
from firmware_export.emulator.qemu import find_qemu
from firmware_export.emulator.qemu_counter import QemuCall, QemuRun, run_in_qemu
from firmware_export.emulator.toolchain import Compiler, Toolchain, compiler_version, find_compiler
from firmware_export.emulator.unicorn import Run, run, verify

__all__ = [
    "BETWEEN_LAYERS",
    "EMULATED_CORES",
    "Block",
    "Call",
    "Compiler",
    "Conditions",
    "CycleEstimate",
    "EmulatedCore",
    "Firmware",
    "HostProgram",
    "HostRun",
    "Image",
    "Interface",
    "LayerOutput",
    "Parity",
    "Placement",
    "QemuCall",
    "QemuRun",
    "Rows",
    "Run",
    "Sample",
    "Sanitizers",
    "Sizes",
    "Symbol",
    "Toolchain",
    "TraceEvent",
    "build",
    "build_firmware",
    "build_host",
    "cached_file",
    "compiler_version",
    "emulated_core",
    "estimate_cycles",
    "find_compiler",
    "find_qemu",
    "flash_waits",
    "part_board",
    "qemu_board",
    "run",
    "run_host",
    "run_in_qemu",
    "sanitizers_available",
    "silent_main",
    "verify",
]
