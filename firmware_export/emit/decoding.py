"""What a layer's function does first where its weights are coded in flash. Places come as text."""

from __future__ import annotations

from collections.abc import Callable

from firmware_export.program import Copy, Decoding, Layer, Place, UnitLoop, places

PlaceText = Callable[[Place], str]
DECODE = "ea_decode_u8_c"


def decoding_text(layer: Layer, text: PlaceText) -> str:
    """Copies of the layer's numbers, and its weights; those of a layer that takes turns in its first one."""
    decoding = layer.decoding
    if decoding is None:
        return ""
    copies = "".join(copy_text(copy, text) for copy in decoding.copies)
    if not decoding.size:
        return f"{copies}    {coded_text(decoding)}\n"
    call = f"{DECODE}(&coded, {text(decoding.output)}, {decoding.size});"
    if not layer.rows:
        return f"{copies}    {coded_text(decoding)}\n    {call}\n"
    return f"{copies}    if (y == 0) {{\n        {coded_text(decoding)}\n        {call}\n    }}\n"


def copy_text(copy: Copy, text: PlaceText) -> str:
    """A struct in RAM with pointers of its own."""
    pointers = (*((field, text(place)) for field, place in copy.places), *((f, f"&{name}") for f, name in copy.copies))
    lines = "".join(f"    {copy.name}.{field} = {value};\n" for field, value in pointers)
    return f"    struct {copy.struct} {copy.name} = {copy.symbol};\n{lines}"


def coded_text(decoding: Decoding) -> str:
    """Where decoding begins."""
    words = decoding.words
    return f"struct ea_coded_u8 coded = {{&{decoding.code}, {words}, {words} + {decoding.count}, 0, 0}};"


def unit_loop_text(loop: UnitLoop, text: PlaceText) -> str:
    """A dense layer a few units at a time: their weights, their numbers, their outputs."""
    numbers, call = loop.call.params, loop.call
    x, y, *scratch = (text(place) for place in places(call))
    tiles, rest = -(-loop.units // loop.tile), loop.units % loop.tile
    units = f"tile < {tiles - 1} ? {loop.tile} : {rest}" if rest else f"{loop.tile}"
    steps = "".join(
        f"        {numbers}.{field} = {first.symbol} + tile * {step};\n" for field, first, step in loop.steps
    )
    arguments = ", ".join((f"&{numbers}", x, f"{y} + tile * {loop.tile}", *scratch))
    return f"""    for (int32_t tile = 0; tile < {tiles}; tile++) {{
        {numbers}.units = {units};
{steps}        {DECODE}(&coded, {text(loop.decoded)}, {loop.size});
        {call.function}({arguments});
    }}
"""
