"""A small squeeze-and-excitation network, and seeded ways to damage it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from firmware_export.quantised_math import Affine
from tests.affines import constant_int, tensor
from tests.kernels.every_kernel_s16 import every_kernel_s16
from tests.single_op import OpSpec, TensorSpec, model
from tests.stateful import Stateful, int8

Random = np.random.Generator
Mutation = Callable[[Any, Random], None]

SIZES = (0, 1, 2, 3, 6, 8, -1, 255, 1 << 15, 1 << 20, (1 << 31) - 1)
SCALES = (0.0, 1e-45, 1e-30, 2.0**-20, 1 / 256, 0.5, 1.0, 1e6, 1e30, 3e38, float("nan"), float("inf"), -1.0)
ZERO_POINTS = (0, -128, 127, -129, 128, 1 << 31, -(1 << 31), (1 << 63) - 1, -(1 << 63))
NUMBERS = (-(1 << 31), -2, -1, 0, 1, 2, 3, 4, 7, 255, 1 << 16, (1 << 31) - 1)
NAMES = (
    b"",
    b'*/ #error "x" /*',
    b'"); system("true"); ("',
    b"a\\\nb\r\x00??/??'",
    b"\xff\xfe",
    "\u00e9\u202e\U0001f600/int/for".encode(),
    b"tensor_1",
    b"tensor_1#2",
    b"the arena",
    b"x/" * 3000,
    b"1/2/3",
)


def network() -> bytes:
    """convolution -> mean -> fully connected -> logistic -> reshape -> multiply: one squeeze-and-excitation block."""
    rng = np.random.default_rng(5)

    def random(*shape: int) -> Any:
        return rng.integers(-127, 128, shape).astype(np.int8)

    def bias(count: int, scale: float) -> TensorSpec:
        return constant_int(rng.integers(-900, 900, count).astype(np.int32), (scale,) * count)

    tensors = [
        tensor((1, 6, 6, 3), Affine(0.05, 3)),
        constant_int(random(8, 3, 3, 3), (0.01,) * 8),
        bias(8, 0.05 * 0.01),
        tensor((1, 6, 6, 8), Affine(0.1, -20)),
        tensor((1, 8), Affine(0.03, -5)),
        constant_int(random(8, 8), (0.02,) * 8),
        bias(8, 0.03 * 0.02),
        tensor((1, 8), Affine(0.05, 1)),
        tensor((1, 8), Affine(1 / 256, -128)),
        tensor((1, 1, 1, 8), Affine(1 / 256, -128)),
        tensor((1, 6, 6, 8), Affine(0.06, -20)),
    ]
    ops = [
        OpSpec("CONV_2D", (0, 1, 2), (3,), {"padding": "SAME"}),
        OpSpec("MEAN", (3,), (4,), {"axes": [1, 2]}),
        OpSpec("FULLY_CONNECTED", (4, 5, 6), (7,), {}),
        OpSpec("LOGISTIC", (7,), (8,), {}),
        OpSpec("RESHAPE", (8,), (9,), {"new_shape": (1, 1, 1, 8)}),
        OpSpec("MUL", (3, 9), (10,), {}),
    ]
    return model(tensors, ops)


def mutant(seed: int) -> bytes:
    """The network after one to three mutations."""
    return damage(original(), seed)


def int16_mutant(seed: int) -> bytes:
    """A network of int16 with every kernel of int16, after one to three mutations."""
    return damage(wide(), seed)


def damage(content: bytes, seed: int) -> bytes:
    """A model after one to three mutations."""
    rng = np.random.default_rng(seed)
    damaged = schema.ModelT.InitFromPackedBuf(content, 0)
    for _ in range(int(rng.integers(1, 4))):
        MUTATIONS[rng.integers(len(MUTATIONS))](damaged, rng)
    return packed(damaged)


def stateful_mutant(seed: int) -> bytes:
    """A network that remembers after one to three mutations, each of the main subgraph or of the initial values'."""
    rng = np.random.default_rng(seed)
    damaged = schema.ModelT.InitFromPackedBuf(remembering(), 0)
    for _ in range(int(rng.integers(1, 4))):
        first = int(rng.integers(len(damaged.subgraphs)))
        damaged.subgraphs.insert(0, damaged.subgraphs.pop(first))
        pick(STATEFUL_MUTATIONS, rng)(damaged, rng)
        damaged.subgraphs.insert(first, damaged.subgraphs.pop(0))
    return packed(damaged)


@functools.cache
def remembering() -> bytes:
    """A delay line, a running sum and a variable that begins with nothing."""
    start, row = np.array([[5, -7, 0, 127]]), int8(1, 4)
    net = Stateful()
    x, line, total = net.tensor(row), net.variable("line", start), net.variable("total", -start)
    spare = net.variable("spare")
    before = net.read(line, row)
    net.assign(line, x)
    net.assign(spare, net.op("ADD", before, net.read(total, row), to=row))
    net.assign(total, net.read(spare, row))
    return net.build(net.op("MAXIMUM", net.read(total, row), before, to=row), net.read(total, row))


