"""The arrays that could be coded: of each layer the largest, if its numbers alone point there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from firmware_export.huffman import Counts, counts_of
from firmware_export.kernels import KERNELS
from firmware_export.program import Address, Call, Const, Layer, Params, Program, Section, places

Fields = Mapping[str, int | Address | tuple[int, ...]]


@dataclass(frozen=True)
class Tile:
    """How a dense layer's kernel takes its units: so many share a run of weights, and so many elements of others."""

    units: int
    steps: tuple[tuple[str, int], ...]  # by field: elements a tile, where there is more than one for all


TILES = {  # by the folder of the kernel
    "fully_connected_tiles_s8": Tile(8, (("channels", 32),)),
    "fully_connected_vectors_s8": Tile(4, (("channels", 12),)),
    "fully_connected_blocks_s8": Tile(4, (("scales", 5),)),
    "fully_connected_s8": Tile(1, (("bias", 1), ("multiplier", 1), ("right", 1))),
    "fully_connected_s16": Tile(1, (("bias", 1), ("mantissa", 1), ("right", 1))),
}
FOLDERS = {kernel.function: kernel.folder for kernel in KERNELS}


@dataclass(frozen=True, eq=False)
class Candidate:
    """A layer's array, and how much of it has to be in memory at a time."""

    layer: str
    const: Const
    tile: Tile | None = None  # where a tile of units is enough
    tiles: int = field(default=1)

    @cached_property
    def data(self) -> bytes:
        """The array as it lies in memory."""
        return self.const.data

    @cached_property
    def counts(self) -> Counts:
        """How often each byte occurs."""
        return counts_of(self.data)

    @property
    def ram_bytes(self) -> int:
        """Memory that what is decoded takes."""
        return len(self.data) // self.tiles


def candidates(program: Program) -> Iterator[Candidate]:
    """One a layer, of those that have weights of their own."""
    weights = {const.symbol: const for const in program.consts if const.section is Section.WEIGHTS}
    users = Counter(symbol for params in program.params for symbol in {*pointers(params).values()})
    read = {place.base for layer in program.layers for step in layer.steps for place in places(step)}
    for layer in program.layers:
        own = {symbol for params in params_of(layer, program) for symbol in pointers(params).values()}
        alone = [weights[symbol] for symbol in own & {*weights} - read if is_alone(symbol, users, layer, program)]
        if alone:
            largest = max(alone, key=lambda const: (const.values.nbytes, const.symbol))
            yield candidate(layer, largest, program)


def is_alone(symbol: str, users: Counter[str], layer: Layer, program: Program) -> bool:
    """Whether no other layer's numbers point to an array."""
    own = [params for params in params_of(layer, program) if symbol in pointers(params).values()]
    return len(own) == users[symbol]


def params_of(layer: Layer, program: Program) -> list[Params]:
    """The structs that a layer's calls take, and those that these point to, which stand before them."""
    calls = [getattr(step, "call", step) for step in layer.steps]
    wanted = {call.params for call in calls if isinstance(call, Call)}
    wanted |= {call.last.params for call in calls if isinstance(call, Call) and call.last}
    found: list[Params] = []
    for params in reversed(program.params):
        if params.symbol in wanted:
            found.insert(0, params)
            wanted |= {symbol.removeprefix("&") for symbol in pointers(params).values()}
    return found


def pointers(params: Params) -> dict[str, str]:
    """The fields that point somewhere, and where."""
    return {name: value.symbol for name, value in params.fields if isinstance(value, Address) and not value.offset}


def candidate(layer: Layer, const: Const, program: Program) -> Candidate:
    """The array whole, or tile by tile where the layer has one row and its kernel can."""
    tile = TILES.get(FOLDERS.get(layer.kernel, ""))
    (*_, params) = params_of(layer, program)
    fields: Fields = dict(params.fields)
    rows, units = fields.get("rows"), fields.get("units")
    if not tile or rows != 1 or not isinstance(units, int) or units <= tile.units:
        return Candidate(layer.name, const)
    if pointers(params).get("weights") != const.symbol:
        return Candidate(layer.name, const)
    return Candidate(layer.name, const, tile, -(-units // tile.units))
