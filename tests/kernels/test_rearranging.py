"""Ops that only move bytes, beyond the table of cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_export import interpreter
from firmware_export.errors import ExportError
from firmware_export.export import export
from firmware_export.ir import Offsets, Rearrange, Reshape, Steps
from firmware_export.quantised_math import Affine
from firmware_export.tflite_ops.walks import factored, joined
from firmware_export.tflite_reader import read_tflite
from tests.affines import random_int8, tensor
from tests.kernels import rearranging_cases as build
from tests.kernels.batch import prepared, wrong_on_host
from tests.kernels.case import Case
from tests.kernels.rearranging_cases import AFFINE, REFLECT, SYMMETRIC, Shape, value
from tests.kernels.sanitized import SANITIZED
from tests.single_op import OpSpec, TensorSpec, litert_reference, model, single_op

FLAGS = st.sampled_from(build.FLAGS)
SIDES = st.integers(1, 3)


def shapes(least: int = 1, most: int = 5) -> st.SearchStrategy[Shape]:
    return st.lists(st.integers(1, 4), min_size=least, max_size=most).map(tuple)


@st.composite
def transposes(draw: st.DrawFn) -> bytes:
    shape = draw(shapes(most=6))
    return build.transpose(shape, tuple(draw(st.permutations(range(len(shape))))))


@st.composite
def strided_slices(draw: st.DrawFn) -> bytes:
    """Every slice takes something: `start` is an element and the end lies beyond it, in the stride's direction."""
    shape, numbers, output, masks = draw(shapes()), [], [], {"begin_mask": 0, "end_mask": 0, "shrink_axis_mask": 0}
    for axis, size in enumerate(shape):
        start, step, reach = (
            draw(st.integers(0, size - 1)),
            draw(st.sampled_from([1, 2, 3, -1, -2])),
            draw(st.integers(1, 6)),
        )
        taken = range(size)[start : start + reach : step] if step > 0 else range(start, max(start - reach, -1), step)
        kind = draw(st.sampled_from(["slice", "from the begin", "to the end", "shrink", "negative"]))
        end = start + reach if step > 0 else max(start - reach, -size - 1)
        if kind == "shrink":
            masks["shrink_axis_mask"] |= 1 << axis
            numbers.append((start - size * draw(st.integers(0, 1)), 0, 1))
            continue
        if kind == "from the begin" and step > 0:
            masks["begin_mask"] |= 1 << axis
            taken = range(size)[: start + reach : step]
        if kind == "to the end":
            masks["end_mask"] |= 1 << axis
            taken = range(size)[start::step]
        negative = kind == "negative"
        end = end - size if negative and 0 <= end < size else (-size - 1 if step < 0 and end < 0 else end)
        numbers.append((start - size if negative else start, end, step))
        output.append(len(taken))
    return build.strided(shape, tuple(output), numbers, **masks)


@st.composite
def slices(draw: st.DrawFn) -> bytes:
    shape = draw(shapes())
    begin = tuple(draw(st.integers(0, size - 1)) for size in shape)
    counts = tuple(
        draw(st.sampled_from([-1, *range(1, size - low + 1)])) for size, low in zip(shape, begin, strict=True)
    )
    return build.sliced(shape, begin, counts)


@st.composite
def gathers(draw: st.DrawFn) -> bytes:
    shape = draw(shapes())
    axis = draw(st.integers(0, len(shape) - 1))
    shared = draw(st.integers(0, min(axis, 2)))
    rest = draw(st.lists(st.integers(1, 3), min_size=0 if shared == 0 else 1, max_size=2))
    count = int(np.prod([*shape[:shared], *rest], dtype=int))
    flat = draw(st.lists(st.integers(0, shape[axis] - 1), min_size=count, max_size=count))
    return build.gather(shape, axis, np.reshape(flat, (*shape[:shared], *rest)), shared)


@st.composite
def tiles(draw: st.DrawFn) -> bytes:
    shape = draw(shapes(most=4))
    return build.tile(shape, tuple(draw(st.integers(1, 3)) for _ in shape))


