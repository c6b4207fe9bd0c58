"""Arithmetic on int16 beyond the tables of cases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter, quantised_s16
from firmware_export.errors import ExportError, UnsupportedOp
from firmware_export.export import export
from firmware_export.quantised_math import Affine, round_half_away
from firmware_export.tflite_reader import read_tflite
from tests.affines import constant_int, random_int8, scales, tensor
from tests.kernels.batch import prepared, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.elementwise_s16_cases import COARSE, FINE, UNIT
from tests.kernels.sanitized import SANITIZED
from tests.single_op import TensorSpec, litert_reference, single_op

EVERY = np.arange(-32768, 32768).astype(np.int16)
SEEDS = st.integers(0, 999)
INT16_SCALES = st.builds(Affine, scales(1e-7, 1e-1), st.just(0))


def values(seed: int, *shape: int) -> np.ndarray:
    """Reproducible int16 values, often an extreme one."""
    rng = np.random.default_rng(seed)
    x = rng.integers(-32768, 32768, shape).astype(np.int16)
    return np.where(rng.random(shape) < 0.1, rng.choice([-32768, -1, 0, 1, 32767], shape), x).astype(np.int16)


def check(model: bytes, *inputs: np.ndarray) -> None:
    """The interpreter gives the reference's values, or the model is refused."""
    try:
        graph = read_tflite(model, name="wide")
        got = interpreter.run(graph, list(inputs))
    except ExportError:
        return
    np.testing.assert_array_equal(got[0], litert_reference(model, list(inputs))[0])


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.sampled_from(["ADD", "SUB", "MUL"]), INT16_SCALES, INT16_SCALES, st.floats(0.01, 100), SEEDS)
def test_two_tensors_of_any_scales_give_the_reference_values(op, a, b, ratio, seed):
    natural = a.scale * b.scale * 32768 if op == "MUL" else max(a.scale, b.scale)
    output = Affine(float(np.float32(natural * ratio)), 0)
    model = single_op(op, [tensor((400,), a, "int16"), tensor((400,), b, "int16")], tensor((400,), output, "int16"))
    check(model, values(seed, 400), values(seed + 1, 400))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.sampled_from(["LOGISTIC", "TANH"]), st.builds(Affine, scales(1e-9, 2.6), st.just(0)))
def test_sigmoid_and_tanh_of_any_scale_give_every_reference_value(op, x):
    check(single_op(op, [tensor(EVERY.shape, x, "int16")], tensor(EVERY.shape, UNIT, "int16")), EVERY)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.sampled_from(["RELU", "RELU6", "QUANTIZE"]), INT16_SCALES, st.floats(0.01, 100))
def test_another_scale_gives_every_reference_value(op, x, ratio):
    output = Affine(float(np.float32(x.scale * ratio)), 0)
    check(single_op(op, [tensor(EVERY.shape, x, "int16")], tensor(EVERY.shape, output, "int16")), EVERY)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(INT16_SCALES, scales(1e-4, 10), st.integers(-128, 127))
def test_int16_and_int8_become_each_other_as_in_the_reference(wide, scale, zero_point):
    narrow, eights = Affine(scale, zero_point), np.arange(-128, 128).astype(np.int8)
    check(single_op("QUANTIZE", [tensor(EVERY.shape, wide, "int16")], tensor(EVERY.shape, narrow)), EVERY)
    check(single_op("QUANTIZE", [tensor((256,), narrow)], tensor((256,), wide, "int16")), eights)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(scales(1e-8, 1), st.floats(0.125, 8, width=32), st.integers(1, 40), SEEDS)
