"""No change makes a network slower or larger unnoticed: what was measured last is the most that is allowed.

`python benchmarks/networks.py FOLDER --write` measures anew and writes ratchets.json: lower it after each gain. Who
raises it says why in the commit.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.ratchets import RATCHETS, SMALLEST, ratchet
from firmware_export import Delivery, Isa, Optimize, export
from tests.end_to_end.command import REPOSITORY, edgeattn
from tests.end_to_end.conftest import PUBLIC
from tests.firmware_export.emulator.firmwares import on_qemu

LIMITS = json.loads(RATCHETS.read_text(encoding="utf-8"))
MORE = 1.01  # for another version of the compiler
CORES = ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7")
PLACES = (REPOSITORY / "examples", PUBLIC)


def file_of(network: str) -> Path:
    """The network's file; skips where it is not here."""
    for place in PLACES:
        for path in place.rglob(f"{network}.*"):
            if path.suffix in (".tflite", ".h5"):
                return path
    pytest.skip(f"the public network {network} is not here")


def grown(network: str, cores: tuple[str, ...], folder: Path) -> list[str]:
    """What is more than it was."""
    targets = (word for core in cores for word in ("--target", core))
    done = edgeattn("bench", file_of(network), *targets, "--json", cwd=folder)
    assert done.code == 0, done.stderr
    return [
        f"{row['target']}: {key} was {most}, is {costs[key]}"
        for row in done.report
        for costs in [ratchet(row)]
        for key, most in LIMITS[network][row["target"]].items()
        if costs[key] > MORE * most
    ]


@pytest.mark.parametrize("network", LIMITS)
def test_no_network_takes_more_than_it_did(network, tmp_path):
    assert grown(network, CORES, tmp_path) == []


@pytest.mark.parametrize("network", LIMITS)
def test_no_network_takes_more_ram_than_it_did(network):
    """At -O ram, whole and fed row by row."""
    path = file_of(network)
    if path.suffix != ".tflite":
        pytest.skip("a Keras model is converted first: the others show what matters")
    most = LIMITS[network][SMALLEST]
    whole = export(path.read_bytes(), name="net", isa=Isa.DSP, optimize=Optimize.RAM)
    assert whole.program.activations_bytes <= most["ram_bytes"]
    if "fed_ram_bytes" in most:
        wishes = {"isa": Isa.DSP, "optimize": Optimize.RAM, "delivery": Delivery.ROWS}
        assert export(path.read_bytes(), name="net", **wishes).program.activations_bytes <= most["fed_ram_bytes"]


@on_qemu
@pytest.mark.parametrize("network", LIMITS)
def test_no_network_takes_more_than_it_did_with_helium(network, tmp_path):
    assert grown(network, ("cortex-m55",), tmp_path) == []
