"""Random layers with weights against the LiteRT reference, and the integer helpers that only they use."""

from __future__ import annotations

import subprocess
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter, kernels
from firmware_export.emulator.toolchain import Toolchain
from firmware_export.quantised_math import requantise_once
from firmware_export.targets import CORES, Isa
from tests.kernels.batch import exported_for, prepare, prepared, to_bytes, wrong_on_core, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.convolution_models import (
    Layer,
    Product,
    Scales,
    Values,
    convolution,
    depthwise,
    fully_connected,
)
from tests.kernels.sanitized import SANITIZED

ACTIVATIONS = st.sampled_from(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"])
ZERO_POINTS = st.one_of(st.sampled_from([-128, 0, 127]), st.integers(-128, 127))
DIMENSIONS = st.integers(1, 9)


@st.composite
def scales(draw):
    magnitude = draw(st.integers(-6, 2))
    gain = draw(st.one_of(st.none(), st.sampled_from([0.5, 1.0]), st.floats(-8, 1).map(lambda e: 10.0**e)))
    spread = draw(st.sampled_from([None, 1.0, 4.0, 1000.0]))
    return Scales((1.7 * 10.0**magnitude, draw(ZERO_POINTS)), gain, draw(ZERO_POINTS), spread)


@st.composite
def values(draw, *, bias_optional=True):
    bias = st.sampled_from([0, 50, 3000, 1 << 20])
    weight = draw(st.sampled_from([None, None, None, -127, 127, 1]))
    return Values(draw(st.one_of(st.none(), bias) if bias_optional else bias), None, weight, draw(st.integers(0, 99)))


@st.composite
def side(draw, padding):
    """Size, kernel, stride and dilation along one axis."""
    size, dilation = draw(DIMENSIONS), draw(st.integers(1, 3))
    longest = size + 2 if padding == "SAME" else (size - 1) // dilation + 1
    return size, draw(st.integers(1, min(longest, 5))), draw(st.integers(1, 4)), dilation


@st.composite
def layers(draw, *, grouped):
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    heights, widths = draw(side(padding)), draw(side(padding))
    groups = draw(st.integers(1, 3)) if grouped else 1
    channels, filters = draw(st.integers(1, 5)) * groups, draw(st.integers(1, 4)) * groups
    kernel, strides, dilations = zip(heights[1:], widths[1:], strict=True)
    return Layer(
        (heights[0], widths[0], channels),
        filters,
        kernel,
        strides,
        dilations,
        padding,
        groups,
        draw(ACTIVATIONS),
        draw(scales()),
        draw(values(bias_optional=not grouped)),  # the reference wants a bias for CONV_2D
    )


@st.composite
def products(draw):
    depth = draw(st.integers(1, 40))
    rows = tuple(draw(st.lists(st.integers(1, 3), max_size=3)))
    units = draw(st.integers(1, 9))
    output = draw(st.sampled_from([None, (*rows, units)])) if len(rows) > 1 else None
    return Product((*rows, depth), units, depth, output, draw(ACTIVATIONS), draw(scales()), draw(values()))


MODELS = st.one_of(
    layers(grouped=True).map(convolution),
    layers(grouped=False).map(depthwise),
    products().map(fully_connected),
)


def agrees(model):
    item = prepare(Case("random", model), "random")
    return tuple(to_bytes(interpreter.run(item.export.graph, sample)) for sample in item.inputs) == item.expected


@settings(derandomize=True, deadline=None, max_examples=150)
@given(layers(grouped=True))
def test_any_convolution_is_computed_as_the_reference_does(layer):
    assert agrees(convolution(layer))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(layers(grouped=False))
def test_any_depthwise_convolution_is_computed_as_the_reference_does(layer):
    assert agrees(depthwise(layer))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(products())
def test_any_fully_connected_layer_is_computed_as_the_reference_does(layer):
    assert agrees(fully_connected(layer))


@pytest.mark.parametrize("isa", Isa)
@settings(derandomize=True, deadline=None, max_examples=2)
@given(models=st.lists(MODELS, min_size=25, max_size=25))
def test_the_c_of_any_layer_computes_what_the_reference_does(tmp_path_factory, isa, models):
    batch = prepared([Case(f"random {number}", model) for number, model in enumerate(models)])
    assert not wrong_on_host(exported_for(batch, isa), SANITIZED, tmp_path_factory.mktemp("host"))


@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m3", "cortex-m4"])
@settings(derandomize=True, deadline=None, max_examples=2)
@given(models=st.lists(MODELS, min_size=25, max_size=25))
def test_a_core_computes_what_the_reference_does(core, models):
    batch = prepared([Case(f"random {number}", model) for number, model in enumerate(models)])
    assert not wrong_on_core(exported_for(batch, CORES[core].isa), Toolchain(core))


def answers(folder, header, body, rows):
    """What a C program prints for every row of integers: `body` computes from `v`, the row."""
    sources = [*kernels.included(header), header]
    includes = "\n".join(f'#include "{kernels.FOLDER / source}"' for source in sources)
    width = len(rows[0])
    scan = f'for (int i = 0; i < {width}; i++) if (scanf("%lld", &v[i]) != 1) return 0;'
    text = f"#include <stdio.h>\n{includes}\nint main(void)\n{{ for (;;) {{ long long v[{width}]; {scan} {body} }} }}\n"
    (folder / "main.c").write_text(text, encoding="utf-8")
    subprocess.run([*SANITIZED, "main.c", "-o", "main"], cwd=folder, check=True)
    given_rows = "\n".join(" ".join(map(str, row)) for row in rows)
    done = subprocess.run([folder / "main"], input=given_rows, capture_output=True, text=True, check=True)
    return [tuple(map(int, line.split())) for line in done.stdout.splitlines()]


def test_the_columns_inside_are_those_that_counting_finds(tmp_path):
    rows = list(product(range(-9, 9), (1, 2, 3, 5), (1, 2, 3, 7), (1, 2, 6)))
    body = (
        "struct ea_columns c = ea_columns_inside((int32_t)v[0], (int32_t)v[1], (int32_t)v[2], (int32_t)v[3]);"
        ' printf("%d %d %d\\n", (int)c.first, (int)c.count, (int)c.column);'
    )
    assert answers(tmp_path, "support/ea_columns.h", body, rows) == [counted_columns(*row) for row in rows]


def counted_columns(start, dilation, kernel_width, width):
    inside = [k for k in range(kernel_width) if 0 <= start + k * dilation < width]
    return (inside[0], len(inside), start + inside[0] * dilation) if inside else (0, 0, 0)


def test_rounding_once_in_c_is_the_formula_at_the_boundaries(tmp_path):
    sums = (0, 1, -1, 2, 3, -3, 127, -128, (1 << 20) + 1, (1 << 31) - 1, 1 - (1 << 31), -(1 << 31))
    scales = ((0, 0), (1, 30), (1 << 30, 0), (1 << 30, 1), ((1 << 31) - 1, 0), (1_500_000_001, -7), (1 << 30, -31))
    rows = [(total, multiplier, 31 - shift) for total, (multiplier, shift) in product(sums, scales)]
    body = 'printf("%d\\n", (int)ea_requantise_once((int32_t)v[0], v[1], (int32_t)v[2]));'
    rows = [row for row in rows if abs(row[0]) * row[1] >> row[2] < (1 << 31) - 1]  # what the contract promises
    expected = [(int(requantise_once(total, multiplier, 31 - right)),) for total, multiplier, right in rows]
    assert answers(tmp_path, "support/ea_requantise.h", body, rows) == expected


def test_a_multiplier_may_need_more_than_31_bits():
    layer = Product((1, 7), 9, 7, scales=Scales(gain=6e-7, spread=None), values=Values(bias=1 << 27))
    program = prepare(Case("long", fully_connected(layer)), "long").export.program
    multipliers = np.concatenate([const.values for const in program.consts if const.ctype == "int64_t"])
    assert max(multipliers.tolist()).bit_length() > 31
