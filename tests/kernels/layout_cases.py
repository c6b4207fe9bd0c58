"""PAD, PADV2, CONCATENATION, RESHAPE, SQUEEZE, EXPAND_DIMS, and outputs that are other tensors' bytes."""

from __future__ import annotations

from collections.abc import Sequence

from firmware_export.quantised_math import Affine
from tests.affines import random_int8, tensor
from tests.kernels.case import Case
from tests.single_op import OpSpec, TensorSpec, model, single_op

Shape = tuple[int, ...]
Paddings = tuple[tuple[int, int], ...]
AFFINE = Affine(0.25, 3)

PADDINGS: tuple[tuple[Shape, Paddings], ...] = (
    ((1, 4, 3, 5), ((0, 0), (1, 2), (3, 1), (0, 0))),  # an image's
    ((1, 4, 3, 5), ((0, 0), (0, 0), (2, 1), (0, 0))),
    ((1, 4, 3, 5), ((0, 0), (2, 0), (0, 0), (0, 0))),
    ((1, 4, 3, 5), ((0, 0), (0, 0), (0, 0), (0, 3))),  # channels
    ((1, 4, 3, 5), ((0, 0), (1, 0), (0, 0), (2, 3))),
    ((2, 1, 3, 2), ((1, 2), (2, 1), (0, 3), (3, 0))),  # every axis
    ((2, 2, 3, 2), ((1, 0), (0, 0), (0, 0), (0, 1))),
    ((1, 2, 2, 1), ((0, 0), (0, 0), (0, 0), (0, 0))),
    ((3, 2, 5), ((1, 1), (0, 0), (1, 2))),
    ((3, 5), ((0, 2), (1, 0))),
    ((1, 1), ((1, 1), (1, 1))),
    ((7,), ((2, 3),)),
    ((1, 2, 2, 3, 2), ((0, 0), (1, 0), (0, 0), (0, 1), (0, 0))),
)
PAD_AFFINES = (
    (Affine(0.25, -128), Affine(0.25, -128)),
    (Affine(0.25, 127), Affine(0.25, 127)),
    (Affine(0.25, 3), Affine(0.25, -9)),  # bytes are copied and the output's zero point surrounds them
    (Affine(0.25, 3), Affine(0.5, 4)),
)
PAD_VALUES = (-128, -1, 0, 3, 127)

JOINED: tuple[tuple[Sequence[Shape], int], ...] = (
    ([(1, 3, 2, 4), (1, 3, 2, 3)], 3),
    ([(1, 3, 2, 4), (1, 3, 2, 1), (1, 3, 2, 2)], -1),
    ([(1, 3, 2, 4), (1, 3, 5, 4)], 2),
    ([(1, 3, 2, 4), (1, 1, 2, 4)], 1),
    ([(1, 3, 2, 4), (1, 3, 2, 4)], 0),
    ([(2, 3, 5), (2, 1, 5)], -2),
    ([(2, 3), (2, 4), (2, 1), (2, 7), (2, 2)], 1),
    ([(3, 3)], 0),
    ([(5,), (1,)], 0),
    ([(1, 1, 1, 1, 3), (1, 1, 1, 1, 2)], 4),
    ([(2, 1)] * 9, 1),
)


def pad(shape: Shape, paddings: Paddings, x: Affine = AFFINE, output: Affine = AFFINE) -> bytes:
    """A model of one PAD."""
    padded = tuple(low + size + high for size, (low, high) in zip(shape, paddings, strict=True))
    return single_op("PAD", [tensor(shape, x)], tensor(padded, output), paddings=paddings)


def pad_v2(value: int, x: Affine = AFFINE, output: Affine = AFFINE) -> bytes:
    """A model of one PADV2 of rows and columns."""
    paddings = ((0, 0), (1, 1), (0, 2), (0, 0))
    return single_op("PADV2", [tensor((1, 2, 3, 3), x)], tensor((1, 4, 5, 3), output), paddings=paddings, value=value)


def joined_shape(shapes: Sequence[Shape], axis: int) -> Shape:
    """The output's shape."""
    axis %= len(shapes[0])
    total = sum(shape[axis] for shape in shapes)
    return (*shapes[0][:axis], total, *shapes[0][axis + 1 :])


def concatenation(shapes: Sequence[Shape], axis: int) -> bytes:
    """A model of one CONCATENATION."""
    output = tensor(joined_shape(shapes, axis), AFFINE)
    return single_op("CONCATENATION", [tensor(shape, AFFINE) for shape in shapes], output, axis=axis)


def constant_part(seed: int, *shape: int) -> TensorSpec:
    return TensorSpec(shape, "int8", (AFFINE.scale,), (AFFINE.zero_point,), data=random_int8(seed, *shape))


def joined_with_constants() -> bytes:
    parts = [constant_part(1, 1, 3, 2), tensor((1, 3, 4), AFFINE), constant_part(2, 1, 3, 3)]
    return single_op("CONCATENATION", parts, tensor((1, 3, 9), AFFINE), axis=2)


