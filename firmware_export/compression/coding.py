"""A program as it is with some weights coded: other constants, codes, and layers that decode first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from firmware_export.compression.candidates import Candidate, params_of, pointers
from firmware_export.compression.choice import Choice, Group
from firmware_export.huffman import encode
from firmware_export.lower import ordered_sources
from firmware_export.memory import Plan, decoded_name
from firmware_export.program import (
    Address,
    Call,
    Const,
    Copy,
    Decoding,
    Layer,
    Params,
    Place,
    Program,
    RowLoop,
    Section,
    Step,
    UnitLoop,
)

SOURCE = "decode_u8/ea_decode_u8_c.c"
NOTHING = Address("NULL")


@dataclass(frozen=True, eq=False)
class Coded:
    """What became of one array."""

    candidate: Candidate
    words: Const
    code: str
    output: Place


def with_coded_weights(program: Program, choice: Choice, plan: Plan) -> Program:
    """Before: `program` as lowered from the choice's graph and a plan. After: the chosen arrays are coded in flash."""
    if not choice.groups:
        return program
    coded = {one.candidate.layer: one for one in arrays(program, choice, plan)}
    words = {one.candidate.const.symbol: one.words for one in coded.values()}
    consts = (words.get(const.symbol, const) for const in program.consts)
    numbered = list(enumerate(choice.groups))
    layers = (
        decoding_layer(layer, program, coded[layer.name]) if layer.name in coded else layer for layer in program.layers
    )
    return replace(
        program,
        sources=ordered_sources((*program.sources, SOURCE)),
        consts=(*consts, *(symbols_of(program, number, group) for number, group in numbered)),
        params=(
            *(code_params(program, number, group) for number, group in numbered),
            *(without_pointers(params, words) for params in program.params),
        ),
        layers=tuple(layers),
    )


def arrays(program: Program, choice: Choice, plan: Plan) -> list[Coded]:
    """Every chosen array as words of its group's code."""
    ops = {op.name: op for op in choice.graph.ops}
    found = []
    for number, group in enumerate(choice.groups):
        for one in group.members:
            words = Const(one.const.symbol, "uint16_t", encode(group.code, one.data), Section.WEIGHTS)
            offset = plan.offsets[decoded_name(ops[one.layer])]
            found.append(Coded(one, words, code_symbol(program, number), Place("arena", offset, one.const.ctype)))
    return found


def code_symbol(program: Program, number: int) -> str:
    """The C name of a code."""
    return f"{program.name}_code_{number}"


def symbols_of(program: Program, number: int, group: Group) -> Const:
    """A code's symbols."""
    return Const(f"{program.name}_table_code_{number}", "uint8_t", group.code.symbols, Section.TABLE)


def code_params(program: Program, number: int, group: Group) -> Params:
    """A code's numbers."""
    code = group.code
    fields = (
        ("last", code.last),
        ("base", code.base),
        ("shortest", code.shortest),
        ("symbols", Address(symbols_of(program, number, group).symbol)),
    )
    return Params("ea_code_u8", code_symbol(program, number), fields)


def without_pointers(params: Params, gone: Collection[str]) -> Params:
    """The struct without the pointers to arrays that are no longer there: its copies have their own."""
    there = {field: symbol for field, symbol in pointers(params).items() if symbol in gone}
    fields = tuple((field, NOTHING if field in there else value) for field, value in params.fields)
    return replace(params, fields=fields)


def decoding_layer(layer: Layer, program: Program, coded: Coded) -> Layer:
    """The layer with numbers that point to what it decodes."""
    copies = copies_of(layer, program, coded)
    names = {copy.symbol: copy.name for copy in copies}
    steps = tuple(with_copies(step, names) for step in layer.steps)
    if coded.candidate.tile:
        steps = tuple(tiled(step, layer, program, coded) if isinstance(step, Call) else step for step in steps)
    return replace(
        layer,
        steps=steps,
        weights_bytes=layer.weights_bytes - len(coded.candidate.data) + coded.words.values.nbytes,
        decoding=Decoding(
            code=coded.code,
            words=coded.words.symbol,
            count=len(coded.words.values),
            output=coded.output,
            size=0 if coded.candidate.tile else len(coded.candidate.data),
            copies=copies,
        ),
    )


def copies_of(layer: Layer, program: Program, coded: Coded) -> tuple[Copy, ...]:
    """The structs that point to the array, and those that point to these."""
    copies: dict[str, Copy] = {}
    for params in params_of(layer, program):
        named = pointers(params)
        places = tuple((field, coded.output) for field, symbol in named.items() if symbol == coded.words.symbol)
        others = ((field, symbol.removeprefix("&")) for field, symbol in named.items())
        inner = tuple((field, copies[symbol].name) for field, symbol in others if symbol in copies)
        if places or inner:
            name = params.symbol.removeprefix(f"{program.name}_")
            copies[params.symbol] = Copy(name, params.struct, params.symbol, places, inner)
    return tuple(copies.values())


def with_copies(step: Step, names: Mapping[str, str]) -> Step:
    """The step with copies for its numbers."""
    match step:
        case Call(params=params, last=last):
            last = replace(last, params=names.get(last.params, last.params)) if last else None
            return replace(step, params=names.get(params, params), last=last)
        case RowLoop(call=call):
            inner = with_copies(call, names)
            assert isinstance(inner, Call)
            return replace(step, call=inner)
    return step


def tiled(call: Call, layer: Layer, program: Program, coded: Coded) -> UnitLoop:
    """The one call of a dense layer as one a tile."""
    tile = coded.candidate.tile
    (*_, params) = params_of(layer, program)
    fields, lengths = dict(params.fields), {const.symbol: len(const.values) for const in program.consts}
    assert tile is not None
    steps = []
    for field, elements in tile.steps:
        first = fields[field]
        assert isinstance(first, Address)
        if lengths[first.symbol] > elements:  # there is more than one for all
            steps.append((field, first, elements))
    units = fields["units"]
    assert isinstance(units, int)
    return UnitLoop(call, coded.output, coded.candidate.ram_bytes, units, tile.units, tuple(steps))
