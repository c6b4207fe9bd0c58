"""A build with guard bytes between its buffers: networks run in it, and a layer that leaves its buffers is told."""

from __future__ import annotations

import re
import subprocess

import pytest

from firmware_export.emulator.toolchain import Toolchain
from firmware_export.export import Delivery, Guards, export
from firmware_export.optimize import Optimize
from firmware_export.targets import CORES as CORE_TABLE
from tests.kernels.batch import Prepared, prepared, wrong_on_core
from tests.kernels.case import Case
from tests.kernels.random_networks import random_network

CORES = ("cortex-m4", *(pytest.param(core, marks=pytest.mark.slow) for core in ("cortex-m0", "cortex-m33")))
SEEDS = range(100, 112)


def guarded(item: Prepared, core: str, **wishes) -> Prepared:
    done = export(item.case.model, name=item.symbol, isa=CORE_TABLE[core].isa, guards=Guards.BETWEEN, **wishes)
    return Prepared(item.case, done, item.inputs, item.expected)


@pytest.mark.parametrize("core", CORES)
def test_networks_stay_inside_their_buffers(core):
    cases = prepared([Case(f"seed {seed}", random_network(seed, heights=(6, 9, 13)), seed) for seed in SEEDS])
    items = [guarded(item, core, optimize=optimize) for item in cases for optimize in (Optimize.RAM,)]
    fed = [guarded(item, core, delivery=Delivery.ROWS) for item in cases if len(item.export.program.inputs) == 1]
    assert all(item.export.program.guards for item in items if item.export.program.layers)
    assert not wrong_on_core(items, Toolchain(core))
    assert not wrong_on_core(fed, Toolchain(core))


def test_a_layer_that_writes_outside_its_buffer_is_told(tmp_path):
    done = export(random_network(104, heights=(6, 9, 13)), name="net", guards=Guards.BETWEEN)
    text = done.files["net.h"]
    layer = re.search(r"^EA_LAYER net_run_(\w+)\(int8_t \*arena[^)]*\)\n\{\n", text, re.MULTILINE)
    assert layer
    broken = text[: layer.end()] + f"    arena[{done.program.guards[-1]}] = 0;\n" + text[layer.end() :]
    ports = (*done.program.inputs, *done.program.outputs)
    buffers = "\n".join(f"static {port.ctype} {port.name}[{port.elements}];" for port in ports)
    arguments = ", ".join(("activations", *(port.name for port in ports)))
    main = f"""#include "net.h"
NET_DEFINE_ACTIVATIONS(activations);
{buffers}
int main(void)
{{
    return (int)net_run({arguments});
}}
"""
    statuses = []
    for header in (text, broken):
        (tmp_path / "net.h").write_text(header, encoding="utf-8")
        (tmp_path / "main.c").write_text(f"#define NET_IMPLEMENTATION\n{main}", encoding="utf-8")
        subprocess.run(["cc", "-std=c99", "main.c", "-o", "main"], cwd=tmp_path, check=True)
        statuses.append(subprocess.run([tmp_path / "main"], check=False).returncode)
    assert statuses == [0, 8]
