"""In which order ops take turns: one op after another, or depth first, each row as soon as it can be made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from firmware_export.ir import Excite, Graph, Walk
from firmware_export.memory.turns import Pace, needs, pace_of

STATE_WORD, ROWS_BYTES = 4, 2


@dataclass(frozen=True)
class Segment:
    """Ops that take turns, the names in the graph's order: `rows` a turn of each (0: all), and whose turn it is."""

    ops: tuple[str, ...]
    rows: tuple[int, ...]
    turns: tuple[int, ...]  # positions in `ops`

    @property
    def state_bytes(self) -> int:
        """What tells how far it has come, where the caller drives it: a mark, the next turn, the rows of each op."""
        return 2 * STATE_WORD + -(-ROWS_BYTES * len(set(self.turns)) // STATE_WORD) * STATE_WORD

    @property
    def is_stream(self) -> bool:
        """Whether more than one op takes turns."""
        return len(set(self.turns)) > 1


Schedule = tuple[Segment, ...]
Order = Callable[[Sequence[Pace], "Table"], tuple[int, ...]]
Table = list[list[list[tuple[int, int]]]]  # for each op and turn of it: how many turns of which ops come before


def one_by_one(graph: Graph) -> Schedule:
    """Every op alone, all at once."""
    return tuple(alone(op.name, graph) for op in graph.ops)


def alone(name: str, graph: Graph, rows: int = 0) -> Segment:
    """One op, so many rows a turn."""
    pace = pace_of(graph.named(name), graph, rows)
    return Segment((name,), (rows,), (0,) * pace.turns)


def segment_of(paces: Sequence[Pace], graph: Graph, order: Order) -> Segment:
    """Ops that take turns in some order."""
    (segment,) = segments_of(paces, graph, (order,))
    return segment


def segments_of(paces: Sequence[Pace], graph: Graph, orders: Sequence[Order]) -> tuple[Segment, ...]:
    """The same ops in several orders."""
    names, rows = tuple(pace.op.name for pace in paces), tuple(pace.rows for pace in paces)
    table = table_of(paces, graph)
    return tuple(Segment(names, rows, order(paces, table)) for order in orders)


def table_of(paces: Sequence[Pace], graph: Graph) -> Table:
    """What has to be done before each turn of each op."""
    writers = {name: index for index, pace in enumerate(paces) for name in pace.op.outputs}
    hosts = {pace.op.name: index for index, pace in enumerate(paces)}

    def before(pace: Pace, turn: int) -> list[tuple[int, int]]:
        if pace.op.host in hosts and not isinstance(pace.op.attrs, Excite):
            host = hosts[pace.op.host]
            return [(host, paces[host].turns)]
        read = [need for need in needs(pace, graph, turn) if need.tensor in writers and need.end > 0]
        return [(writers[need.tensor], made_after(paces[writers[need.tensor]], need.end)) for need in read]

    return [[before(pace, turn) for turn in range(pace.turns)] for pace in paces]


def made_after(pace: Pace, end: int) -> int:
    """After how many turns of its writer the rows before `end` are there."""
    if pace.op.walk is Walk.SUMS or not pace.rows:
        return pace.turns
    return -(-end // pace.rows)


def eager(paces: Sequence[Pace], table: Table) -> tuple[int, ...]:
    """The last op that can goes first: rows are used as soon as they are there."""
    done = [0] * len(paces)
    left = sum(pace.turns for pace in paces)
    order: list[int] = []
    while len(order) < left:
        turn = next(
            index
            for index in range(len(paces) - 1, -1, -1)
            if done[index] < len(table[index])
            and all(done[other] >= least for other, least in table[index][done[index]])
        )
        done[turn] += 1
        order.append(turn)
    return tuple(order)


def lazy(paces: Sequence[Pace], table: Table) -> tuple[int, ...]:
    """Rows are made when somebody needs them: the last op asks for what it reads, and so on."""
    done = [0] * len(paces)
    order: list[int] = []
    for last in range(len(paces) - 1, -1, -1):
        stack = [last] * (paces[last].turns - done[last])
        while stack:
            index = stack[-1]
            wanted = [other for other, least in table[index][done[index]] if done[other] < least]
            if wanted:
                stack.append(wanted[0])
                continue
            stack.pop()
            done[index] += 1
            order.append(index)
    return tuple(order)