@st.composite
def mirrors(draw: st.DrawFn) -> bytes:
    shape, mode = draw(shapes(most=4)), draw(st.sampled_from([REFLECT, SYMMETRIC]))
    most = [size - (mode == REFLECT) for size in shape]
    return build.mirror_pad(shape, [(draw(st.integers(0, n)), draw(st.integers(0, n))) for n in most], mode)


@st.composite
def splits(draw: st.DrawFn) -> bytes:
    shape, sizes = draw(shapes()), tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=4)))
    axis = draw(st.integers(0, len(shape) - 1))
    return build.split_v((*shape[:axis], sum(sizes), *shape[axis + 1 :]), axis, sizes, sizes)


@st.composite
def packs(draw: st.DrawFn) -> bytes:
    shape = draw(shapes(0, 4))
    return build.pack(shape, draw(st.integers(-len(shape) - 1, len(shape))), draw(st.integers(1, 4)))


@st.composite
def resizes(draw: st.DrawFn) -> bytes:
    shape = tuple(draw(st.integers(1, n)) for n in (2, 30, 30, 3))
    return build.resize_nearest(shape, (draw(st.integers(1, 70)), draw(st.integers(1, 70))), **draw(FLAGS))


MODELS = st.one_of(
    *(transposes(), strided_slices(), slices(), gathers(), tiles(), mirrors(), splits(), packs(), resizes()),
    st.builds(build.unpack, shapes(1, 4), st.just(0)),
    st.builds(lambda n, s, h: build.space_to_depth((n, 2 * s, h * s, 2), s), st.integers(1, 2), SIDES, SIDES),
    st.builds(lambda n, s, h: build.depth_to_space((n, 2, h, 2 * s * s), s), st.integers(1, 2), SIDES, SIDES),
)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(MODELS, st.integers(0, 99))
def test_any_numbers_give_the_reference_bytes(content, seed):
    graph = read_tflite(content, name="moved")
    inputs = [random_int8(seed + i, *tensor.shape) for i, tensor in enumerate(graph.of(graph.inputs))]
    for result, expected in zip(interpreter.run(graph, inputs), litert_reference(content, inputs), strict=True):
        np.testing.assert_array_equal(result, expected)


@settings(derandomize=True, deadline=None, max_examples=2)
@given(st.lists(MODELS, min_size=30, max_size=30))
def test_c_gives_the_reference_bytes(tmp_path_factory, batch):
    cases = [Case(f"number {number}", content, number) for number, content in enumerate(batch)]
    assert not wrong_on_host(prepared(cases), SANITIZED, tmp_path_factory.mktemp("moved"))


def attrs(content: bytes) -> Any:
    """What the model's one op became."""
    (op,) = read_tflite(content, name="moved").ops
    return op.attrs


@pytest.mark.parametrize(
    ("content", "axes"),
    [
        (build.transpose((1, 6, 2, 8), (0, 2, 1, 3)), (Steps(2, 8), Steps(6, 16), Steps(8, 1))),
        (build.transpose((3, 1, 5), (2, 1, 0)), (Steps(5, 1), Steps(3, 5))),
        (build.sliced((1, 5, 4, 6), (0, 2, 0, 0), (1, 3, 4, 6)), (Steps(72, 1),)),
        (build.tile((2, 3), (4, 1)), (Steps(4, 0), Steps(6, 1))),
        (build.gather((2, 5), 1, [4, 3, 2, 1, 0]), (Steps(2, 5), Steps(5, -1))),
        (build.gather((5, 2), 0, [4, 0, 1]), (Offsets((0, -8, -6)), Steps(2, 1))),
        (build.resize_nearest((1, 2, 3, 1), (4, 3)), (Steps(2, 3), Steps(2, 0), Steps(3, 1))),
    ],
)
def test_a_walk_has_as_few_axes_as_it_can(content, axes):
    assert attrs(content).axes == axes


