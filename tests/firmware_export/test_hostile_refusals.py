"""Bugs that hostile files have found, each by its name."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from firmware_export import interpreter
from firmware_export.errors import ExportError
from firmware_export.export import export
from firmware_export.quantised_math import Affine
from tests.affines import constant_int, tensor
from tests.firmware_export.mutations import NAMES, changed, original
from tests.kernels.batch import samples, to_bytes
from tests.single_op import OpSpec, TensorSpec, model


def resized(*shape: int) -> Callable[[Any], None]:
    return lambda damaged: setattr(damaged.subgraphs[0].tensors[3], "shape", list(shape))


def names(damaged: Any) -> None:
    """The third of these was numbered as the first is called: two tensors were one."""
    for each, name in zip(damaged.subgraphs[0].tensors, (b"a#2", b"a", b"a"), strict=False):
        each.name = name


def constant_input(damaged: Any) -> None:
    damaged.subgraphs[0].inputs = [0, 1]


def stale_zero(damaged: Any) -> None:
    damaged.subgraphs[0].tensors[0].isVariable = True


def data_of_nothing(damaged: Any) -> None:
    damaged.buffers[0].data = np.zeros(4, np.uint8)


def data_outside(damaged: Any) -> None:
    damaged.buffers[2].data, damaged.buffers[2].offset, damaged.buffers[2].size = None, 1 << 20, 216


def other_new_shape(damaged: Any) -> None:
    tensors = damaged.subgraphs[0].tensors
    new_shape = tensors[damaged.subgraphs[0].operators[4].inputs[1]]
    damaged.buffers[new_shape.buffer].data = np.frombuffer(np.array([1, 1, 8, 1], np.int32).tobytes(), np.uint8)


def other_type(damaged: Any) -> None:
    """int8 to uint8 under the same shape."""
    damaged.subgraphs[0].tensors[9].type = schema.TensorType.UINT8


def kept_dimensions(damaged: Any) -> None:
    damaged.subgraphs[0].operators[1].builtinOptions.keepDims = True


def scaled(index: int, scale: float) -> Callable[[Any], None]:
    return lambda damaged: setattr(damaged.subgraphs[0].tensors[index].quantization, "scale", [scale])


REFUSED = {
    "a shape whose product wraps in 64 bits": (resized(65536, 65536, 65536, 65536), "impossible shape"),
    "a shape of forty axes": (resized(*[1] * 40), "impossible shape"),
    "a batch that appears in a convolution": (resized(2, 6, 6, 8), "gives the shape"),
    "a constant as the network's input": (constant_input, "is constant"),
    "a variable": (stale_zero, "keeps its value"),
    "data in the buffer that stands for none": (data_of_nothing, "first buffer"),
    "data behind the network": (data_outside, "lies behind"),
    "a reshape to another shape than its output's": (other_new_shape, "gives the shape"),
    "a reshape to another type": (other_type, "type or size"),
    "a mean that keeps axes its output has not": (kept_dimensions, "gives the shape"),
    "a denormal scale": (scaled(7, 1e-45), "impossible scale"),
    "a scale whose quotients leave float32": (scaled(10, 3e38), "as masks of attention set them"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_reference_would_compute_otherwise_is_refused(what):
    change, words = REFUSED[what]
    with pytest.raises(ExportError, match=words):
        export(changed(change), name="refused")


HALF = Affine(0.5, 0)
WIDE = (1, 1 << 22)


def chain(count: int, shape: tuple[int, ...]) -> bytes:
    """Each tensor the product of the two before it."""
    ops = [OpSpec("MUL", (index, index + 1), (index + 2,), {}) for index in range(count)]
    return model([tensor(shape, HALF) for _ in range(count + 2)], ops)


def joined(count: int) -> bytes:
    """As many inputs, side by side."""
    tensors = [*(tensor((1, 2), HALF) for _ in range(count)), tensor((1, 2 * count), HALF)]
    return model(tensors, [OpSpec("CONCATENATION", tuple(range(count)), (count,), {"axis": 1})])


def wide_convolution() -> bytes:
    weights, bias = constant_int(np.ones((1, 3, 1, 1), np.int8), (0.5,)), constant_int(np.ones(1, np.int32), (0.25,))
    x, y = tensor((1, 1, 1 << 21, 1), HALF), tensor((1, 1, 1 << 21, 1), HALF)
    return model([x, weights, bias, y], [OpSpec("CONV_2D", (0, 1, 2), (3,), {"padding": "SAME"})])


def tall_pool() -> bytes:
    x, y = tensor((1, 4096, 1, 1), HALF), tensor((1, 4096, 1, 1), HALF)
    options = {"padding": "SAME", "filter": (4096, 1)}
    return model([x, y], [OpSpec("MAX_POOL_2D", (0,), (1,), options)])


ENORMOUS = {
    "more memory than any microcontroller has": (chain(2, (1, 1 << 26)), "bytes of RAM"),
    "more bytes moved than a proof can follow": (chain(600, WIDE), "bytes in one run"),
    "more arguments than C allows": (joined(200), "inputs and outputs"),
    "more ops than a planner can order": (chain(2049, (1, 2)), "is the limit"),
    "a row of zero points that fills the flash": (wide_convolution(), "rows of"),
    "a window whose rows fill the stack": (tall_pool(), "of 4096 rows"),
}


@pytest.mark.parametrize("what", ENORMOUS)
def test_a_small_file_of_a_huge_network_is_refused_at_once(what):
    file, words = ENORMOUS[what]
    with pytest.raises(ExportError, match=words):
        export(file, name="enormous")


def test_a_constant_too_costly_to_fold_is_left_to_the_firmware():
    data = TensorSpec((1, 512, 512, 1), "int8", (0.5,), (0,), data=np.ones((1, 512, 512, 1), np.int8))
    image = tensor(data.shape, HALF)
    pool = OpSpec("AVERAGE_POOL_2D", (0,), (1,), {"padding": "SAME", "filter": (512, 512)})
    done = export(model([data, image, image, image], [pool, OpSpec("ADD", (1, 2), (3,), {})]), name="costly")
    assert [layer.kind for layer in done.program.layers] == ["AveragePool2D", "Add"]


def test_products_of_large_scales_are_refused_not_infinite():
    tensors = [tensor((1, 2), Affine(1e15, 0)), tensor((1, 2), Affine(1e15, 0)), tensor((1, 2), Affine(1e-15, 0))]
    with pytest.raises(ExportError, match="too fine"):
        export(model(tensors, [OpSpec("MUL", (0, 1), (2,), {})]), name="far")


def test_a_softmax_of_no_number_is_refused():
    output = tensor((1, 4), Affine(1 / 256, -128))
    for beta in (float("nan"), float("inf")):
        file = model([tensor((1, 4), HALF), output], [OpSpec("SOFTMAX", (0,), (1,), {"beta": beta})])
        with pytest.raises(ExportError, match="no number"):
            export(file, name="beta")


def test_tensors_of_confusing_names_stay_apart():
    def text(file: bytes) -> str:
        return FILES_OWN.sub("", export(file, name="net").files["net.h"])

    assert text(changed(names)) == text(original())


FILES_OWN = re.compile(r"[0-9a-f]{64}|/\* (in|out)put: .*")  # its digest and the names of its tensors


@pytest.mark.parametrize("name", NAMES)
def test_no_name_reaches_the_c_text(name):
    """What a file calls its tensors, in comments and strings, is a C identifier of a bounded length."""

    def rename_all(damaged: Any) -> None:
        for index, each in enumerate(damaged.subgraphs[0].tensors):
            each.name = name + b"/" + name + b"/%d" % index

    text = export(changed(rename_all), name="net").files["net.h"]
    layers = re.findall(r'NET_AFTER\("([^"]*)"', text)
    assert len(layers) == 6
    assert all(re.fullmatch("[a-z][a-z0-9_]{0,120}", layer) for layer in layers)
    assert set(text) <= set(string.printable) - set("\r\x0b\x0c")
    assert max(map(len, text.splitlines())) < 500


@pytest.mark.parametrize("name", ["string", "stdint", "ea", "ea_field", "con"])
def test_no_header_hides_one_of_c_or_of_the_kernels(name):
    assert list(export(original(), name=name).files) == [f"model_{name}.h"]


def test_a_layer_named_as_a_copy_is_one_of_its_own():
    """An input that is an output is copied by a layer whose name may be taken."""

    def copied(damaged: Any) -> None:
        damaged.subgraphs[0].tensors[3].name = b"copy_5/Conv2D"
        damaged.subgraphs[0].tensors[1].name = b"copy_6/Conv2D"
        damaged.subgraphs[0].outputs = [10, 0]

    assert len(export(changed(copied), name="net").program.layers) == 7


def test_a_bias_of_another_rank_is_the_same_bias():
    def columns(damaged: Any) -> None:
        for index in (2, 6):
            bias = damaged.subgraphs[0].tensors[index]
            bias.shape, bias.quantization = [8, 1], None

    done = export(changed(columns), name="net")
    inputs = samples(done, 1)
    for sample in inputs:
        expected = interpreter.run(export(original(), name="net").graph, sample)
        assert to_bytes(interpreter.run(done.graph, sample)) == to_bytes(expected)
