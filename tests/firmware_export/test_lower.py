"""Names in C: whatever the layers are called, no two things share one."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from firmware_export import memory, passes
from firmware_export.kernels import FOLDER
from firmware_export.lower import lower
from firmware_export.program import Program
from firmware_export.targets import Isa
from firmware_export.tflite_reader import read_tflite
from tests.kernels.convolution_cases import CASES

EVIL_NAMES = ("run", "check", "crc32", "quantise", "trace", "status", "int", "window", "layer_x", "filter_x", "bias")
FUNCTIONS = {f"net_{word}" for word in ("run", "check", "crc32", "quantise", "dequantise", "trace", "status")}


def program_of(model: bytes, layer: str) -> Program:
    graph = passes.run(read_tflite(model, name="net"), passes.exact(Isa.C))
    graph = replace(graph, ops=tuple(replace(op, name=layer) for op in graph.ops))
    return lower(graph, memory.plan(memory.lifetimes(graph)), model_sha256="0" * 64)


@pytest.mark.parametrize("layer", EVIL_NAMES)
def test_no_layers_name_clashes_with_what_the_header_defines(layer):
    program = program_of(CASES[0].model, layer)
    symbols = [const.symbol for const in program.consts] + [params.symbol for params in program.params]
    assert len(set(symbols)) == len(symbols) > 2
    assert not FUNCTIONS & set(symbols)


def fields_in_c(struct: str) -> list[str]:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.rglob("*.h")))
    body = re.search(rf"^struct {struct} \{{\n(.*?)\n\}};", texts, re.MULTILINE | re.DOTALL)
    assert body is not None, struct
    without_comments = re.sub(r"/\*.*?\*/", "", body[1], flags=re.DOTALL)
    declared = re.findall(r"^\s*(?:const )?(?:struct )?\w+ ([^;]+);", without_comments, re.MULTILINE)
    return [re.sub(r"\W", "", name.split("[")[0]) for line in declared for name in line.split(",")]


@pytest.mark.slow
def test_structs_are_filled_in_the_order_in_which_c_declares_them():
    """C++17 has no designated initialisers: there, the order alone says which number is which."""
    from tests.kernels.test_every_kernel import FAMILIES, family

    checked = set()
    for name in FAMILIES:
        for item in family(name):
            for params in item.export.program.params:
                assert [field for field, _ in params.fields] == fields_in_c(params.struct), params.struct
                checked.add(params.struct)
    assert len(checked) > 10