def joined_with_itself() -> bytes:
    op = OpSpec("CONCATENATION", (0, 1, 0), (2,), {"axis": 1})
    return model([tensor((2, 3), AFFINE), tensor((2, 2), AFFINE), tensor((2, 8), AFFINE)], [op])


def reshapes() -> dict[str, bytes]:
    """Ops that only rename, alone: the network's output is its input's bytes."""
    x = tensor((1, 3, 1, 4), AFFINE)
    return {
        "RESHAPE alone": single_op("RESHAPE", [x], tensor((2, 6), AFFINE)),
        "RESHAPE to another scale, which copies the bytes": single_op("RESHAPE", [x], tensor((2, 6), Affine(0.5, 7))),
        "SQUEEZE alone": single_op("SQUEEZE", [x], tensor((1, 3, 4), AFFINE), squeeze_dims=[2]),
        "EXPAND_DIMS alone": single_op("EXPAND_DIMS", [x], tensor((1, 3, 1, 1, 4), AFFINE), axis=2),
    }


def chain(*steps: tuple[str, Shape, dict[str, object]], outputs: Sequence[int] | None = None) -> bytes:
    """Ops one after another from a tensor (1, 3, 4)."""
    tensors = [tensor((1, 3, 4), AFFINE), *(tensor(shape, AFFINE) for _, shape, _ in steps)]
    ops = [OpSpec(name, (i,), (i + 1,), options) for i, (name, _, options) in enumerate(steps)]
    return model(tensors, ops, outputs)


PAD_ROW = ("PAD", (1, 5, 4), {"paddings": ((0, 0), (1, 1), (0, 0))})
TO_VECTOR = ("RESHAPE", (1, 20), {})


def chains() -> dict[str, bytes]:
    """Ops that only rename, first, last, between, and read by several outputs."""
    wide = ("PAD", (1, 4, 4), {"paddings": ((0, 0), (1, 0), (0, 0))})
    return {
        "RESHAPE after PAD, last": chain(PAD_ROW, TO_VECTOR),
        "two RESHAPE after PAD": chain(PAD_ROW, TO_VECTOR, ("RESHAPE", (2, 10), {})),
        "RESHAPE first, then PAD": chain(
            ("RESHAPE", (1, 6, 2), {}), ("PAD", (1, 7, 2), {"paddings": ((0, 0), (0, 1), (0, 0))})
        ),
        "RESHAPE between PAD and PAD": chain(PAD_ROW, TO_VECTOR, ("PAD", (1, 23), {"paddings": ((0, 0), (3, 0))})),
        "PAD and its RESHAPE are both outputs": chain(PAD_ROW, TO_VECTOR, outputs=[1, 2]),
        "RESHAPE and its RESHAPE are both outputs": chain(
            ("RESHAPE", (12,), {}), ("RESHAPE", (3, 4), {}), outputs=[1, 2]
        ),
        "a tensor between PAD and PAD is an output": chain(
            wide, ("PAD", (1, 5, 4), {"paddings": ((0, 0), (1, 0), (0, 0))}), outputs=[1, 2]
        ),
        "RESHAPE of the input, joined with the input": reshaped_and_joined(),
        "an output beside a branch that no output reads": with_a_dead_branch(),
    }


def reshaped_and_joined() -> bytes:
    tensors = [tensor((2, 6), AFFINE), tensor((2, 2, 3), AFFINE), tensor((2, 6), AFFINE), tensor((2, 12), AFFINE)]
    join = OpSpec("CONCATENATION", (0, 2), (3,), {"axis": 1})
    return model(tensors, [OpSpec("RESHAPE", (0,), (1,), {}), OpSpec("RESHAPE", (1,), (2,), {}), join])


def with_a_dead_branch() -> bytes:
    tensors = [tensor((1, 3), AFFINE), tensor((1, 4), AFFINE), tensor((1, 5), AFFINE)]
    ops = [OpSpec("PAD", (0,), (i,), {"paddings": ((0, 0), (0, i))}) for i in (1, 2)]
    return model(tensors, ops, outputs=[1])


CASES = (
    *(
        Case(f"PAD of {shape} by {paddings}", pad(shape, paddings), seed)
        for seed, (shape, paddings) in enumerate(PADDINGS)
    ),
    *(
        Case(f"PAD from scale {x.scale} offset {x.zero_point} to {y.scale}, {y.zero_point}", pad(*PADDINGS[0], x, y))
        for x, y in PAD_AFFINES
    ),
    *(Case(f"PADV2 with {value}", pad_v2(value)) for value in PAD_VALUES),
    Case("PADV2 to another scale", pad_v2(5, Affine(0.25, 3), Affine(0.5, -4))),
    *(
        Case(f"CONCATENATION of {shapes} along {axis}", concatenation(shapes, axis), axis + 9)
        for shapes, axis in JOINED
    ),
    Case("CONCATENATION with constants", joined_with_constants()),
    Case("CONCATENATION with the same tensor twice", joined_with_itself()),
    *(Case(name, content) for name, content in (reshapes() | chains()).items()),
)