@functools.cache
def wide() -> bytes:
    """The network of int16, built once."""
    return every_kernel_s16()


@functools.cache
def original() -> bytes:
    """The network, built once."""
    return network()


def changed(change: Callable[[Any], None]) -> bytes:
    """The network after one change, made by hand."""
    damaged = schema.ModelT.InitFromPackedBuf(original(), 0)
    change(damaged)
    return packed(damaged)


def packed(damaged: Any) -> bytes:
    """The bytes of a model given as objects."""
    builder = flatbuffers.Builder(1024)
    builder.Finish(damaged.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def pick(things: Any, rng: Random) -> Any:
    """One of several."""
    return things[int(rng.integers(len(things)))]


def graph(damaged: Any) -> Any:
    """The main subgraph."""
    return damaged.subgraphs[0]


def listed(owner: Any, side: str) -> list[int]:
    """The tensors of a side, which may have none."""
    wires = getattr(owner, side)
    return [] if wires is None else list(wires)


def quantised(damaged: Any, rng: Random) -> Any:
    """The quantisation of some tensor; one is made where there is none."""
    chosen = pick(graph(damaged).tensors, rng)
    if chosen.quantization is None:
        chosen.quantization = schema.QuantizationParametersT()
    return chosen.quantization


def resize_axis(damaged: Any, rng: Random) -> None:
    chosen = pick(graph(damaged).tensors, rng)
    shape = list(chosen.shape) or [1]
    shape[int(rng.integers(len(shape)))] = pick(SIZES, rng)
    chosen.shape = shape


def change_rank(damaged: Any, rng: Random) -> None:
    chosen = pick(graph(damaged).tensors, rng)
    shape = list(chosen.shape)
    chosen.shape = pick(([], shape[1:], shape[:-1], [1, *shape], [*shape, 1], shape[::-1], [1] * 9, [2] * 40), rng)


def same_size_other_shape(damaged: Any, rng: Random) -> None:
    chosen = pick(graph(damaged).tensors, rng)
    count = int(np.prod(np.clip(chosen.shape, 1, 64)))
    chosen.shape = pick(([count], [1, count], [count, 1], [1, 1, 1, count], [1, count, 1, 1]), rng)


def resize_everywhere(damaged: Any, rng: Random) -> None:
    """The image's size, wherever it stands: a consistent network of another size."""
    size = int(pick((1, 2, 5, 31), rng))
    for each in graph(damaged).tensors:
        each.shape = [size if axis == 6 else axis for axis in each.shape]


def retype(damaged: Any, rng: Random) -> None:
    pick(graph(damaged).tensors, rng).type = int(rng.integers(0, 20))


def rescale(damaged: Any, rng: Random) -> None:
    quantisation = quantised(damaged, rng)
    count = pick((0, 1, 1, 1, 2, 8), rng)
    quantisation.scale = [pick(SCALES, rng) for _ in range(count)]
    quantisation.zeroPoint = [0] * count


def nudge_scale(damaged: Any, rng: Random) -> None:
    quantisation = quantised(damaged, rng)
    factor = 2.0 ** float(rng.uniform(-12, 12))
    scales = [] if quantisation.scale is None else list(quantisation.scale)
    quantisation.scale = [float(scale) * factor for scale in scales]


def move_zero_point(damaged: Any, rng: Random) -> None:
    quantisation = quantised(damaged, rng)
    quantisation.zeroPoint = [pick(ZERO_POINTS, rng)] * pick((1, 1, 2, 8), rng)


def turn_axis(damaged: Any, rng: Random) -> None:
    quantised(damaged, rng).quantizedDimension = pick(NUMBERS, rng)


def drop_quantisation(damaged: Any, rng: Random) -> None:
    pick(graph(damaged).tensors, rng).quantization = None


def rename(damaged: Any, rng: Random) -> None:
    pick(graph(damaged).tensors, rng).name = pick(NAMES, rng)


def swap_buffer(damaged: Any, rng: Random) -> None:
    pick(graph(damaged).tensors, rng).buffer = int(rng.integers(-1, len(damaged.buffers) + 2)) % (1 << 32)


def refill_buffer(damaged: Any, rng: Random) -> None:
    buffer = pick(damaged.buffers, rng)
    size = pick((0, 1, 4, 8, len(buffer.data) if buffer.data is not None else 16), rng)
    buffer.data = rng.integers(0, 256, size).astype(np.uint8)


def change_integers(damaged: Any, rng: Random) -> None:
    """The axes and the new shape, which are constants."""
    chosen = pick([t for t in graph(damaged).tensors if t.type == schema.TensorType.INT32], rng)
    data = damaged.buffers[chosen.buffer % len(damaged.buffers)].data
    if data is not None and len(data) % 4 == 0 and len(data):
        values = np.frombuffer(np.asarray(data, np.uint8).tobytes(), np.int32).copy()
        values[int(rng.integers(len(values)))] = pick(NUMBERS, rng)
        damaged.buffers[chosen.buffer].data = np.frombuffer(values.tobytes(), np.uint8)


def rewire(damaged: Any, rng: Random) -> None:
    operator = pick(graph(damaged).operators, rng)
    side = pick(("inputs", "outputs"), rng)
    wires = listed(operator, side)
    wire = int(rng.integers(-2, len(graph(damaged).tensors) + 1))
    place = int(rng.integers(len(wires) + 1))
    setattr(operator, side, pick(([*wires[:place], wire, *wires[place + 1 :]], [*wires, wire], wires[:-1]), rng))


def change_op(damaged: Any, rng: Random) -> None:
    code = pick(damaged.operatorCodes, rng)
    code.builtinCode = code.deprecatedBuiltinCode = int(pick((*CODES, int(rng.integers(-3, 127))), rng))


def change_option(damaged: Any, rng: Random) -> None:
    options = pick(graph(damaged).operators, rng).builtinOptions
    if not options or not vars(options):
        return
    name = pick(sorted(vars(options)), rng)
    value = getattr(options, name)
    if isinstance(value, bool):
        setattr(options, name, not value)
    elif isinstance(value, int):
        byte = name in ("padding", "fusedActivationFunction", "weightsFormat", "quantizedBiasType")
        setattr(options, name, int(rng.integers(0, 6)) if byte else pick(NUMBERS, rng))


def drop_options(damaged: Any, rng: Random) -> None:
    operator = pick(graph(damaged).operators, rng)
    operator.builtinOptions, operator.builtinOptionsType = None, 0


def reorder_ops(damaged: Any, rng: Random) -> None:
    operators = graph(damaged).operators
    first, second = rng.integers(len(operators), size=2)
    operators[first], operators[second] = operators[second], operators[first]


def repeat_op(damaged: Any, rng: Random) -> None:
    graph(damaged).operators.append(pick(graph(damaged).operators, rng))


def drop_op(damaged: Any, rng: Random) -> None:
    operators = graph(damaged).operators
    if len(operators) > 1:
        del operators[int(rng.integers(len(operators)))]


def change_port(damaged: Any, rng: Random) -> None:
    side = pick(("inputs", "outputs"), rng)
    wire = int(rng.integers(-1, len(graph(damaged).tensors) + 1))
    setattr(graph(damaged), side, pick(([wire], [*listed(graph(damaged), side), wire], []), rng))


def mark_tensor(damaged: Any, rng: Random) -> None:
    chosen = pick(graph(damaged).tensors, rng)
    match int(rng.integers(4)):
        case 0:
            chosen.isVariable = True
        case 1:
            chosen.shapeSignature = [-1] * len(chosen.shape)
        case 2:
            chosen.sparsity = schema.SparsityParametersT()
        case _:
            chosen.externalBuffer = 1


def add_subgraph(damaged: Any, rng: Random) -> None:
    damaged.subgraphs.append(damaged.subgraphs[0])


def move_data_outside(damaged: Any, rng: Random) -> None:
    buffer = pick(damaged.buffers, rng)
    buffer.data, buffer.offset, buffer.size = None, pick((1, 8, 1 << 20), rng), pick((1, 8, 216, 1 << 40), rng)


OTHER_OPS = """
    ADD SUB MUL MAXIMUM TANH RELU6 HARD_SWISH SOFTMAX QUANTIZE DEQUANTIZE DEPTHWISE_CONV_2D REDUCE_MAX SQUEEZE
    EXPAND_DIMS PAD CONCATENATION LOGISTIC RESHAPE
    EXP SQRT RSQRT LEAKY_RELU NEG SQUARE ABS PRELU SQUARED_DIFFERENCE REDUCE_MIN ARG_MAX
"""
CODES = tuple(getattr(schema.BuiltinOperator, name) for name in OTHER_OPS.split())
MUTATIONS: tuple[Mutation, ...] = (
    resize_axis,
    change_rank,
    same_size_other_shape,
    resize_everywhere,
    retype,
    rescale,
    nudge_scale,
    nudge_scale,
    move_zero_point,
    turn_axis,
    drop_quantisation,
    rename,
    swap_buffer,
    refill_buffer,
    change_integers,
    rewire,
    change_op,
    change_option,
    drop_options,
    reorder_ops,
    repeat_op,
    drop_op,
    change_port,
    mark_tensor,
    add_subgraph,
    move_data_outside,
)


def rename_variable(damaged: Any, rng: Random) -> None:
    handles = [each.builtinOptions for each in graph(damaged).operators if hasattr(each.builtinOptions, "sharedName")]
    if handles:
        setattr(pick(handles, rng), pick(("sharedName", "container"), rng), pick((b"line", b"total", None, b"x"), rng))


STATEFUL_MUTATIONS = (*(step for step in MUTATIONS if step is not change_integers), *(rename_variable,) * 3)
