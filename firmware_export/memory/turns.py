"""How ops take turns: each for its next rows, from the rows that are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from firmware_export.ir import (
    AveragePool2D,
    Conv2D,
    DepthwiseConv2D,
    Excite,
    Feed,
    Graph,
    MaxPool2D,
    Op,
    Tensor,
    Walk,
    Window,
)

IMAGE_RANK = 4
MOST_ROWS = 256  # of an image whose rows are planned one by one; taller ones are whole


@dataclass(frozen=True)
class Need:
    """Rows of a tensor, from `first` to before `end`."""

    tensor: str
    first: int
    end: int


@dataclass(frozen=True)
class Pace:
    """How an op proceeds: `rows` of its height a turn, all of it in one where that is 0.

    The height is that of its output, or of the input whose rows join sums.
    """

    op: Op
    height: int
    rows: int

    @property
    def turns(self) -> int:
        """How often it is its turn. An Excite has none: it runs in its host's."""
        if isinstance(self.op.attrs, Excite):
            return 0
        return -(-self.height // self.rows) if self.rows else 1

    @property
    def is_contiguous(self) -> bool:
        """Whether the rows that a turn reads have to lie one behind the other."""
        return self.op.walk is not Walk.ROWS or window_of(self.op).kernel == (1, 1)

    def rows_of(self, turn: int) -> range:
        """Of its height, those of one turn."""
        if not self.rows:
            return range(self.height)
        return range(turn * self.rows, min((turn + 1) * self.rows, self.height))


def height_of(tensor: Tensor) -> int:
    """The rows of an image; other tensors are one."""
    return tensor.shape[1] if len(tensor.shape) == IMAGE_RANK and tensor.shape[0] == 1 else 1


def pace_of(op: Op, graph: Graph, rows: int = 0) -> Pace:
    """The op at so many rows a turn."""
    tensor = op.inputs[0] if op.walk is Walk.SUMS else op.outputs[0]
    return Pace(op, height_of(graph.tensors[tensor]), rows)


def can_walk(op: Op, graph: Graph) -> bool:
    """Whether an op can take turns with others: it computes an image, or reads one, row by row."""
    tensors = [tensor for tensor in graph.of((*op.inputs, *op.outputs)) if tensor.data is None]
    is_tall = any(height_of(tensor) > MOST_ROWS for tensor in tensors) and not isinstance(op.attrs, Feed)
    if op.walk is Walk.WHOLE or op.host or is_tall:
        return False
    if op.walk is Walk.SUMS:
        return height_of(tensors[0]) > 1
    output = graph.tensors[op.outputs[0]]
    if height_of(output) == 1:
        return False
    if op.walk is Walk.ROWS:
        return True
    row = output.elements // height_of(output)
    if op.together == 1 and any(height_of(tensor) == 1 and tensor.elements == row for tensor in graph.of(op.inputs)):
        return False  # a gate for each value of a row: in a row it is no gate any more
    constants = [tensor for tensor in graph.of(op.inputs) if tensor.data is not None]
    heights = {height_of(tensor) for tensor in tensors if tensor.elements > 1}
    flat = all(height_of(tensor) == 1 for tensor in constants)
    ranks = all(len(tensor.shape) == IMAGE_RANK for tensor in (*tensors, *constants) if tensor.elements > 1)
    return flat and ranks and heights <= {1, height_of(output)}


def needs(pace: Pace, graph: Graph, turn: int) -> Iterator[Need]:
    """The rows that one turn reads, of every tensor that is not constant; nothing of constants."""
    op = pace.op
    if op.host and not isinstance(op.attrs, Excite):
        return  # a squeeze: its host has summed
    for index, name in enumerate(op.inputs):
        tensor = graph.tensors[name]
        if tensor.data is not None:
            continue
        rows = _rows_read(pace, graph, turn, height_of(tensor)) if index == 0 or op.walk is Walk.ELEMENTS else None
        yield from _through_gates(name, range(height_of(tensor)) if rows is None else rows, graph)


def _rows_read(pace: Pace, graph: Graph, turn: int, height: int) -> range | None:
    """Of an input; None where it is all of it."""
    rows = pace.rows_of(turn)
    if not pace.rows:
        return None
    match pace.op.walk:
        case Walk.ROWS:
            return rows_under(window_of(pace.op), rows, height)
        case Walk.SUMS:
            return rows
        case Walk.ELEMENTS:
            return rows if height > 1 else None
    return None


def window_of(op: Op) -> Window:
    """The window of an op that walks by rows."""
    match op.attrs:
        case Conv2D(window=window) | DepthwiseConv2D(window=window):
            return window
        case AveragePool2D(window=window) | MaxPool2D(window=window):
            return window
    raise TypeError(f"{op.kind} has no window")


def rows_under(window: Window, rows: range, height: int) -> range:
    """The rows of an image of a height that lie under these rows of a window's output."""
    (kernel, _), (stride, _), (dilation, _), (before, _) = (
        window.kernel,
        window.stride,
        window.dilation,
        window.before,
    )
    first = rows.start * stride - before
    end = (rows.stop - 1) * stride - before + (kernel - 1) * dilation + 1
    return range(min(max(first, 0), height), max(min(end, height), 0))


def _through_gates(name: str, rows: range, graph: Graph) -> Iterator[Need]:
    """What an Excite reads so that these rows of its output are there, or the rows themselves."""
    if name not in graph.excited:
        yield Need(name, rows.start, rows.stop)
        return
    excite = graph.maker(name)
    x, *gates = excite.inputs
    yield from _through_gates(x, rows, graph)
    for gate in graph.of(tuple(gates)):
        if gate.data is None:
            yield Need(gate.name, 0, height_of(gate))
