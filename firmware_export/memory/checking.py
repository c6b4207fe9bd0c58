"""The proof of a plan: let the ops take turns over bytes that remember who wrote them. Shares nothing with the planner
but what a plan says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firmware_export.errors import BadPlan
from firmware_export.ir import (
    AveragePool2D,
    Concatenation,
    Conv2D,
    DepthwiseConv2D,
    Excite,
    Feed,
    Graph,
    MaxPool2D,
    Op,
    Reshape,
    Walk,
    Window,
)
from firmware_export.memory.buffers import ALIGN, Plan, decoded_name, scratch_name
from firmware_export.memory.owned_bytes import OwnedBytes
from firmware_export.memory.turns import height_of


def check(graph: Graph, plan: Plan) -> None:
    """Prove that every op finds the rows it reads, and the caller its input intact where that is the caller's, every
    output at the end, and what is to be remembered where it was remembered before.

    Raises BadPlan, which names the op and the bytes, where two values in use share bytes, and where a buffer is
    missing, unaligned, too small or outside the arena, or an op's turn comes too often, too early or never.
    """
    _check_buffers(plan)
    memory = OwnedBytes(graph, plan)
    for name in graph.given:
        memory.write("the caller", name, range(memory.height(name)))
    begun: set[str] = set()
    if graph.fed:
        memory.write("the caller", scratch_name(graph.ops[0]), range(1))
    fed = plan.schedule[0].ops if plan.schedule and graph.fed else ()
    for op, rows in _turns(graph, plan):
        _take_turn(op, rows, op.name not in begun, memory)
        begun.add(op.name)
        if op.name in fed:
            memory.expect(op.name, scratch_name(graph.ops[0]), range(1))
    for name in (*graph.inputs, *graph.results):
        if name in graph.results or not memory.is_held(name):
            memory.expect("the caller", name, range(memory.height(name)))


def _turns(graph: Graph, plan: Plan) -> Iterator[tuple[Op, range | None]]:
    """Whose turn it is, and for which rows of its height; None for all at once."""
    if not plan.schedule:
        yield from ((op, None) for op in graph.ops if not isinstance(op.attrs, Excite))
        return
    ops = {op.name: op for op in graph.ops}
    left = {name: _rows_to_do(op, graph, plan) for name, op in ops.items()}
    for segment in plan.schedule:
        for turn in segment.turns:
            name, rows = segment.ops[turn], segment.rows[turn]
            if not left[name]:
                raise BadPlan(f"{name} has more turns than rows")
            now, left[name] = left[name][: rows or None], left[name][rows or len(left[name]) :]
            yield ops[name], now if rows else None
    for name, rows_left in left.items():
        if rows_left:
            raise BadPlan(f"{name} has too few turns")


def _rows_to_do(op: Op, graph: Graph, plan: Plan) -> range:
    """The rows of an op's height; one where it does all at once, none of an Excite."""
    if isinstance(op.attrs, Excite):
        return range(0)
    rows = {name: rows for segment in plan.schedule for name, rows in zip(segment.ops, segment.rows, strict=True)}
    image = op.inputs[0] if op.walk is Walk.SUMS else op.outputs[0]
    return range(height_of(graph.tensors[image]) if rows.get(op.name) else 1)


def _take_turn(op: Op, rows: range | None, is_first: bool, memory: OwnedBytes) -> None:
    graph = memory.graph
    if isinstance(op.attrs, Reshape):
        memory.rename(op.name, op.inputs[0], op.outputs[0])
        return
    kept, own = _scratches(op, rows, graph)
    read = _found(op, rows, [name for name in kept if op.host or not is_first], memory)
    written = [(name, _written(op, rows, memory.height(name), graph)) for name in op.outputs]
    written += [(name, range(1)) for name in (own if op.host else own + kept)]
    for name, made in written:
        if isinstance(op.attrs, Concatenation) and op.attrs.joined and name in op.outputs:
            memory.join(op, name)
        else:
            memory.write(op.name, name, made)
    for name, needed in read:
        memory.expect(op.name, name, [row for row in needed if not memory.is_taken(op, name, row)])
    for name, made in written:
        memory.expect(op.name, name, made)


def _found(op: Op, rows: range | None, sums: Sequence[str], memory: OwnedBytes) -> list[tuple[str, Sequence[int]]]:
    """Everything that a turn reads, there when it begins: its excitations have run; what has to be there to the end."""
    read = list(_read(op, rows, memory.graph))
    gated = [guest for guest in memory.graph.guests(op) if isinstance(guest.attrs, Excite)]
    for guest in gated:
        read += _excite(guest, _gated_rows(guest.outputs[0], gated, read), memory)
    for name in sums:
        memory.expect(op.name, name, range(1))
    for name, needed in read:
        memory.expect(op.name, name, needed)
        if rows is not None and _is_contiguous(op):
            memory.expect_unbroken(op.name, name, needed)
    return read


