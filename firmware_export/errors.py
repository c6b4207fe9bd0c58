"""The exceptions of firmware_export.

ExportError
├── ModelError          the file is not a model, is damaged, or says something impossible
├── UnsupportedOp       an op, type or shape that has no kernel: names the layer, the op and a way out
├── DoesNotFit          the target has too little RAM or flash
├── BuildFailed         the compiler or linker refused the generated code
├── EmulationFault      the emulated core stopped before the network ended
└── ToolMissing         a compiler or emulator that was asked for is not installed
"""


class ExportError(Exception):
    """Whatever firmware_export raises on purpose."""


class ModelError(ExportError):
    """The file is not a model, is damaged, or says something impossible."""


class UnsupportedOp(ExportError):
    """An op, type or shape without a kernel."""


class DoesNotFit(ExportError):
    """The target has too little RAM or flash."""


class BuildFailed(ExportError):
    """The compiler or linker refused the generated code."""


class EmulationFault(ExportError):
    """The emulated core stopped before the network ended."""


class ToolMissing(ExportError):
    """A compiler or emulator that was asked for is not installed."""
