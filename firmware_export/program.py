"""What the C text will say, and nothing else. No scales, no op kinds: integers, symbols, offsets, order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Section(Enum):
    """What a constant counts as in the flash report."""

    WEIGHTS = "weights"
    TABLE = "table"


@dataclass(frozen=True, eq=False)
class Const:
    """An array in flash."""

    symbol: str
    ctype: str  # "int8_t", "int32_t"
    values: NDArray[np.generic]
    section: Section

    @property
    def data(self) -> bytes:
        """The array as it lies in memory."""
        return self.values.astype(self.values.dtype.newbyteorder("<")).tobytes()


@dataclass(frozen=True)
class Address:
    """The address of a constant's element, as the value of a field or an argument."""

    symbol: str
    offset: int = 0


Fields = tuple[tuple[str, int | Address | tuple[int, ...]], ...]


@dataclass(frozen=True)
class Params:
    """One `static const struct`: the numbers of one layer, in the order of the struct's fields."""

    struct: str  # "ea_conv2d_s8"
    symbol: str
    fields: Fields


@dataclass(frozen=True)
class Arena:
    """Memory of the caller's that holds values between layers during an inference."""

    name: str  # the argument of run: "activations", or that of a bank of RAM
    size: int  # bytes
    room: int | None = None  # bytes of the bank

    @property
    def base(self) -> str:
        """What a place in it is counted from."""
        return "arena" if self.room is None else f"arena_{self.name}"


@dataclass(frozen=True)
class Place:
    """Bytes that a step reads or writes: an argument of run (`output_2`), an arena, the state, or a constant."""

    base: str
    offset: int = 0  # in bytes
    ctype: str = "int8_t"  # of what the step takes for the elements there
    row_bytes: int = 0  # of what lies there, where a step takes row y of it
    kept: int = 0  # rows that lie there at a time, of a ring; 0: all


@dataclass(frozen=True)
class Call:
    """function(&params, inputs..., output[, scratch])."""

    function: str
    params: str
    inputs: tuple[Place, ...]
    output: Place
    scratch: Place | None = None
    last: Last | None = None  # where it is a call a turn, and the last one is for fewer rows


@dataclass(frozen=True)
class Last:
    """The numbers of the layer from row `first` on."""

    first: int
    params: str


class Rows(Enum):
    """Which rows a row kernel is given: all, those outside being zero points; those inside, and their number; those
    that a transposed convolution spreads over the output's row, and their phase; or the two that the output's row lies
    between, and where.
    """

    ALL = "ea_window_rows"
    INSIDE = "ea_window_inside"
    TRANSPOSED = "ea_window_transposed"
    BETWEEN = "ea_window_between"
    ALL_S16 = "ea_window_rows_s16"
    INSIDE_S16 = "ea_window_inside_s16"

    @property
    def told(self) -> str:
        """What the kernel is told besides its rows."""
        return TOLD[self]


TOLD = {
    Rows.ALL: "",
    Rows.INSIDE: "count",
    Rows.TRANSPOSED: "phase",
    Rows.BETWEEN: "fraction",
    Rows.ALL_S16: "",
    Rows.INSIDE_S16: "count",
}


@dataclass(frozen=True)
class RowFunction:
    """A layer's part in the row loop of another: `<name>_row_<layer>` calls function(&params, row, inputs, output)."""

    layer: str
    host: str  # the layer whose loop it is
    function: str
    params: str
    inputs: tuple[Place, ...]  # beside the row
    output: Place
    input_step: int = 0  # bytes from what one row of the host's output needs to what the next one needs
    output_step: int = 0  # the same of its output: where rows are changed in place


@dataclass(frozen=True)
class Fill:
    """memset of `size` bytes."""

    output: Place
    value: int
    size: int


