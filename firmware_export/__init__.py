"""int8 TFLite in, self-contained C for Cortex-M out, proved in an emulator."""

from firmware_export.device import (
    Device,
    DeviceInfo,
    DeviceRun,
    FirmwareProject,
    LayerRun,
    Patience,
    Wanted,
    firmware_project,
    open_device,
    read_network,
)
from firmware_export.emulate import Emulated, Emulator, Optimize, emulate, emulator_of, toolchain_for
from firmware_export.emulator import Compiler, CycleEstimate, Toolchain, cached_file, find_compiler
from firmware_export.errors import (
    BuildFailed,
    DeviceError,
    DoesNotFit,
    EmulationFault,
    ExportError,
    ModelError,
    ToolMissing,
    UnknownDevice,
    UnknownTarget,
    UnsupportedOp,
)
from firmware_export.export import Export, Layout, Names, export
from firmware_export.layer_names import layer_name
from firmware_export.layer_outputs import LayerTensor, emulated_layer_outputs, layer_outputs, layer_tensors
from firmware_export.linked_fit import missing_memory
from firmware_export.program import Layer, Port, Program
from firmware_export.supported_ops import SUPPORTED_OPS, SupportedOp
from firmware_export.targets import CORES, TARGETS, Flash, Needs, Target, find, fits, fitting, flash_of, shortfalls

__all__ = [
    "CORES",
    "SUPPORTED_OPS",
    "TARGETS",
    "BuildFailed",
    "Compiler",
    "CycleEstimate",
    "Device",
    "DeviceError",
    "DeviceInfo",
    "DeviceRun",
    "DoesNotFit",
    "Emulated",
    "EmulationFault",
    "Emulator",
    "Export",
    "ExportError",
    "FirmwareProject",
    "Flash",
    "Layer",
    "LayerRun",
    "LayerTensor",
    "Layout",
    "ModelError",
    "Names",
    "Needs",
    "Optimize",
    "Patience",
    "Port",
    "Program",
    "SupportedOp",
    "Target",
    "ToolMissing",
    "Toolchain",
    "UnknownDevice",
    "UnknownTarget",
    "UnsupportedOp",
    "Wanted",
    "cached_file",
    "emulate",
    "emulated_layer_outputs",
    "emulator_of",
    "export",
    "find",
    "find_compiler",
    "firmware_project",
    "fits",
    "fitting",
    "flash_of",
    "layer_name",
    "layer_outputs",
    "layer_tensors",
    "missing_memory",
    "open_device",
    "read_network",
    "shortfalls",
    "toolchain_for",
]