NOTHING_MOVES = {
    "TRANSPOSE of an axis of size 1": build.transpose((3, 1, 5), (1, 0, 2)),
    "SLICE of everything": build.sliced((2, 3), (0, 0), (2, 3)),
    "SPLIT in 1": build.split((2, 3), 1, 1),
    "TILE by 1": build.tile((2, 3), (1, 1)),
    "RESIZE_NEAREST_NEIGHBOR to the same size": build.resize_nearest((1, 4, 3, 2), (4, 3)),
    "REVERSE_V2 of an axis of size 1": build.reverse((1, 3), (0,)),
    "GATHER of everything": build.gather((3, 2), 0, [0, 1, 2]),
    "UNPACK of an axis of size 1": build.unpack((1, 3), 0),
}


@pytest.mark.parametrize("name", NOTHING_MOVES)
def test_an_op_that_moves_nothing_costs_nothing(name):
    assert attrs(NOTHING_MOVES[name]) == Reshape()


def test_users_read_the_name_of_the_op():
    (layer,) = export(build.STRIDED["x[..., 2]"], name="kinds").program.layers
    assert layer.kind == "StridedSlice"


def test_one_run_of_bytes_needs_no_kernel():
    program = export(build.sliced((5, 3), (2, 0), (2, 3)), name="run").program
    assert not [source for source in program.sources if "rearrange" in source]


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=12))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_factored_offsets_are_the_offsets(numbers):
    offsets = np.array([0, *numbers], np.int64)
    walk = Rearrange("Gather", 0, joined(factored(offsets)))
    found = np.array(0)
    for axis in walk.axes:
        steps = axis.offsets if isinstance(axis, Offsets) else np.arange(axis.size) * axis.step
        found = np.add.outer(found, steps)
    np.testing.assert_array_equal(found.ravel(), offsets)


def test_constants_are_moved_at_export():
    part = TensorSpec((2, 3), "int8", (AFFINE.scale,), (AFFINE.zero_point,), data=random_int8(1, 2, 3))
    tensors = [value(3, 2), part, value(3, 2), value(3, 2)]
    ops = [OpSpec("TRANSPOSE", (1,), (2,), {"permutation": (1, 0)}), OpSpec("ADD", (0, 2), (3,), {})]
    done = export(model(tensors, ops), name="folded")
    assert [layer.kind for layer in done.program.layers] == ["Add"]
    x = random_int8(2, 3, 2)
    np.testing.assert_array_equal(interpreter.run(done.graph, [x])[0], litert_reference(model(tensors, ops), [x])[0])


def moved(op: str, shape: Shape, output: Shape, **options: Any) -> bytes:
    return single_op(op, [value(*shape)], value(*output), **options)


