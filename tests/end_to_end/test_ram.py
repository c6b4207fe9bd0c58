"""RAM of the public networks: what the header says, to the byte, and the bytes of the reference, at every -O."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from firmware_export import Delivery, Export, Isa, Optimize, Toolchain, export
from firmware_export.emulate import build_network, interface_of
from firmware_export.emulator import run, verify
from firmware_export.errors import EmulationFault
from firmware_export.targets import CORES as CORE_TABLE
from tests.end_to_end.conftest import PUBLIC
from tests.single_op import litert_sequence

NETWORKS = (
    *("mlperf_tiny/ad01_int8", "mlperf_tiny/kws_ref_model", "mlperf_tiny/pretrainedResnet_quant"),
    *("mlperf_tiny/vww_96_int8", "se/se_small_int8"),
)
WISHES = {
    "balanced": {"optimize": Optimize.BALANCED},
    "time": {"optimize": Optimize.TIME},
    "ram": {"optimize": Optimize.RAM},
    "ram, rows fed": {"optimize": Optimize.RAM, "delivery": Delivery.ROWS},
}
each_wish = pytest.mark.parametrize(
    "wish", [pytest.param(wish, marks=[] if wish.startswith("ram") else pytest.mark.slow) for wish in WISHES]
)
MOST_LEFT = 144  # bytes at the end of scratch, of which plain kernels use what a row asks for
NO_ROWS = ("mlperf_tiny/ad01_int8", "ram, rows fed")
QUICK = ("cortex-m4",)
CORES = [
    core if core in QUICK else pytest.param(core, marks=pytest.mark.slow)
    for core in ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33")
]


@cache
def exported(network: str, wish: str, isa: Isa) -> Export:
    path = PUBLIC / f"{network}.tflite"
    if not path.exists():
        pytest.skip(f"the public network {path.stem} is not here")
    if (network, wish) == NO_ROWS:
        pytest.skip("a vector has no rows")
    return export(path.read_bytes(), name="net", isa=isa, **WISHES[wish])


def sample_of(done: Export) -> list[np.ndarray]:
    rng = np.random.default_rng(6)
    return [rng.integers(port.low, port.high + 1, port.shape).astype(port.dtype) for port in done.program.inputs]


@each_wish
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("core", CORES)
def test_networks_give_the_reference_bytes_in_exactly_the_ram_that_they_say(network, wish, core):
    done = exported(network, wish, CORE_TABLE[core].isa)
    sample = sample_of(done)
    image, interface = build_network(done, Toolchain(core)), interface_of(done.program)
    found = verify(image, interface, [[array.tobytes() for array in sample]])
    (expected,) = litert_sequence((PUBLIC / f"{network}.tflite").read_bytes(), [sample])
    assert found.outputs == (tuple(array.tobytes() for array in expected),)
    left = done.program.activations_bytes - found.activations_used
    assert 0 <= left <= (0 if CORE_TABLE[core].isa is Isa.DSP else MOST_LEFT)
    assert found.stack_bytes <= 512


@each_wish
@pytest.mark.parametrize("network", NETWORKS)
def test_one_byte_less_faults(network, wish):
    done = exported(network, wish, Isa.DSP)
    short = replace(interface_of(done.program), activations_bytes=done.program.activations_bytes - 1)
    with pytest.raises(EmulationFault, match="activations"):
        run(build_network(done, Toolchain("cortex-m4")), short, [[array.tobytes() for array in sample_of(done)]])


# Bytes with input and scratch, at -O ram: no network of the table may ever need more.
ASKED = {
    ("mlperf_tiny/ad01_int8", "ram"): 1_000,
    ("mlperf_tiny/kws_ref_model", "ram"): 8_200,
    ("mlperf_tiny/pretrainedResnet_quant", "ram"): 21_000,
    ("mlperf_tiny/vww_96_int8", "ram"): 36_000,
    ("mlperf_tiny/vww_96_int8", "ram, rows fed"): 18_500,
}


@pytest.mark.parametrize(("network", "wish"), ASKED, ids=lambda word: word)
def test_networks_take_less_ram_than_anybody_has_published(network, wish):
    assert exported(network, wish, Isa.DSP).program.activations_bytes <= ASKED[network, wish]
