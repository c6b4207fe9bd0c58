"""Which runs of ops go depth first: the cuts between them for which the most memory in use is least."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from itertools import accumulate

from firmware_export.ir import Excite, Feed, Graph, Op, Reshape, Walk
from firmware_export.memory.bounds import in_use
from firmware_export.memory.buffers import BEFORE, Buffer, Lifetimes, lifetimes
from firmware_export.memory.schedule import Schedule, Segment, alone, eager, lazy, segments_of
from firmware_export.memory.turns import Pace, can_walk, height_of, needs, pace_of, window_of

LONGEST = 48  # ops of one stream
MOST_TURNS = 2048  # of one stream: each is a byte of flash
TOO_MANY = 1 << 60  # bytes: what is never chosen
ORDERS = (eager, lazy)
GUESS = 0.85  # of what is in use in a stream, so that few guesses are too high


@dataclass(frozen=True)
class Choice:
    """A segment, and the most bytes in use while it runs."""

    segment: Segment
    peak: int


class Room(Enum):
    """What of a ring counts as in use: the rows that somebody still reads, or all, for free rows move on so quickly
    that hardly anything else can lie there.
    """

    ROWS = "rows"
    RINGS = "rings"


@dataclass
class Search:
    """The segments of one graph, looked at once each: from the op at one index to before that at another."""

    graph: Graph
    held: tuple[str, ...]
    together: int  # rows a turn, at most
    room: Room
    ops: tuple[Op, ...] = field(init=False)
    known: dict[tuple[int, int], Choice] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.ops = self.graph.ops
        self._makers = {name: place for place, op in enumerate(self.ops) for name in op.outputs}
        self._first = [self._first_start(index) for index in range(len(self.ops))]
        self.starts = [tuple(self._starts_of(end)) for end in range(1, len(self.ops) + 1)]
        self._base = tuple(self._alone(op) for op in self.ops)
        self._places = {op.name: index for index, op in enumerate(self.ops)}
        self._lives = lifetimes(self.graph, self._base, self.held)
        self._sizes = {buffer.name: buffer.size for buffer in self._lives.buffers}
        self._spans = self._op_spans(self._lives)
        self._peaks = self._op_peaks()
        self._rings = [0, *accumulate(self._ring_bytes(op) for op in self.ops)]
        self._guesses: dict[tuple[int, int], int] = {}

    def other(self, together: int, room: Room) -> Search:
        """A search of the same ops for other schedules."""
        found = copy(self)
        found.together, found.room, found.known = together, room, {}
        return found

    def schedule(self) -> Schedule:
        """The segments that are best."""
        if not self.ops:
            return ()
        cuts = _settled(self, most=0)
        peak = max(self.look(*cut).peak for cut in cuts)
        return tuple(self.chosen(*cut, most=peak) for cut in _settled(self, most=peak))

    def _alone(self, op: Op) -> Segment:
        if isinstance(op.attrs, Feed):
            return alone(op.name, self.graph, 1)
        is_one_call = op.walk is not Walk.ROWS or is_pointwise(op) or not can_walk(op, self.graph)
        return alone(op.name, self.graph, 0 if is_one_call else op.together)

    def _first_start(self, index: int) -> int:
        """The earliest op with which this one can take turns, if those between can; its own index: alone."""
        op = self.ops[index]
        if not (can_walk(op, self.graph) or op.host) or isinstance(op.attrs, Reshape):
            return index
        makers = self._makers
        guests = [guest for guest in self.graph.guests(op) if isinstance(guest.attrs, Excite)]
        gated = [
            makers[name] + 1 for guest in guests for name in guest.inputs if name in makers and makers[name] < index
        ]
        gated = [start for start in gated if not isinstance(self.ops[start - 1].attrs, Excite)]
        whole = [
            makers[need.tensor] + 1
            for need in needs(pace_of(op, self.graph, 1), self.graph, 0)
            if need.tensor in makers and height_of(self.graph.tensors[need.tensor]) == 1
        ]
        return max([0, *gated, *whole])

    def _op_spans(self, lives: Lifetimes) -> list[tuple[int, int, int]]:
        """Size, first and last op of every buffer of the base schedule."""
        owners = [index for index, segment in enumerate(self._base) for _ in segment.turns]
        owners.append(len(self.ops))

        def owner(moment: int) -> int:
            return -1 if moment == BEFORE else owners[moment]

        return [(buffer.size, owner(buffer.first), owner(buffer.last)) for buffer in lives.buffers]

    def _op_peaks(self) -> list[int]:
        total = in_use(self._lives.buffers, self._lives.in_place)
        peaks, moment = [], 0
        for segment in self._base:
            now = total[moment - BEFORE : moment - BEFORE + len(segment.turns)]
            peaks.append(int(now.max(initial=0)))
            moment += len(segment.turns)
        return peaks

    def _starts_of(self, end: int) -> Iterator[int]:
        """Where segments may begin that end before `end`: at its last op, and before, while all can take turns."""
        yield end - 1
        least = self._first[end - 1]
        start = end - 2
        while start >= least and least < end - 1 and end - start <= LONGEST and self._may_begin(start):
            least = max(least, self._first[start])
            if start < least:
                return
            yield start
            start -= 1

    def _may_begin(self, index: int) -> bool:
        op = self.ops[index]
        return (can_walk(op, self.graph) or bool(op.host)) and not isinstance(op.attrs, Reshape)

    def guess(self, start: int, end: int) -> int:
        """About how much is in use in a segment."""
        if (start, end) in self.known:
            return self.known[start, end].peak
        if end - start == 1:
            return self._peaks[start]
        if (start, end) not in self._guesses:
            self._guesses[start, end] = self._guessed(start, end)
        return self._guesses[start, end]

    def _guessed(self, start: int, end: int) -> int:
        through = dying = made = scratch = 0
        inner = self._rings[end] - self._rings[start]
        for size, first, last in self._spans:
            if last < start or first >= end:
                continue
            if first < start:
                through, dying = (through + size, dying) if last >= end else (through, dying + size)
            elif last >= end:
                made += size
        for op in self.ops[start:end]:
            scratch = max(scratch, op.scratch)
        return int(through + max(dying, made) + GUESS * (inner + scratch))

    def _ring_bytes(self, op: Op) -> int:
        """Of the output of an op, what its readers need at once."""
        output = self.graph.tensors[op.outputs[0]]
        if output.name in self.graph.excited:
            return 0
        readers = [reader for reader in self.graph.consumers(output.name) if reader.walk is Walk.ROWS]
        rows = max((window_of(reader).kernel[0] for reader in readers), default=1)
        return min(rows, height_of(output)) * output.nbytes // max(height_of(output), 1)

    def is_worth_a_look(self, start: int, end: int, peak: int) -> bool:
        """Whether a guess is more than that, or what is known of one op alone may be bettered and has to be."""
        return end - start > 1 or self._peaks[start] >= peak

    def chosen(self, start: int, end: int, most: int) -> Segment:
        """The segment of these ops: one op in one call, if that is not more than may be in use."""
        if end - start == 1 and self._peaks[start] <= most:
            return self._base[start]
        return self.look(start, end).segment

    def look(self, start: int, end: int) -> Choice:
        """The best segment of these ops, and how much is in use in it."""
        if (start, end) not in self.known:
            candidates = self._candidates(start, end)
            self.known[start, end] = min(candidates, key=lambda choice: choice.peak)
        return self.known[start, end]

    def _candidates(self, start: int, end: int) -> Iterator[Choice]:
        if end - start == 1:
            yield Choice(self._base[start], self._peaks[start])
            op = self.ops[start]
            if is_pointwise(op) and can_walk(op, self.graph):
                yield self._tried(start, end, alone(op.name, self.graph, 1))
            return
        paces = [self.pace(op) for op in self.ops[start:end]]
        if sum(pace.turns for pace in paces) > MOST_TURNS:
            yield Choice(self._base[start], TOO_MANY)
            return
        for segment in dict.fromkeys(segments_of(paces, self.graph, ORDERS)):
            yield self._tried(start, end, segment)

    def pace(self, op: Op) -> Pace:
        """How an op proceeds among others."""
        return pace_of(op, self.graph, rows_a_turn(op, self.graph, self.together))

    def _tried(self, start: int, end: int, segment: Segment) -> Choice:
        part, held = self._part(start, end)
        lives = lifetimes(part, (segment,), held)
        buffers = lives.buffers if self.room is Room.ROWS else whole_rings(lives)
        through = sum(size for size, first, last in self._spans if first < start and last >= end)
        return Choice(segment, through + int(in_use(buffers, lives.in_place).max(initial=0)))

    def _part(self, start: int, end: int) -> tuple[Graph, tuple[str, ...]]:
        """The ops of a segment as a graph of its own, and its inputs and outputs that take room while it runs alone:
        what it reads last, and what others read later.
        """
        names = {op.name for op in self.ops[start:end]}
        gates = tuple(op for op in self.ops if isinstance(op.attrs, Excite) and op.host in names)
        ops = (*gates, *(op for op in self.ops[start:end] if not isinstance(op.attrs, Excite)))
        made = {name: None for op in ops for name in op.outputs}
        read = dict.fromkeys(name for op in ops for name in op.inputs)
        inputs = tuple(name for name in read if name not in made and self.graph.tensors[name].data is None)
        last, rows = self._last_use, {name for op in gates for name in op.outputs}
        outputs = tuple(name for name in made if name not in rows and last.get(name, end) >= end)
        homes = self._lives.storage
        dying = tuple(name for name in inputs if last[name] < end and self._is_in_arena(homes[name]))
        held = (*dying, *(name for name in outputs if self._is_in_arena(homes[name])))
        return replace(self.graph, ops=ops, inputs=inputs, outputs=outputs, states=()), held

    def _is_in_arena(self, home: str) -> bool:
        return home in self._sizes

    @cached_property
    def _last_use(self) -> dict[str, int]:
        """The last op that needs what is stored where a tensor lies; for results of the network, after all ops."""
        homes, found = self._lives.storage, dict[str, int]()
        for index, op in enumerate(self.ops):
            moment = self._places[op.host] if isinstance(op.attrs, Excite) else index
            for name in (*op.inputs, *op.outputs):
                if name in homes:
                    found[homes[name]] = max(found.get(homes[name], 0), moment)
        for name in self.graph.results:
            found[homes[name]] = len(self.ops)
        return {name: found[home] for name, home in homes.items() if home in found}


def whole_rings(lives: Lifetimes) -> list[Buffer]:
    """The buffers, rings in use from their first row to their last."""
    return [
        Buffer(one.name, one.size, one.first, one.last) if one.name in lives.rings else one for one in lives.buffers
    ]


def rows_a_turn(op: Op, graph: Graph, together: int) -> int:
    """Rows that an op computes a turn where it takes turns with others."""
    if op.host or not can_walk(op, graph):
        return 0
    match op.walk:
        case Walk.SUMS:
            return 1
        case Walk.ROWS if is_pointwise(op) and graph.guests(op):
            return 1
    return min(op.together, together)


def is_pointwise(op: Op) -> bool:
    """Whether a kernel may take all rows for one."""
    return op.walk is Walk.ROWS and window_of(op).kernel == (1, 1) and op.together > 1


def best_schedule(graph: Graph, held: tuple[str, ...] = (), together: int = 1, room: Room = Room.RINGS) -> Schedule:
    """Cut the ops into segments so that the most memory in use at once is least, and as few ops as possible stream."""
    return Search(graph, held, together, room).schedule()


def best_schedules(graph: Graph, held: tuple[str, ...], together: Iterable[int]) -> tuple[Schedule, ...]:
    """The best schedules, each once, for each of these numbers of rows a turn, and for whatever counts of rings."""
    first = Search(graph, held, 1, Room.ROWS)
    return tuple(dict.fromkeys(first.other(rows, room).schedule() for rows in together for room in Room))


Cuts = list[tuple[int, int]]
Value = tuple[int, int]  # a peak, or what peaks are too high by; and ops that stream


def _settled(search: Search, most: int) -> Cuts:
    """The best cuts, looked at until none of them is a guess: those of least peak, or, where that is at most `most`,
    those in which fewest ops stream.
    """
    best: list[Value] = [(0, 0)]
    came: list[int] = [0]
    changed = 1
    while True:
        cuts = _cuts(search, most, best[:changed], came[:changed])
        best, came = cuts.best, cuts.came
        unknown = [cut for cut in cuts.path if cut not in search.known and search.is_worth_a_look(*cut, cuts.peak)]
        if not unknown:
            return cuts.path
        for cut in unknown:
            search.look(*cut)
        changed = min(end for _, end in unknown)


@dataclass(frozen=True)
class _Found:
    best: list[Value]  # of the ops before each index
    came: list[int]  # where the last segment before it begins
    path: Cuts
    peak: int  # of the path


def _cuts(search: Search, most: int, best: list[Value], came: list[int]) -> _Found:
    """The best cuts by what is known and guessed; best and came: of the indices for which nothing has changed."""
    for end in range(len(best), len(search.ops) + 1):
        options: list[tuple[int, int, int]] = []
        for start in search.starts[end - 1]:
            peak, streamed = max(search.guess(start, end), most), 0 if end - start == 1 else end - start
            before, count = best[start]
            options.append((max(before, peak), count + streamed, start))
        peak, count, start = min(options)
        best.append((peak, count))
        came.append(start)
    path: Cuts = []
    end = len(search.ops)
    while end:
        path.append((came[end], end))
        end = came[end]
    return _Found(best, came, path[::-1], best[-1][0])
