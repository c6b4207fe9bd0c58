"""BATCH_MATMUL and FULLY_CONNECTED with computed weights: turned, broadcast, constant, awkward sizes and scales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import constant_int, random_int8, tensor
from tests.kernels.case import Case
from tests.single_op import TensorSpec, constant, single_op

Shape = tuple[int, ...]


@dataclass(frozen=True)
class MatMul:
    """a times b; `a` and `b` are the shapes in the file, `steps` how many output steps a typical sum makes."""

    a: Shape
    b: Shape
    adj_x: bool = False
    adj_y: bool = False
    fixed: str = ""  # "a" or "b": that one is constant
    scales: tuple[float, float] = (0.02, 0.03)
    zero_points: tuple[int, int, int] = (3, -7, 5)
    steps: float = 50.0


@dataclass(frozen=True)
class Connected:
    """FULLY_CONNECTED of two activations."""

    x: Shape
    units: int
    output: Shape | None = None  # None: [rows, units]
    bias: int | None = None  # the largest
    activation: str = "NONE"
    scales: tuple[float, float] = (0.02, 0.03)
    zero_points: tuple[int, int, int] = (3, -7, 5)
    steps: float = 50.0


def output_affine(scales: tuple[float, float], depth: int, steps: float, zero_point: int) -> Affine:
    """The output's quantisation under which random operands give about so many steps."""
    return Affine(float(np.float32(scales[0] * scales[1] * 74 * 74 * np.sqrt(depth) / steps)), zero_point)


def operand(shape: Shape, affine: Affine, *, fixed: bool) -> TensorSpec:
    if not fixed:
        return tensor(shape, affine)
    values = random_int8(3, int(np.prod(shape))).reshape(shape)
    return constant_int(values, (affine.scale,), zero_point=affine.zero_point)


def batch_matmul(case: MatMul) -> bytes:
    """A model of one BATCH_MATMUL."""
    a, b = turned(case.a, case.adj_x), turned(case.b, case.adj_y)
    batches = np.broadcast_shapes(a[:-2], b[:-2])
    affines = [Affine(float(np.float32(s)), z) for s, z in zip(case.scales, case.zero_points, strict=False)]
    operands = [
        operand(shape, affine, fixed=name == case.fixed)
        for name, shape, affine in zip("ab", (case.a, case.b), affines, strict=True)
    ]
    output = output_affine(case.scales, a[-1], case.steps, case.zero_points[2])
    result = tensor((*batches, a[-2], b[-1]), output)
    return single_op("BATCH_MATMUL", operands, result, adj_x=case.adj_x, adj_y=case.adj_y)


def turned(shape: Shape, yes: bool) -> Shape:
    return (*shape[:-2], shape[-1], shape[-2]) if yes else shape