@dataclass(frozen=True)
class RowLoop:
    """One call a row of the output: function(&params, rows[, what it is told], output row[, scratch]).

    Or a call for several rows: it is told how many are left.
    """

    call: Call
    window: str  # symbol of the struct ea_window
    rows: Rows
    kernel_height: int  # rows that one call reads at most
    output_height: int
    fills: tuple[Fill, ...] = ()  # before the loop
    before: tuple[RowFunction, ...] = ()  # makes the one row that is read out of the one that lies there
    after: tuple[RowFunction, ...] = ()  # are given what was written
    together: int | None = None  # rows that one call computes at most
    given: int = 1  # rows that each of `after` is given at a time: one, or all of a call


@dataclass(frozen=True)
class Move:
    """memcpy of `size` bytes."""

    source: Place
    output: Place
    size: int


@dataclass(frozen=True)
class UnitLoop:
    """A dense layer's call for a few units at a time, each after their weights have been decoded."""

    call: Call
    decoded: Place
    size: int  # bytes of weights that are decoded at a time
    units: int  # of the layer
    tile: int  # at a time
    steps: tuple[tuple[str, Address, int], ...]  # fields of its numbers that go on with each tile: by so many elements


@dataclass(frozen=True)
class Once:
    """What a layer that takes turns does in the turn of one row alone."""

    row: int
    step: Call | Fill


Step = Call | RowLoop | UnitLoop | Move | Fill | Once


def places(step: Step) -> tuple[Place, ...]:
    """Every place that a step reads or writes."""
    match step:
        case Call():
            return (*step.inputs, step.output, *(() if step.scratch is None else (step.scratch,)))
        case RowLoop():
            inner = [place for row in (*step.before, *step.after) for place in (*row.inputs, row.output)]
            return (*places(step.call), *inner)
        case UnitLoop():
            return (step.decoded, *places(step.call))
        case Move():
            return (step.source, step.output)
        case Fill():
            return (step.output,)
        case Once():
            return places(step.step)


@dataclass(frozen=True)
class Copy:
    """A struct of numbers in a layer's function: as the constant one, but for its pointers to what was decoded."""

    name: str
    struct: str
    symbol: str  # of the constant one
    places: tuple[tuple[str, Place], ...]  # fields that point to memory
    copies: tuple[tuple[str, str], ...]  # fields that point to other copies


@dataclass(frozen=True)
class Decoding:
    """A layer's weights that are coded in flash and decoded into memory: what the layer's function does first."""

    code: str  # symbol of the struct that tells it
    words: str  # symbol of the array
    count: int  # of words
    output: Place
    size: int  # bytes before the layer's first step; 0 where its steps decode what they need
    copies: tuple[Copy, ...]


@dataclass(frozen=True)
class Layer:
    """What one op became. No step where its bytes already lie right (a reshape), or another layer's loop does it."""

    name: str
    kind: str
    kernel: str
    input_shapes: tuple[tuple[int, ...], ...]
    output_shape: tuple[int, ...]
    output: Place
    output_bytes: int
    macs: int
    weights_bytes: int
    activations_bytes: int  # of the arenas, in use while the layer runs
    steps: tuple[Step, ...]
    row: RowFunction | None = None  # its part in another layer's row loop
    rows: int = 0  # that it computes a turn, where it takes turns with others
    height: int = 1  # rows that all its turns compute
    decoding: Decoding | None = None  # of its weights, where they are compressed

    @property
    def gives_rows(self) -> bool:
        """Whether it computes some rows of its output each turn, not all of it in the last one."""
        return self.rows > 0 and self.output.row_bytes * self.height == self.output_bytes

    @property
    def is_whole(self) -> bool:
        """Whether all of its output lies in memory when it has run."""
        return bool(self.steps) or self.row is None


@dataclass(frozen=True)
class Stream:
    """Layers that take turns, each for its next rows: whose turn it is, as positions in `layers`."""

    layers: tuple[str, ...]
    turns: tuple[int, ...]


@dataclass(frozen=True)
class Feeding:
    """How the rows of an input come: one each turn of the first place of `stream`, into a ring of the activations."""

    rows: Place  # row y, as the others
    height: int
    state: Place  # how far it has come: a mark, the next turn, and the rows that each layer of the stream has computed
    mark: int
    stream: Stream