def _is_contiguous(op: Op) -> bool:
    """Whether a kernel takes the rows that it reads one behind the other."""
    window = getattr(op.attrs, "window", None)
    return op.walk is Walk.ELEMENTS or (window is not None and window.kernel[0] == 1)


def _scratches(op: Op, rows: range | None, graph: Graph) -> tuple[list[str], list[str]]:
    """What an op keeps from turn to turn, sums, its guests' too, and decoded weights; and what it uses within one."""
    own = [scratch_name(op)] if op.scratch or isinstance(op.attrs, Feed) else []
    if op.host or isinstance(op.attrs, Feed) or (op.walk is Walk.SUMS and rows is not None):
        return own, []
    kept = [scratch_name(guest) for guest in graph.guests(op) if not isinstance(guest.attrs, Excite)]
    return [*kept, *([decoded_name(op)] if op.decoded else [])], own


def _excite(guest: Op, rows: Sequence[int], memory: OwnedBytes) -> list[tuple[str, Sequence[int]]]:
    """Let rows be excited; what has to be there still when the host has read them."""
    x, *gates = guest.inputs
    memory.expect(guest.host, x, rows)
    memory.write(guest.host, guest.outputs[0], rows)
    left: list[tuple[str, Sequence[int]]] = [] if memory.is_in_place(guest) else [(x, rows)]
    given = [gate for gate in gates if memory.graph.tensors[gate].data is None]
    return [*left, *((gate, range(memory.height(gate))) for gate in given)]


def _gated_rows(name: str, gated: Sequence[Op], read: Sequence[tuple[str, Sequence[int]]]) -> Sequence[int]:
    """The rows of an Excite's output that its host reads, gated once more or not."""
    for guest in gated:
        if guest.inputs[0] == name:
            return _gated_rows(guest.outputs[0], gated, read)
    return next((rows for other, rows in read if other == name), ())


def _written(op: Op, rows: range | None, height: int, graph: Graph) -> range:
    """The rows of its output that a turn of an op writes."""
    if rows is None:
        return range(height)
    if op.walk is not Walk.SUMS:
        return rows
    return range(height if rows.stop == height_of(graph.tensors[op.inputs[0]]) else 0)


def _read(op: Op, rows: range | None, graph: Graph) -> Iterator[tuple[str, Sequence[int]]]:
    """Names of tensors, and the rows of each that a turn reads."""
    for index, name in enumerate(op.inputs if not op.host else ()):
        tensor = graph.tensors[name]
        if tensor.data is not None:
            continue
        height = height_of(tensor)
        if rows is None or (index and op.walk is not Walk.ELEMENTS) or (height == 1 and op.walk is Walk.ELEMENTS):
            yield name, range(height)
        elif isinstance(op.attrs, Conv2D | DepthwiseConv2D | AveragePool2D | MaxPool2D) and op.walk is Walk.ROWS:
            yield name, _under(op.attrs.window, rows, height)
        else:
            yield name, rows


def _under(window: Window, rows: range, height: int) -> list[int]:
    """The rows of an image that lie under rows of a window's output."""
    starts = [row * window.stride[0] - window.before[0] for row in rows]
    under = {start + step * window.dilation[0] for start in starts for step in range(window.kernel[0])}
    return sorted(row for row in under if 0 <= row < height)


def _check_buffers(plan: Plan) -> None:
    for name, offset in plan.offsets.items():
        if offset % ALIGN:
            raise BadPlan(f"{name} is at {offset}, which is not a multiple of {ALIGN}")
        total = _arena_of(name, plan)
        if offset < 0 or offset + plan.sizes[name] > total:
            raise BadPlan(f"{name} is at {offset} to {offset + plan.sizes[name]}: the arena has {total} bytes")
    for bank in plan.banks:
        if bank.used > bank.room:
            raise BadPlan(f"{bank.name} holds {bank.used} bytes and has room for {bank.room}")


def _arena_of(name: str, plan: Plan) -> int:
    """The bytes of the arena in which a buffer lies."""
    if not plan.banks:
        return plan.total
    used = [bank.used for bank in plan.banks if bank.name == plan.homes.get(name)]
    if len(used) != 1:
        raise BadPlan(f"{name} lies in {plan.homes.get(name)}: there are {[bank.name for bank in plan.banks]}")
    return used[0]