def variable_fully_connected(case: Connected) -> bytes:
    """A model of one FULLY_CONNECTED whose weights are an input."""
    depth = case.x[-1]
    x, weights = (Affine(float(np.float32(s)), z) for s, z in zip(case.scales, case.zero_points, strict=False))
    product = float(np.float32(x.scale) * np.float32(weights.scale))
    shape = case.output or (int(np.prod(case.x)) // depth, case.units)
    inputs = [tensor(case.x, x), tensor((case.units, depth), weights)]
    if case.bias is not None:
        values = np.random.default_rng(5).integers(-case.bias, case.bias, case.units)
        inputs.append(constant(values, "int32", (product,), (0,)))
    result = tensor(shape, output_affine(case.scales, depth, case.steps, case.zero_points[2]))
    keeps = len(shape) > 2
    return single_op("FULLY_CONNECTED", inputs, result, activation=case.activation, keep_num_dims=keeps)


MATMULS = {
    "one by one": MatMul((1, 1), (1, 1)),
    "one column": MatMul((3, 5), (5, 1)),
    "one column, a turned": MatMul((2, 5, 9), (2, 5, 1), adj_x=True),
    "one column, batches meet": MatMul((3, 6, 5), (2, 1, 1, 5), adj_y=True, zero_points=(9, -100, 0)),
    "three columns": MatMul((3, 5), (5, 3)),
    "four columns": MatMul((3, 5), (5, 4)),
    "seven columns": MatMul((2, 3), (3, 7)),
    "eight columns": MatMul((2, 9), (9, 8)),
    "depth one": MatMul((4, 1), (1, 6)),
    "a turned": MatMul((5, 3), (5, 9), adj_x=True),
    "b turned": MatMul((3, 5), (9, 5), adj_y=True),
    "b turned, depth one": MatMul((3, 1), (6, 1), adj_y=True),
    "both turned": MatMul((5, 3), (6, 5), adj_x=True, adj_y=True),
    "scores of attention": MatMul((1, 2, 9, 8), (1, 2, 9, 8), adj_y=True),
    "values of attention": MatMul((1, 2, 9, 9), (1, 2, 9, 8), scales=(1 / 256, 0.05), zero_points=(-128, 4, 0)),
    "b alone for all batches": MatMul((2, 3, 4, 5), (5, 6)),
    "b alone, a turned": MatMul((2, 3, 5, 4), (5, 6), adj_x=True),
    "b of batch one": MatMul((2, 3, 4, 5), (1, 1, 5, 6)),
    "a alone for all batches": MatMul((4, 5), (2, 3, 5, 6)),
    "a of batch one, both turned": MatMul((1, 5, 4), (3, 6, 5), adj_x=True, adj_y=True),
    "batches meet crosswise": MatMul((3, 1, 2, 5), (1, 4, 5, 6)),
    "batches meet crosswise in rank 5": MatMul((2, 1, 3, 2, 4), (1, 2, 3, 4, 5), adj_y=False),
    "the middle batch repeats": MatMul((2, 3, 2, 2, 4), (2, 1, 2, 4, 5)),
    "the inner batch of b repeats": MatMul((2, 3, 2, 4), (2, 1, 4, 5)),
    "the inner batch of b repeats, a turned": MatMul((2, 3, 4, 2), (2, 1, 4, 5), adj_x=True),
    "ranks differ, a longer": MatMul((2, 3, 2, 4), (3, 4, 5)),
    "ranks differ, b longer": MatMul((3, 2, 4), (2, 3, 5, 4), adj_y=True),
    "b constant": MatMul((3, 4, 5), (5, 6), fixed="b"),
    "b constant and turned": MatMul((2, 4, 5), (2, 6, 5), adj_y=True, fixed="b"),
    "a constant": MatMul((4, 5), (3, 5, 6), fixed="a"),
    "a constant and turned": MatMul((5, 4), (3, 5, 6), adj_x=True, fixed="a"),
    "no zero points": MatMul((3, 7), (7, 5), zero_points=(0, 0, 0)),
    "zero points at the ends": MatMul((3, 7), (7, 5), zero_points=(-128, 127, -128)),
    "zero points at the other ends": MatMul((3, 7), (5, 7), adj_y=True, zero_points=(127, -128, 127)),
    "gain above 1": MatMul((3, 2), (2, 5), steps=3e5),
    "gain far above 1, overflowing shift": MatMul((3, 2), (2, 5), steps=3e9),
    "gain too small to count": MatMul((3, 2), (2, 5), steps=1e-9),
    "scales far apart": MatMul((3, 6), (6, 5), scales=(1e-6, 300.0)),
    "vectors: depth sixteen, b turned": MatMul((2, 16), (4, 16), adj_y=True),
    "vectors: depth seventeen, b turned": MatMul((3, 17), (9, 17), adj_y=True, zero_points=(-128, 127, 3)),
    "vectors: deep, b turned": MatMul((2, 130), (7, 130), adj_y=True),
    "vectors: seventeen columns": MatMul((3, 9), (9, 17), zero_points=(-128, 127, 3)),
    "vectors: nine columns, a turned": MatMul((9, 3), (9, 9), adj_x=True),
    "deep": MatMul((2, 300), (300, 5)),
}
CONNECTED = {
    "one by one": Connected((1, 1), 1),
    "no bias": Connected((3, 13), 7),
    "bias": Connected((3, 13), 7, bias=3000, activation="RELU"),
    "rank 3": Connected((2, 3, 5), 4, (2, 3, 4), bias=50),
    "zero points at the ends": Connected((2, 9), 5, zero_points=(-128, 127, -128), activation="RELU6"),
    "no zero points, ties": Connected((2, 3), 5, scales=(1.0, 1.0), zero_points=(0, 0, 0), steps=74 * 74 * 3**0.5 / 2),
    "gain above 1": Connected((2, 2), 5, steps=3e5),
    "gain too small to count": Connected((2, 2), 5, steps=1e-9),
}

CASES: tuple[Case, ...] = (
    *(Case(f"matrices: {name}", batch_matmul(case), seed) for seed, (name, case) in enumerate(MATMULS.items())),
    *(
        Case(f"fully connected: {name}", variable_fully_connected(case), seed)
        for seed, (name, case) in enumerate(CONNECTED.items())
    ),
)