REFUSED = {
    "a permutation that names an axis twice": (
        moved("TRANSPOSE", (2, 2), (2, 2), permutation=(0, 0)),
        "no permutation",
    ),
    "a permutation of an axis that is not there": (
        moved("TRANSPOSE", (2, 2), (2, 2), permutation=(0, 2)),
        "names an axis",
    ),
    "a permutation to another shape": (moved("TRANSPOSE", (2, 3), (2, 3), permutation=(1, 0)), "gives the shape"),
    "a stride of 0": (build.strided((3,), (3,), [(0, 3, 0)]), "stride of 0"),
    "a slice that is empty": (build.strided((3,), (1,), [(2, 1, 1)]), "gives the shape"),
    "an element that is not there": (build.strided((3,), (), [(3, 4, 1)], shrink_axis_mask=1), "does not have"),
    "more slices than axes": (build.strided((3,), (3,), [(0, 3, 1)] * 2), "does not have"),
    "two ellipses": (build.strided((3, 2), (3, 2), [(0, 0, 1)] * 2, ellipsis_mask=3), "does not have|for no axis"),
    "an ellipsis for no axis": (build.strided((3,), (3,), [(0, 0, 1)] * 2, ellipsis_mask=1), "for no axis"),
    "one element backwards": (build.strided((3,), (), [(1, 0, -1)], shrink_axis_mask=1), "backwards"),
    "an end that counts from the begin": (
        moved("STRIDED_SLICE", (3,), (1,), begin=[1], end=[1], strides=[1], offset=True),
        r"slice by x\[begin:end\]",
    ),
    "a slice from before the begin": (moved("SLICE", (3,), (1,), begin=[-1], size=[1]), "does not have"),
    "a slice beyond the end": (moved("SLICE", (3,), (2,), begin=[2], size=[2]), "does not have"),
    "a slice of other axes": (moved("SLICE", (3,), (1,), begin=[0, 0], size=[1, 1]), "other axes"),
    "a negative index": (moved("GATHER", (3, 2), (1, 2), axis=0, indices=[-1]), "does not have"),
    "an index beyond the end": (moved("GATHER", (3, 2), (1, 2), axis=0, indices=[3]), "does not have"),
    "more shared axes than indices have": (
        moved("GATHER", (3, 2), (3,), axis=1, indices=[0, 0, 0], batch_dims=2),
        "shares axes",
    ),
    "an axis that is shared as well": (
        moved("GATHER", (2, 3), (2,), axis=0, indices=[0, 1], batch_dims=1),
        "shares axes",
    ),
    "repeating 0 times": (moved("TILE", (3,), (3,), multiples=[0]), "impossible way"),
    "repeating other axes": (moved("TILE", (3,), (3,), multiples=[1, 1]), "impossible way"),
    "repeating to another size": (moved("TILE", (3,), (3,), multiples=[2]), "gives the shape"),
    "a repetition that does not fit": (moved("BROADCAST_TO", (3,), (4,)), "do not broadcast"),
    "a block of 0": (moved("SPACE_TO_DEPTH", (1, 2, 2, 1), (1, 1, 1, 4), block_size=0), "block"),
    "a block that does not fit": (moved("SPACE_TO_DEPTH", (1, 3, 2, 1), (1, 1, 1, 4), block_size=2), "do not fit"),
    "channels that a block does not divide": (
        moved("DEPTH_TO_SPACE", (1, 1, 1, 6), (1, 2, 2, 1), block_size=2),
        "do not fit",
    ),
    "a mirror of the edge": (moved("MIRROR_PAD", (3,), (6,), paddings=[(3, 0)], mode=REFLECT), "impossible padding"),
    "a mirror larger than the input": (
        moved("MIRROR_PAD", (3,), (7,), paddings=[(4, 0)], mode=SYMMETRIC),
        "impossible padding",
    ),
    "a mirror of another scale": (
        single_op("MIRROR_PAD", [value(3)], tensor((4,), Affine(0.5, 3)), paddings=[(1, 0)], mode=SYMMETRIC),
        "different scales",
    ),
    "reversing an axis twice": (moved("REVERSE_V2", (3,), (3,), axes=[0, -1]), "names an axis twice"),
    "parts of other sizes": (build.split_v((5, 2), 0, (2, 2), (2, 2)), "impossible sizes"),
    "two rests": (build.split_v((4, 2), 0, (2, 2), (-1, -1)), "impossible sizes"),
    "packing another scale": (
        single_op("PACK", [value(3), tensor((3,), Affine(0.5, 3))], value(2, 3), axis=0, count=2),
        "different scales",
    ),
    "very many indices": (moved("GATHER", (3,), (70000,), axis=0, indices=np.zeros(70000, int)), "65536 is the limit"),
    "walking along too many axes": (build.tile((2,) * 6, (2,) * 6), "10 is the limit"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    content, sentence = REFUSED[name]
    with pytest.raises(ExportError, match=sentence):
        export(content, name="refused")


def test_indices_that_are_computed_are_refused():
    tensors = [value(3, 2), TensorSpec((1,), "int32"), value(1, 2)]
    content = model(tensors, [OpSpec("GATHER", (0, 1), (2,), {"axis": 0})])
    with pytest.raises(ExportError, match="look them up before the network"):
        export(content, name="refused")