def test_softmax_of_any_scale_and_beta_gives_the_reference_values(scale, beta, depth, seed):
    x = (values(seed, 3, depth) // (1 << seed % 12)).astype(np.int16)
    spec = tensor(x.shape, Affine(scale, 0), "int16")
    check(single_op("SOFTMAX", [spec], tensor(x.shape, UNIT, "int16"), beta=beta), x)


def test_softmax_of_two_gives_the_reference_value_for_every_sum_of_exponentials():
    x = np.stack([np.full(65536, 32767), 32767 - np.arange(65536)], axis=1).astype(np.int16)
    spec = tensor(x.shape, Affine(float(np.float32(5 / 65535)), 0), "int16")
    check(single_op("SOFTMAX", [spec], tensor(x.shape, UNIT, "int16")), x)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(INT16_SCALES, st.floats(0.05, 20), st.integers(1, 9), st.integers(1, 9), SEEDS)
def test_a_mean_of_any_scales_gives_the_reference_values(x, ratio, height, width, seed):
    output = Affine(float(np.float32(x.scale * ratio)), 0)
    spec = tensor((1, height, width, 5), x, "int16")
    check(single_op("MEAN", [spec], tensor((1, 5), output, "int16"), axes=[1, 2]), values(seed, 1, height, width, 5))


def constant_sums(op: str, sums: np.ndarray, dtype: str, scale: float, output: float) -> bytes:
    """An op whose sums are its biases, each with an output of its own."""
    count = len(sums)
    shape = {"FULLY_CONNECTED": (count, 1), "CONV_2D": (count, 1, 1, 1), "DEPTHWISE_CONV_2D": (1, 1, 1, count)}[op]
    x = {"FULLY_CONNECTED": (1, 1), "CONV_2D": (1, 1, 1, 1), "DEPTHWISE_CONV_2D": shape}[op]
    inputs = [
        tensor(x, Affine(scale, 0), "int16"),
        constant_int(np.ones(shape, np.int8), (0.5,)),
        constant_int(sums.astype(dtype), (scale * 0.5,)),
    ]
    y = (1, count) if op == "FULLY_CONNECTED" else (1, 1, 1, count)
    options: dict[str, Any] = {} if op == "DEPTHWISE_CONV_2D" else {"bias_type": dtype}
    return single_op(op, inputs, tensor(y, Affine(output, 0), "int16"), **options)


SUMMING = [
    ("FULLY_CONNECTED", "int64"),
    ("FULLY_CONNECTED", "int32"),
    ("CONV_2D", "int64"),
    ("CONV_2D", "int32"),
    ("DEPTHWISE_CONV_2D", "int64"),
]


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.sampled_from(SUMMING), scales(1e-6, 1e-2), st.integers(0, 24), SEEDS)
def test_sums_of_any_size_are_scaled_as_in_the_reference(summing, scale, bits, seed):
    op, dtype = summing
    rng = np.random.default_rng(seed)
    largest = 1 << min(15 + bits, 30 if dtype == "int32" else 39)
    sums = np.concatenate([rng.integers(-largest, largest, 60), np.arange(-8, 9)])
    output = float(np.float32(scale * 0.5 * largest / 32768 * rng.uniform(0.5, 2)))
    model = constant_sums(op, sums, dtype, scale, output)
    x = read_tflite(model, name="sums")
    check(model, np.zeros(x.tensors[x.inputs[0]].shape, np.int16))


def test_c_scales_sums_near_halves_as_float64_does(tmp_path):
    cases = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        scale = float(np.float32(10 ** rng.uniform(-5, -2)))
        output = float(np.float32(scale * 10 ** rng.uniform(0, 5)))
        real = scale * 0.5 / output
        steps = rng.integers(0, 30000, 40)
        sums = np.array([round((step + 0.5) / real) + near for step in steps for near in (-1, 0, 1)])
        sums = np.where(rng.random(len(sums)) < 0.5, -sums, sums)
        cases.append(Case(f"sums {seed}", constant_sums("FULLY_CONNECTED", sums, "int64", scale, output), seed))
    assert not wrong_on_host(prepared(cases), SANITIZED, tmp_path)


@pytest.mark.parametrize("exact", [(3, 2), (5, 2**20), (2**33 + 1, 2**34)], ids=str)
def test_a_half_is_rounded_away_from_zero_also_where_float64_only_just_makes_it_one(exact):
    numerator, denominator = exact
    real = np.nextafter(numerator / denominator, 0)  # a product just below a half becomes one
    sums = np.arange(1, 2000) * denominator // 2
    mantissa, right = quantised_s16.float64_pair(float(real))
    got = [magnitude_scaled(int(value), mantissa, right) for value in sums]
    assert got == round_half_away(sums.astype(np.float64) * real).astype(np.int64).tolist()


def magnitude_scaled(magnitude: int, mantissa: int, right: int) -> int:
    """What the kernel computes, in integers without end."""
    product = magnitude * mantissa
    lift = 1 << (product.bit_length() - 54) if product.bit_length() >= 54 else 0
    return (product + lift + (1 << (right - 1))) >> right


def test_the_interpolated_functions_are_close_to_the_real_ones():
    at = EVERY.astype(np.float64)
    x = Affine(1 / 8192, 0)
    logistic = quantised_s16.logistic(EVERY, quantised_s16.logistic_parameters(x))
    tanh = quantised_s16.tanh(EVERY, quantised_s16.tanh_parameters(x))
    assert np.abs(logistic / 32768 - 1 / (1 + np.exp(-at * x.scale))).max() < 2e-4
    assert np.abs(tanh / 32768 - np.tanh(at * x.scale)).max() < 4e-4
    exponentials = quantised_s16.interpolate(EVERY, quantised_s16.exponential_table())
    assert np.abs(exponentials / 32768 - np.exp((at - 32767) * 10 / 65535)).max() < 3e-4


WEIGHTS = constant_int(random_int8(1, 2, 1, 1, 3), (0.01,))
WIDE, THREE = tensor((1, 2, 2, 3), FINE, "int16"), (1, 2, 2, 3)


def bias(dtype: str, scale: float = FINE.scale * 0.01, value: int = 0) -> TensorSpec:
    return constant_int(np.full(2, value, dtype), (scale,))


