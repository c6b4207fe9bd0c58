"""Graph + Plan -> Program: the one change of level. Everything is decided here and printed in `emit`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from firmware_export import memory
from firmware_export.ir import DType, Feed, Graph, Op, Walk
from firmware_export.kernels import included
from firmware_export.lower import (
    convolution,
    elementwise,
    layout,
    lookup,
    matmul,
    pooling,
    rearranging,
    reduction,
    resizing,
    softmax,
    squeeze_excite,
    transpose_conv,
    unary,
)
from firmware_export.lower.context import Context, Lowered, lower_op
from firmware_export.lower.remembering import initial_values, memory_of
from firmware_export.lower.sharing import share_constants
from firmware_export.lower.turns import feeding_of, lower_turn, streams_of
from firmware_export.macs import macs
from firmware_export.memory import Plan
from firmware_export.program import Const, Layer, Port, Program, Section, places

# Names whose header would hide one of C's, whose symbols could be the kernels' own, or that Windows keeps for devices.
RESERVED = re.compile(
    r"(ea(_.*)?|assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal|std[a-z]+|string"
    r"|tgmath|threads|time|uchar|wchar|wctype|aux|con|nul|prn|com\d|lpt\d)$"
)
LANGUAGE = "support/ea_language.h"


def lower(graph: Graph, plan: Plan, *, model_sha256: str) -> Program:
    """Lower every op; raises UnsupportedOp for one without kernel."""
    context = Context(graph, plan)
    lowered = [
        (op, lower_turn(op, context) if op.name in context.streamed else lower_op(op.attrs, op, context))
        for op in graph.ops
        if not isinstance(op.attrs, Feed)
    ]
    in_use = memory.bytes_in_use(graph, plan.schedule, plan.held)[len(graph.fed) :]
    layers = tuple(layer(op, result, context, used) for (op, result), used in zip(lowered, in_use, strict=True))
    constants = [const for _, result in lowered for const in result.consts]
    program = Program(
        name=graph.name,
        sources=ordered_sources(source for _, result in lowered for source in result.sources),
        consts=distinct([*constants, *constant_inputs(context, layers), *initial_values(graph)]),
        params=tuple(params for _, result in lowered for params in result.params),
        layers=layers,
        inputs=tuple(port(context, tensor) for tensor in (*graph.inputs, *graph.fed)),
        outputs=tuple(port(context, tensor) for tensor in graph.outputs),
        activations_bytes=plan.total,
        model_sha256=model_sha256,
        arithmetic=arithmetic_of(graph),
        memory=memory_of(graph, model_sha256=model_sha256),
        streams=streams_of(context),
        guard_bytes=memory.GUARD_BYTES if plan.guards else 0,
        guards=plan.guards,
        feeding=feeding_of(context, model_sha256),
        activations_bound=plan.bound,
        banks=tuple(context.arenas.values()) if plan.banks else (),
    )
    return share_constants(program)


def arithmetic_of(graph: Graph) -> str:
    """What most values between layers are."""
    written = [graph.tensors[op.outputs[0]].dtype for op in graph.ops]
    return "int16" if 2 * written.count(DType.INT16) > len(written) else "int8"


def layer(op: Op, result: Lowered, context: Context, activations_bytes: int) -> Layer:
    """What the op became, with what reports say of it."""
    tensors = context.graph.tensors
    output = tensors[op.outputs[0]]
    return Layer(
        name=op.name,
        kind=op.kind,
        kernel=op.kernel,
        input_shapes=tuple(tensors[name].shape for name in op.inputs),
        output_shape=output.shape,
        output=context.row_place(output.name),
        output_bytes=output.nbytes,
        macs=macs(op, context.graph),
        weights_bytes=sum(const.values.nbytes for const in result.consts if const.section is Section.WEIGHTS),
        activations_bytes=activations_bytes,
        steps=result.steps,
        row=result.row,
        rows=context.turn_rows(op),
        height=memory.height_of(tensors[op.inputs[0] if op.walk is Walk.SUMS else op.outputs[0]]),
    )


def port(context: Context, tensor: str) -> Port:
    """An input or output as users see it."""
    value = context.graph.tensors[tensor]
    scale, zero_point = (value.scale, value.zero_point) if value.quant else (None, None)
    known = Port(context.ports[tensor], tensor, value.shape, scale, zero_point, f"{value.dtype.value}_t")
    home = context.plan.storage[tensor]
    if tensor not in context.plan.held:
        return known
    place = context.in_arena(home)
    return replace(known, offset=place.offset, arena=place.base)


def constant_inputs(context: Context, layers: tuple[Layer, ...]) -> Iterable[Const]:
    """The constant tensors that steps read as activations."""
    read = {place.base for layer in layers for step in layer.steps for place in places(step)}
    for tensor in context.graph.tensors.values():
        if tensor.data is not None and context.constant_symbol(tensor.name) in read:
            values = np.ravel(tensor.data)
            yield Const(context.constant_symbol(tensor.name), f"{tensor.dtype.value}_t", values, Section.WEIGHTS)


def distinct(consts: Iterable[Const]) -> tuple[Const, ...]:
    """One constant a symbol: the longest, for rows of zero points are shared."""
    chosen: dict[str, Const] = {}
    for const in consts:
        known = chosen.get(const.symbol)
        if known is None or len(known.values) < len(const.values):
            chosen[const.symbol] = const
    return tuple(chosen.values())


def ordered_sources(sources: Iterable[str]) -> tuple[str, ...]:
    """The kernel files and what they include, each once and after what it includes."""
    ordered: list[str] = []

    def add(path: str) -> None:
        for inner in included(path):
            add(inner)
        if path not in ordered:
            ordered.append(path)

    for path in (LANGUAGE, *sorted(set(sources))):
        add(path)
    return tuple(ordered)


def c_name(text: str) -> str:
    """A C identifier: what users may call a model."""
    name = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_").lower() or "model"
    return name if name[0].isalpha() and not RESERVED.match(name) else f"model_{name}"
