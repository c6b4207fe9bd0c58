"""MEAN, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN: axes, shapes and scales."""

from __future__ import annotations

from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.kernels.case import Case
from tests.single_op import OpSpec, TensorSpec, single_op
from tests.single_op import model as network

Shape = tuple[int, ...]

SHAPES_AND_AXES: tuple[tuple[Shape, Shape], ...] = (
    ((1, 7, 5, 6), (1, 2)),  # squeeze: channels that are no multiple of 4
    ((1, 4, 4, 8), (1, 2)),
    ((1, 3, 3, 1), (1, 2)),
    *(((1, 3, 1 + channels, channels), (1, 2)) for channels in range(2, 10)),
    ((1, 16, 16, 5), (1, 2)),  # as many as an int16 holds
    ((1, 257, 1, 4), (1, 2)),
    ((1, 33, 17, 9), (1, 2)),
    ((1, 1, 1, 5), (1, 2)),  # nothing to sum
    ((1, 5, 3, 7), (3,)),  # over channels
    ((1, 5, 3, 7), (1,)),
    ((1, 5, 3, 7), (2,)),
    ((1, 5, 3, 7), (0,)),  # the batch
    ((1, 5, 3, 7), (0, 1, 2, 3)),
    ((1, 5, 3, 7), (1, 2, 3)),
    ((2, 3, 2, 5), (0, 2)),  # every other axis: nothing merges
    ((2, 3, 2, 5), (1, 3)),
    ((2, 3, 2, 5), (0, 3)),
    ((2, 3, 2, 5), (0, 1)),
    ((2, 3, 2, 5), (0, 1, 3)),
    ((2, 3, 5), (1,)),
    ((2, 3, 5), (0, 2)),
    ((2, 1, 9), (-1,)),
    ((3, 5), (0,)),
    ((3, 5), (1,)),
    ((17,), (0,)),
    ((1, 3, 2, 4), (-2, 1)),
    ((1, 3, 2, 4), (-3, 1, 2)),  # an axis named twice
    ((1, 2, 3, 2, 2), (1, 2)),
    ((1, 3, 171, 9), (1, 2)),  # more values than 16 bits can sum
    ((1, 2, 3, 17), (1, 2)),
    ((2, 3, 2, 16), (0, 2)),
    ((3, 3, 4, 4), (1,)),
)
PLACES: tuple[tuple[Shape, int], ...] = (((1, 10), -1), ((300,), 0), ((2, 3, 5), 1), ((2, 1, 2, 3), 1), ((3, 2), 0))
SCALES = (
    (Affine(0.5, -128), Affine(0.5, -128)),
    (Affine(0.5, 127), Affine(0.25, -128)),
    (Affine(0.0235, 3), Affine(0.0117, -7)),
    (Affine(1e-4, 0), Affine(37.5, 0)),  # every mean is 0
    (Affine(37.5, -128), Affine(1e-4, 127)),  # every mean saturates
    (Affine(1.0, 0), Affine(2.0**-28, 5)),  # the shift to the left wraps
    (Affine(1.0, -1), Affine(1 / 3, 1)),
)


def reduced_shape(shape: Shape, axes: Shape, *, keep_dims: bool = False) -> Shape:
    """The output's shape."""
    gone = {axis % len(shape) for axis in axes}
    return tuple(1 if axis in gone else size for axis, size in enumerate(shape) if keep_dims or axis not in gone)


def reduction(op: str, x: TensorSpec, axes: Shape, output: Affine, *, keep_dims: bool = False) -> bytes:
    """A model of one reduction."""
    result = tensor(reduced_shape(x.shape, axes, keep_dims=keep_dims), output)
    return single_op(op, [x], result, axes=list(axes), keep_dims=keep_dims)


def shape_case(index: int, op: str, shape: Shape, axes: Shape) -> Case:
    keep_dims = index % 2 == 0
    output = Affine(0.03, 11) if op == "MEAN" else Affine(0.1, -3)
    name = f"{op} of {shape} over {axes}{' keeping them' if keep_dims else ''}"
    return Case(name, reduction(op, tensor(shape, Affine(0.1, -3)), axes, output, keep_dims=keep_dims), index)


def scale_case(index: int, x: Affine, output: Affine) -> Case:
    name = f"MEAN of scale {x.scale:g} offset {x.zero_point} to {output.scale:g} offset {output.zero_point}"
    return Case(name, reduction("MEAN", tensor((1, 3, 5, 6), x), (1, 2), output), index)


def place_case(op: str, index_type: str, shape: Shape, axis: int) -> Case:
    output = TensorSpec(reduced_shape(shape, (axis,)), index_type)
    model = single_op(op, [tensor(shape, Affine(0.1, -3))], output, axes=axis, index_type=index_type)
    return Case(f"{op} of {shape} along {axis} as {index_type}", model, len(shape))


def after_another_case() -> Case:
    """The place of the largest product, and the products, as outputs."""
    values, places = tensor((2, 5), Affine(0.1, -3)), TensorSpec((2,), "int64")
    ops = [
        OpSpec("MUL", (0, 1), (2,), {}),
        OpSpec("ARG_MAX", (2,), (3,), {"axes": 1, "index_type": "int64"}),
    ]
    return Case("ARG_MAX of what is an output too", network([values, values, values, places], ops, outputs=(3, 2)))


def scalar_axis_case() -> Case:
    """The axis as a number instead of a list of one."""
    x, output = tensor((2, 3, 5), Affine(0.1, 1)), tensor((2, 5), Affine(0.05, 1))
    return Case("MEAN over a scalar axis", single_op("MEAN", [x], output, axes=1))


CASES = (
    *(shape_case(i, op, *row) for op in ("MEAN", "REDUCE_MAX") for i, row in enumerate(SHAPES_AND_AXES)),
    *(shape_case(i, "REDUCE_MIN", *row) for i, row in enumerate(SHAPES_AND_AXES[::4])),
    *(scale_case(i, *row) for i, row in enumerate(SCALES)),
    *(place_case(op, kind, *row) for op in ("ARG_MAX", "ARG_MIN") for kind in ("int32", "int64") for row in PLACES),
    after_another_case(),
    scalar_axis_case(),
)