def conv(dtype: str, declared: str, *, value: int = 0, output: Affine = COARSE) -> bytes:
    """CONV_2D with a bias of one type where the options say another."""
    y = tensor((1, 2, 2, 2), output, "int16")
    return single_op("CONV_2D", [WIDE, WEIGHTS, bias(dtype, value=value)], y, bias_type=declared)


def of(op: str, y: Affine = FINE, dtype: str = "int16", **options: Any) -> bytes:
    return single_op(op, [WIDE], tensor(THREE, y, dtype), **options)


def powers_of_two() -> bytes:
    x = tensor(THREE, UNIT, "int16")
    return single_op("ADD", [x, x], x, powers_of_two=True)


REFUSED = {
    "a bias of int32 that is said to be int64": (lambda: conv("int32", "int64"), "CONV_2D on int16 has an int32 bias"),
    "a bias of int32 of which nothing is said": (lambda: conv("int32", "float32"), "int32 bias"),
    "a bias of int64 that is said to be int32": (lambda: conv("int64", "int32"), "int64 bias"),
    "a bias of another type": (lambda: conv("int64", "int16"), "neither int32 nor int64"),
    "a depthwise bias of int32": (
        lambda: single_op(
            "DEPTHWISE_CONV_2D",
            [WIDE, constant_int(random_int8(1, 1, 1, 1, 3), (0.01,)), constant_int(np.zeros(3, np.int32), (1e-6,))],
            WIDE,
        ),
        "int32 bias",
    ),
    "sums of more than 47 bits": (lambda: conv("int64", "int64", value=1 << 48), "47 bits"),
    "an output too fine": (lambda: conv("int64", "int64", output=Affine(2.0**-50, 0)), "too fine|47 bits, or 32"),
    "int16 and int8 added": (
        lambda: single_op("ADD", [WIDE, tensor(THREE, FINE)], WIDE),
        "int8 and int16 at once",
    ),
    "a sum by shifts": (powers_of_two, "powers of two"),
    "a hard swish": (lambda: of("HARD_SWISH"), "no int16 form"),
    "a leaky relu": (lambda: of("LEAKY_RELU", alpha=0.25), "no int16 form"),
    "space to depth": (
        lambda: single_op("SPACE_TO_DEPTH", [WIDE], tensor((1, 1, 1, 12), FINE, "int16"), block_size=2),
        "no int16 form",
    ),
    "uint8 of int16": (lambda: of("QUANTIZE", Affine(0.1, 3), "uint8"), "uint8 and int16"),
    "a sigmoid to another scale": (lambda: of("LOGISTIC"), "1/32768"),
    "a tanh to another scale": (lambda: of("TANH"), "1/32768"),
    "a softmax to another scale": (lambda: of("SOFTMAX"), "1/32768"),
    "a sigmoid of too coarse a scale": (
        lambda: single_op("LOGISTIC", [tensor(THREE, Affine(3.0, 0), "int16")], tensor(THREE, UNIT, "int16")),
        "too coarse",
    ),
    "a softmax too steep": (lambda: of("SOFTMAX", UNIT, beta=1e13), "too fine"),
    "padding by another value than 0": (
        lambda: single_op(
            "PADV2", [WIDE], tensor((1, 3, 2, 3), FINE, "int16"), paddings=[[0, 0], [1, 0], [0, 0], [0, 0]], value=300
        ),
        "pad with zeros",
    ),
    "joined from two scales": (
        lambda: single_op(
            "CONCATENATION", [WIDE, tensor(THREE, COARSE, "int16")], tensor((1, 2, 2, 6), FINE, "int16"), axis=3
        ),
        "different scales",
    ),
    "a mean of more than an int32 holds": (
        lambda: single_op(
            "MEAN", [tensor((1, 256, 257, 1), FINE, "int16")], tensor((1, 1), FINE, "int16"), axes=[1, 2]
        ),
        "65535 values",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_reference_or_the_kernels_cannot_do_is_refused(what):
    make, words = REFUSED[what]
    with pytest.raises(ExportError, match=words) as told:
        export(make(), name="refused")
    assert "layer '" in str(told.value)


def test_a_sum_that_leaves_32_bits_with_a_bias_of_int32_is_refused():
    depth = 1 << 10
    weights = constant_int(np.full((1, depth), 127, np.int8), (0.01,))
    inputs = [tensor((1, depth), FINE, "int16"), weights, constant_int(np.zeros(1, np.int32), (FINE.scale * 0.01,))]
    with pytest.raises(UnsupportedOp, match="31 bits"):
        export(single_op("FULLY_CONNECTED", inputs, tensor((1, 1), COARSE, "int16"), bias_type="int32"), name="deep")


def test_every_scale_is_what_float64_holds():
    for real in (1e-12, 0.1, 1 / 3, 0.5, 1.0, 1000.7):
        mantissa, right = quantised_s16.float64_pair(real)
        assert math.ldexp(mantissa, -right) == real
