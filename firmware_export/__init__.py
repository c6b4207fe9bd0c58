"""int8 TFLite in, self-contained C for Cortex-M out, proved in an emulator."""

from firmware_export.attention import Attention, AttentionBlock, GateValues, attention_blocks, gate_values
from firmware_export.bank_option import read_banks
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
from firmware_export.emulate import Emulated, Emulator, emulate, emulator_of, toolchain_for
from firmware_export.emulator import Compiler, CycleEstimate, Sizes, Toolchain, cached_file, find_compiler
from firmware_export.errors import (
    BankError,
    BuildFailed,
    DeviceError,
    DoesNotFit,
    EmulationFault,
    ExportError,
    HeaderError,
    ModelError,
    ToolMissing,
    UnknownDevice,
    UnknownTarget,
    UnsupportedOp,
)
from firmware_export.export import Export, Layout, Names, export
from firmware_export.header import Header, read_header
from firmware_export.layer_names import layer_name
from firmware_export.layer_outputs import LayerTensor, emulated_layer_outputs, layer_outputs, layer_tensors
from firmware_export.linked_fit import missing_memory
from firmware_export.memory import Bank
from firmware_export.optimize import Optimize
from firmware_export.program import Arena, Layer, Port, Program
from firmware_export.supported_ops import FLOAT_FUNCTIONS, SUPPORTED_OPS, SupportedOp, supported_ops_table
from firmware_export.targets import CORES, TARGETS, Flash, Isa, Needs, Target, find, fits, fitting, flash_of, shortfalls

__all__ = [
    "CORES",
    "FLOAT_FUNCTIONS",
    "SUPPORTED_OPS",
    "TARGETS",
    "Arena",
    "Attention",
    "AttentionBlock",
    "Bank",
    "BankError",
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
    "GateValues",
    "Header",
    "HeaderError",
    "Isa",
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
    "Sizes",
    "SupportedOp",
    "Target",
    "ToolMissing",
    "Toolchain",
    "UnknownDevice",
    "UnknownTarget",
    "UnsupportedOp",
    "Wanted",
    "attention_blocks",
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
    "gate_values",
    "layer_name",
    "layer_outputs",
    "layer_tensors",
    "missing_memory",
    "open_device",
    "read_banks",
    "read_header",
    "read_network",
    "shortfalls",
    "supported_ops_table",
    "toolchain_for",
]
