"""An input that comes row by row gives the same bytes as one that comes whole; whoever misuses it is told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import pytest

from firmware_export.emulator.toolchain import Toolchain
from firmware_export.errors import UnsupportedOp
from firmware_export.export import Delivery, export
from firmware_export.optimize import Optimize
from firmware_export.quantised_math import Affine
from firmware_export.targets import CORES as CORE_TABLE
from firmware_export.targets import Isa
from tests.affines import tensor
from tests.kernels.batch import Prepared, prepare, prepared, to_bytes, wrong_on_core, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.feeding import PORTIONS, fed
from tests.kernels.random_networks import Growing, random_network
from tests.kernels.sanitized import SANITIZED
from tests.kernels.squeeze_excite_models import Network
from tests.single_op import TensorSpec, model

SEEDS = range(200, 230)
HEIGHTS = (6, 9, 13)
OTHERS = ("cortex-m0", "cortex-m3", "cortex-m7")
CORES = ("cortex-m4", *(pytest.param(core, marks=pytest.mark.slow) for core in OTHERS))


@cache
def networks() -> tuple[Prepared, ...]:
    """Those with one input, an image."""
    cases = [Case(f"seed {seed}", random_network(seed, heights=HEIGHTS), seed) for seed in SEEDS]
    return tuple(item for item in prepared(cases) if len(item.export.program.inputs) == 1)


@cache
def by_rows(isa: Isa, optimize: Optimize) -> tuple[Prepared, ...]:
    again = partial(export, isa=isa, optimize=optimize, delivery=Delivery.ROWS)
    return tuple(replace(item, export=again(item.case.model, name=item.symbol)) for item in networks())


def of_type(dtype: str, scale: float, zero_point: int) -> bytes:
    """Two convolutions behind a camera's bytes, or samples of 16 bits."""
    net = Network()
    shape, image = (1, 11, 5, 3), TensorSpec((1, 11, 5, 3), dtype, scale=(scale,), zero_point=(zero_point,))
    net.tensors.append(image)
    first = net.op("QUANTIZE", (0,), tensor(shape, Affine(0.05, 3)))
    made = net.layer("CONV_2D", first, (4, 3, 3, 3), tensor((1, 11, 5, 4), Affine(0.05, 0)), padding="SAME")
    last = net.layer("CONV_2D", made, (2, 3, 3, 4), tensor((1, 9, 3, 2), Affine(0.05, 0)), padding="VALID")
    return model(net.tensors, net.ops, [last])


@pytest.mark.parametrize("standard", ["-std=c99", "-std=c++17"])
@pytest.mark.parametrize(("dtype", "zero_point"), [("uint8", 0), ("int16", 0)])
def test_rows_of_other_types_are_fed(dtype, zero_point, standard, tmp_path):
    item = prepare(Case(dtype, of_type(dtype, 1 / 255, zero_point)), "net")
    done = export(item.case.model, name="net", optimize=Optimize.RAM, delivery=Delivery.ROWS)
    command = ["g++" if "++" in standard else "gcc", standard, "-O1", *(["-x", "c++"] if "++" in standard else [])]
    assert not wrong_on_host([replace(item, export=done)], command, tmp_path)


def test_many_networks_can_be_fed():
    assert len(networks()) > 15


@pytest.mark.parametrize(
    ("isa", "optimize"),
    [
        (Isa.C, Optimize.BALANCED),
        (Isa.DSP, Optimize.RAM),
        (Isa.MVE, Optimize.TIME),
        *(pytest.param(isa, optimize, marks=pytest.mark.slow) for isa in Isa for optimize in Optimize),
    ],
)
def test_fed_networks_give_the_reference_bytes(isa, optimize, tmp_path):
    assert not wrong_on_host(by_rows(isa, optimize), SANITIZED, tmp_path)


@pytest.mark.parametrize("core", CORES)
def test_fed_networks_give_the_reference_bytes_on_a_core(core):
    assert not wrong_on_core(by_rows(CORE_TABLE[core].isa, Optimize.RAM), Toolchain(core))


def test_rows_may_come_in_any_portions_and_misuse_is_told(tmp_path):
    items = [item for item in networks() if len(item.expected[0]) == 1]
    assert len(items) > 1
    for item in items[:4]:
        done = export(item.case.model, name="net", isa=Isa.DSP, optimize=Optimize.RAM, delivery=Delivery.ROWS)
        outputs = fed(done, b"".join(to_bytes(item.inputs[0])), SANITIZED, tmp_path)
        assert outputs[1:] == [item.expected[0][0]] * 2 * len(PORTIONS)


def grown(*shapes: tuple[int, ...]) -> bytes:
    g = Growing(0, Network, HEIGHTS)
    g.net.tensors.clear()
    inputs = [g.input(shape) for shape in shapes]
    outputs = [g.op("RELU", (x,), g.shape(x)) for x in inputs]
    return model(g.net.tensors, g.net.ops, outputs)


REFUSED = {
    "two inputs": ((1, 4, 4, 1), (1, 4, 4, 1)),
    "a vector": ((1, 16),),
    "an image of one row": ((1, 1, 4, 4),),
}


@pytest.mark.parametrize("shapes", REFUSED.values(), ids=REFUSED)
def test_other_inputs_are_refused(shapes):
    with pytest.raises(UnsupportedOp, match=r"rows can be fed to one input of .* export it without --feed-rows"):
        export(grown(*shapes), name="net", delivery=Delivery.ROWS)
