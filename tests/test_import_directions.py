"""Imports point down: each module may import only the layers below it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOBODY: set[str] = set()
MATHS = {
    "quantised_s16",
    "quantised_math",
    "quantised_windows",
    "quantised_resize",
    "quantised_softmax",
    "lookup_tables",
    "function_tables",
    "quantised_elementwise",
    "exact_multiplier",
}
VALUES = {"ir", "errors"}
KERNELS = VALUES | {"kernels", "optimize", "targets"}

FIRMWARE_EXPORT = {
    "errors": NOBODY,
    "ir": NOBODY,
    "optimize": NOBODY,
    "targets": {"errors"},
    "program": NOBODY,
    "quantised_math": {"exact_multiplier"},
    "quantised_windows": MATHS,
    "quantised_s16": {"quantised_math"},
    "quantised_softmax": MATHS,
    "quantised_resize": MATHS,
    "lookup_tables": MATHS,
    "function_tables": MATHS,
    "quantised_elementwise": MATHS,
    "exact_multiplier": NOBODY,
    "op_parameters": VALUES | MATHS,
    "layer_names": VALUES,
    "macs": VALUES,
    "tflite_node": VALUES,
    "tflite_shapes": VALUES | {"tflite_node"},
    "tflite_ops": VALUES | MATHS | {"tflite_node", "tflite_shapes"},
    "tflite_variables": VALUES,
    "tflite_static": VALUES | {"tflite_node", "tflite_ops"},
    "tflite_reading": VALUES | {"tflite_node", "tflite_ops", "tflite_static"},
    "tflite_reader": VALUES | {"tflite_node", "tflite_reading", "tflite_variables", "layer_names"},
    "interpreter": VALUES | MATHS | {"op_parameters"},
    "memory": VALUES,
    "kernels": VALUES | MATHS | {"op_parameters", "optimize", "targets"},
    # tables and folded constants come from the reference formulas
    "passes": KERNELS | {"interpreter", "macs", "memory", "op_parameters", "quantised_math"},
    "lower": KERNELS | MATHS | {"memory", "program", "op_parameters", "macs"},
    "emit": {"program", "kernels"},
    "emulator": {"errors", "targets"},
    "bank_option": {"errors", "memory", "targets"},
    "huffman": NOBODY,
    "compression": {"huffman", "ir", "kernels", "lower", "memory", "program"},
    "planner": {"ir", "macs", "memory", "optimize", "passes", "targets"},
    "export": KERNELS
    | {"bank_option", "compression", "emit", "errors", "lower", "layer_names", "memory", "passes", "planner", "program"}
    | {"tflite_reader"},
    "attention": {"ir", "layer_names"},
    "shrunk": {"ir"},
    "what_if": {"export", "ir", "memory", "optimize", "planner", "shrunk"},
    "header": {"errors", "program"},
    "emulate": {"errors", "emulator", "export", "header", "optimize", "program", "targets"},
    "device": {"emulate", "emulator", "errors", "export", "header", "program", "targets"},
    "layer_outputs": {"emulate", "emulator", "export", "interpreter", "ir", "program"},
    "__init__": {
        *("attention", "bank_option", "compression", "memory"),
        *("device", "emulate", "emulator", "errors", "export", "layer_names", "layer_outputs", "program"),
        *("header", "linked_fit", "memory", "optimize", "supported_ops", "targets", "what_if"),
    },
    "linked_fit": {"emulate", "emulator", "errors", "export", "header", "targets"},
    "supported_ops": KERNELS | {"tflite_ops", "tflite_variables"},
}
HEAVY = {
    "tensorflow",
    "keras",
    "ai_edge_litert",
    "PIL",
    "unicorn",
    "elftools",
    "rich",
    "numpy",
    "h5py",
    "flatbuffers",
    "serial",
}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path) -> list[tuple[str, int]]:
    """Dotted names that a file imports, with the column: 0 at the top of the module."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.col_offset) for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [(f"{node.module}.{alias.name}", node.col_offset) for alias in node.names]
    return found


def layer(path: Path) -> str:
    """The first name below the package: what the table speaks of."""
    return path.relative_to(ROOT / "firmware_export").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules("firmware_export"), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_module_of_firmware_export_imports_only_the_layers_below(path):
    own = layer(path)
    assert own in FIRMWARE_EXPORT, f"{own} has no row in the table of import directions"
    below = {name.split(".")[1] for name, _ in imports(path) if name.startswith("firmware_export.")}
    assert below - {own} <= FIRMWARE_EXPORT[own]


@pytest.mark.parametrize("path", modules("firmware_export"), ids=lambda path: str(path.relative_to(ROOT)))
def test_firmware_export_knows_no_keras(path):
    roots = {name.split(".")[0] for name, _ in imports(path)}
    assert not roots & {"edgeattn", "tensorflow", "keras"}


@pytest.mark.parametrize("path", modules("edgeattn"), ids=lambda path: str(path.relative_to(ROOT)))
def test_edgeattn_uses_only_the_public_names_of_firmware_export(path):
    deep = [name for name, _ in imports(path) if name.startswith("firmware_export.") and name.count(".") > 1]
    assert not deep


def test_the_command_line_imports_nothing_heavy_at_its_top():
    top = {name.split(".")[0] for name, column in imports(ROOT / "edgeattn" / "cli.py") if column == 0}
    assert not top & HEAVY