@dataclass(frozen=True)
class Port:
    """An input or output of the network, as users see it."""

    name: str  # "input", "output_2": the argument of run
    model_name: str  # what the model calls it: any text
    shape: tuple[int, ...]
    scale: float | None  # None, as the zero point, for plain integers: an index
    zero_point: int | None
    ctype: str = "int8_t"
    offset: int | None = None  # in an arena, where it lies there during an inference
    arena: str = ""  # the base of that

    @property
    def elements(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The element's type in NumPy."""
        return np.dtype(self.ctype.removesuffix("_t"))

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.elements * self.dtype.itemsize

    @property
    def low(self) -> int:
        """The smallest value of the type."""
        return int(np.iinfo(self.dtype).min)

    @property
    def high(self) -> int:
        """The largest value of the type."""
        return int(np.iinfo(self.dtype).max)


@dataclass(frozen=True)
class Kept:
    """A part of the caller's state: a tensor that outlives an inference."""

    model_name: str  # what the model calls it: any text
    shape: tuple[int, ...]
    offset: int  # in the state
    size: int  # bytes


@dataclass(frozen=True)
class Memory:
    """What the network remembers from one inference to the next: a struct of the caller's, one for each stream.

    Its first word holds `mark` from the reset on, so that one that nobody has reset is told.
    """

    parts: tuple[Kept, ...]
    size: int  # bytes, the mark among them
    mark: int
    reset: tuple[Move | Fill, ...]


@dataclass(frozen=True, eq=False)
class Program:
    """All that `emit` prints."""

    name: str
    sources: tuple[str, ...]  # kernel files in the order in which they are printed
    consts: tuple[Const, ...]
    params: tuple[Params, ...]
    layers: tuple[Layer, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    activations_bytes: int
    model_sha256: str
    arithmetic: str = "int8"  # what the values between layers are, as users call it
    memory: Memory | None = None  # of a network that remembers nothing
    has_short_loops: bool = False  # in kernels whose loops are longer where memory never waits
    is_small: bool = False  # kernels are to be small rather than fast
    streams: tuple[Stream, ...] = ()
    guard_bytes: int = 0  # of each guard
    guards: tuple[int, ...] = ()  # offsets of guard bytes in the activations, in a build for debugging
    feeding: Feeding | None = None  # where the caller gives the input's rows one by one
    activations_bound: int = 0  # bytes that no arena can do without in which layers take these turns
    banks: tuple[Arena, ...] = ()  # of RAM, each with its share of the activations, where they are split

    @property
    def state_bytes(self) -> int:
        """RAM that one stream's state takes."""
        return 0 if self.memory is None else self.memory.size

    @property
    def every_stream(self) -> tuple[Stream, ...]:
        """The layers that take turns, those among them that go on whenever a row of the input comes."""
        if self.feeding is None:
            return self.streams
        _, *layers = self.feeding.stream.layers
        turns = tuple(turn - 1 for turn in self.feeding.stream.turns if turn)
        return (*((Stream(tuple(layers), turns),) if layers else ()), *self.streams)

    @property
    def arenas(self) -> tuple[Arena, ...]:
        """The banks, or the one arena for all."""
        return self.banks or (Arena("activations", self.activations_bytes),)

    @property
    def ports(self) -> tuple[Port, ...]:
        """Inputs, then outputs: the order of run's arguments."""
        return (*self.inputs, *self.outputs)

    @cached_property
    def ctypes(self) -> dict[str, str]:
        """The C type of the elements of every base of a place."""
        ports = {port.name: port.ctype for port in self.ports}
        arenas = {arena.base: "int8_t" for arena in self.arenas}
        return {**arenas, "kept": "int8_t", **ports, **{const.symbol: const.ctype for const in self.consts}}

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(layer.macs for layer in self.layers)

    @property
    def weights_bytes(self) -> int:
        """Flash that the weights, biases and their scales take."""
        return sum(const.values.nbytes for const in self.consts if const.section is Section.WEIGHTS)
