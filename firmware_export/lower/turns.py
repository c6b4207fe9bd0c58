"""Ops that take turns with others: each of their kernels' calls is for some rows, which the caller names."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Graph, Op, Tensor, Walk
from firmware_export.lower.context import Context, Lowered, lower_op
from firmware_export.lower.remembering import mark_of
from firmware_export.lower.squeeze_excite import RING
from firmware_export.memory import Segment, height_of, scratch_name
from firmware_export.program import Call, Feeding, Last, Params, Place, RowLoop, Step, Stream

LAST = "last_"  # of the structs for a last turn of fewer rows


def lower_turn(op: Op, context: Context) -> Lowered:
    """The op as what one turn of it does."""
    rows = context.turn_rows(op)
    height = height_of(context.graph.tensors[op.outputs[0]])
    most = lowered_rows(op, context, rows)
    rest = height % rows if rows else 0
    if not rest or not needs_sizes(op, most):
        return most
    fewer = lowered_rows(op, replace(context, turn=LAST), rest)
    steps = tuple(with_last(step, other, height - rest) for step, other in zip(most.steps, fewer.steps, strict=True))
    used = {params.symbol for params in most.params}
    return replace(
        most,
        steps=steps,
        params=(
            *most.params,
            *(params for params in fewer.params if params.symbol not in used and is_kernels(params, fewer)),
        ),
    )


def lowered_rows(op: Op, context: Context, rows: int) -> Lowered:
    """The op as it computes so many rows."""
    if op.walk is not Walk.ELEMENTS or not rows:
        return lower_op(op.attrs, op, replace(context, rows=rows))
    sliced = slices(op, context.graph, rows)
    graph = replace(context.graph, tensors=context.graph.tensors | sliced)
    done = lower_op(op.attrs, op, replace(context, graph=graph, sliced=frozenset(sliced)))
    return replace(done, sources=(*done.sources, RING))


def slices(op: Op, graph: Graph, rows: int) -> dict[str, Tensor]:
    """The images that the op reads and writes, so many rows of them."""
    height = height_of(graph.tensors[op.outputs[0]])
    images = [tensor for tensor in graph.of((*op.inputs, *op.outputs)) if tensor.data is None]
    return {
        tensor.name: replace(tensor, shape=(1, rows, *tensor.shape[2:]))
        for tensor in images
        if height_of(tensor) == height
    }


def needs_sizes(op: Op, lowered: Lowered) -> bool:
    """Whether an op's structs tell how many rows a turn is for: kernels that are told otherwise have none."""
    told = any(isinstance(step, RowLoop) and step.together for step in lowered.steps)
    return op.walk in (Walk.ROWS, Walk.ELEMENTS) and not told


def is_kernels(params: Params, lowered: Lowered) -> bool:
    """Whether a struct is more than the window of a loop, which is the same in every turn."""
    return all(params.symbol != step.window for step in lowered.steps if isinstance(step, RowLoop))


def with_last(step: Step, other: Step, first: int) -> Step:
    """The step with the numbers of another one from some row on."""
    match step, other:
        case Call(), Call():
            return replace(step, last=Last(first, other.params))
        case RowLoop(), RowLoop():
            return replace(step, call=replace(step.call, last=Last(first, other.call.params)))
    return step


def streams_of(context: Context) -> tuple[Stream, ...]:
    """The parts of the plan's schedule in which ops take turns."""
    driven = len(context.graph.fed)  # by who feeds rows
    return tuple(stream_of(segment) for segment in context.plan.schedule[driven:] if segment.is_stream)


def stream_of(segment: Segment) -> Stream:
    """The ops of a segment that have turns."""
    names = tuple(name for index, name in enumerate(segment.ops) if index in segment.turns)
    return Stream(names, tuple(names.index(segment.ops[turn]) for turn in segment.turns))


def feeding_of(context: Context, model_sha256: str) -> Feeding | None:
    """How rows of the input come, where they do."""
    if not context.graph.fed:
        return None
    feed = context.graph.ops[0]
    state, x = Place("arena", context.plan.offsets[scratch_name(feed)]), feed.outputs[0]
    return Feeding(
        rows=context.row_place(x),
        height=height_of(context.graph.tensors[x]),
        state=state,
        mark=mark_of(model_sha256),
        stream=stream_of(context.plan.schedule[0]),
    )
