"""One inference as C: a function a layer, and the calls of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from textwrap import indent

import numpy as np

from firmware_export.emit.decoding import decoding_text, unit_loop_text
from firmware_export.emit.guards import look_at_guards
from firmware_export.program import (
    Call,
    Fill,
    Layer,
    Move,
    Once,
    Place,
    Program,
    RowFunction,
    RowLoop,
    Step,
    Stream,
    UnitLoop,
    places,
)

TURNS_A_LINE = 32


def layer_function(layer: Layer, program: Program) -> str:
    """The steps of one op as a function; nothing where there are none."""
    if not layer.steps:
        return ""
    parameters = ", ".join(f"{const(base, program)}{program.ctypes[base]} *{base}" for base in buffers(layer, program))
    if layer.rows:
        parameters = f"{parameters}, int32_t y"
    text = turn_text if layer.rows else step_text
    first = decoding_text(layer, partial(place_text, program=program))
    steps = "".join(text(step, program) for step in layer.steps)
    return f"{layer_comment(layer)}\nEA_LAYER {program.name}_run_{layer.name}({parameters})\n{{\n{first}{steps}}}\n\n"


def row_function_text(layer: Layer, program: Program) -> str:
    """What the layer does in another one's row loop, as a function; nothing where it does nothing there."""
    row = layer.row
    if row is None:
        return ""
    names = [f"input_{index}" for index, _ in enumerate(row.inputs)]
    parameters = ", ".join(f"const int8_t *{name}" for name in ("row", *names))
    arguments = ", ".join((f"&{row.params}", "row", *names, "output"))
    signature = f"EA_LAYER {program.name}_row_{layer.name}({parameters}, int8_t *output)"
    return f"{layer_comment(layer)}\n{signature}\n{{\n    {row.function}({arguments});\n}}\n\n"


def calls_text(program: Program) -> str:
    """Every layer's call in order, or the turns of those that take turns; not of those that go on as rows are fed."""
    streams = {stream.layers[0]: stream for stream in program.streams}
    fed = program.feeding.stream.layers if program.feeding else ()
    inner = {*fed, *(name for stream in program.streams for name in stream.layers[1:])}
    parts = []
    for layer in program.layers:
        if layer.name in streams:
            parts.append(stream_text(streams[layer.name], program))
        elif layer.name not in inner:
            parts.append(layer_call(layer, program))
    return "\n".join(parts)


def stream_text(stream: Stream, program: Program) -> str:
    """A loop over turns: each computes a layer's next rows."""
    table = turns_table(stream, "        ")
    switch = switch_text("turns[turn]", stream.layers, program, "            ")
    return f"""    /* Depth first: each turn computes the next rows of the layer that it names. */
    {{
{table}        int16_t rows[{len(stream.layers)}] = {{0}};
        for (size_t turn = 0; turn < sizeof turns; turn++) {{
{switch}{look_at_guards(program, "            ")}        }}
    }}
"""


def turns_table(stream: Stream, margin: str) -> str:
    """Whose turn it is, as a constant."""
    lines = (stream.turns[start : start + TURNS_A_LINE] for start in range(0, len(stream.turns), TURNS_A_LINE))
    turns = "".join(f"{margin}    {', '.join(map(str, line))},\n" for line in lines)
    return f"{margin}static const uint8_t turns[{len(stream.turns)}] = {{\n{turns}{margin}}};\n"


def switch_text(turn: str, names: Sequence[str], program: Program, margin: str) -> str:
    """What one turn of these layers does, whichever's it is; nothing for what is no layer."""
    layers = {layer.name: layer for layer in program.layers}
    cases = "".join(case_text(index, layers[name], program) for index, name in enumerate(names) if name in layers)
    text = f"const int32_t y = rows[{turn}];\nswitch ({turn}) {{\n{cases}default:\n    break;\n}}\n"
    return indent(text, margin)


def case_text(index: int, layer: Layer, program: Program) -> str:
    """One turn of a layer, and the hook after it."""
    arguments = ", ".join((*buffers(layer, program), *(["y"] if layer.rows else [])))
    call = f"    {program.name}_run_{layer.name}({arguments});\n" if layer.steps else ""
    return (
        f"case {index}: {layer_comment(layer)}\n{call}{after_turn_text(layer, program)}"
        f"    rows[{index}] = (int16_t)(y + {layer.rows or layer.height});\n    break;\n"
    )


def after_turn_text(layer: Layer, program: Program) -> str:
    """The hook after a turn, with the rows that it computed, or with all that sums gave in the end."""
    if not layer.steps:
        return ""
    hook = f'{program.name.upper()}_AFTER("{layer.name}"'
    row = layer.output.row_bytes
    if not layer.gives_rows:
        output = place_text(replace(as_bytes(layer.output), row_bytes=0), program)
        last = f"    if (y == {layer.height - 1})\n    " if layer.rows else ""
        return f"{last}    {hook}, {output}, {layer.output_bytes});\n"
    rest = layer.height % layer.rows
    size = f"{layer.rows * row}"
    if rest:
        size = f"(size_t)(y < {layer.height - rest} ? {layer.rows * row} : {rest * row})"
    return f"    {hook}, {row_text(as_bytes(layer.output), program)}, {size});\n"


def layer_call(layer: Layer, program: Program) -> str:
    """The call of one op, and the hook after it."""
    if not layer.is_whole:
        return f"    {layer_comment(layer)}\n"
    arguments = ", ".join(buffers(layer, program))
    call = f"    {program.name}_run_{layer.name}({arguments});\n" if layer.steps else f"    {layer_comment(layer)}\n"
    output = place_text(as_bytes(layer.output), program)
    after = f'    {program.name.upper()}_AFTER("{layer.name}", {output}, {layer.output_bytes});\n'
    return call + after + look_at_guards(program)


def layer_comment(layer: Layer) -> str:
    """What the op is, its shapes, and where it runs if not by itself."""
    shapes = f"{' '.join(shape_text(shape) for shape in layer.input_shapes[:1])} -> {shape_text(layer.output_shape)}"
    where = "" if layer.row is None else f", {'' if layer.is_whole else 'all of it '}in the rows of {layer.row.host}"
    return f"/* {layer.name}: {layer.kind} {shapes}{where} */"


def buffers(layer: Layer, program: Program) -> tuple[str, ...]:
    """The arguments of run, the arenas and the state first, that the layer's steps use."""
    used = {place.base for step in layer.steps for place in places(step)}
    used |= {layer.decoding.output.base} if layer.decoding else set()
    return tuple(base for base in (*kept_bases(program), *(port.name for port in program.ports)) if base in used)


def kept_bases(program: Program) -> tuple[str, ...]:
    """What places are counted from besides arguments of run."""
    return (*(arena.base for arena in program.arenas), "kept")


def shape_text(shape: tuple[int, ...]) -> str:
    """1x28x28x16."""
    return "x".join(map(str, shape)) or "scalar"


def as_bytes(place: Place) -> Place:
    """The same place for what takes bytes."""
    return replace(place, ctype="int8_t")


def const(base: str, program: Program) -> str:
    """What stands before the type where nobody may write."""
    written = {*kept_bases(program), *(port.name for port in program.outputs)}
    return "" if base in written else "const "


def place_text(place: Place, program: Program) -> str:
    """arena + 512; offsets are in bytes, so a base of another type is cast before, and the sum after."""
    base, qualifier = program.ctypes[place.base], const(place.base, program)
    if base == place.ctype and not place.offset:
        return place.base
    start = place.base if base == "int8_t" else f"({qualifier}int8_t *){place.base}"
    there = f"{start} + {place.offset}" if place.offset else start
    return there if place.ctype == "int8_t" else f"({qualifier}{place.ctype} *)({qualifier}void *)({there})"


def row_text(place: Place, program: Program, row: str = "y") -> str:
    """Where one row lies of what takes rows; all of it where it is whole."""
    there = place_text(place, program)
    if not place.row_bytes:
        return there
    length = place.row_bytes // int(np.dtype(place.ctype.removesuffix("_t")).itemsize)
    return f"{there} + {f'ea_ring({row}, {place.kept})' if place.kept else row} * {length}"


def step_text(step: Step, program: Program) -> str:
    """The C of one step."""
    match step:
        case Call():
            arguments = (*(row_text(place, program) for place in places(step)),)
            return f"    {step.function}({', '.join((params_text(step), *arguments))});\n"
        case RowLoop():
            return row_loop_text(step, program)
        case Move():
            output, source = (place_text(as_bytes(place), program) for place in (step.output, step.source))
            return f"    memcpy({output}, {source}, {step.size});\n"
        case Fill():
            return f"    memset({place_text(as_bytes(step.output), program)}, {step.value}, {step.size});\n"
        case Once():
            raise TypeError("only layers that take turns do anything once")
        case UnitLoop():
            return unit_loop_text(step, partial(place_text, program=program))


def params_text(call: Call) -> str:
    """The address of the numbers that a call takes."""
    return f"&{call.params}" if call.last is None else f"y < {call.last.first} ? &{call.params} : &{call.last.params}"


def turn_text(step: Step, program: Program) -> str:
    """The C of what a layer does in one turn, for row y and those that belong to the turn."""
    match step:
        case Once(row, inner):
            return f"    if (y == {row})\n    {step_text(inner, program)}"
        case RowLoop():
            fills = "".join(turn_text(Once(0, fill), program) for fill in step.fills)
            return fills + row_body_text(step, program)
        case _:
            return step_text(step, program)


def row_loop_text(loop: RowLoop, program: Program) -> str:
    """A call a row."""
    fills = "".join(step_text(fill, program) for fill in loop.fills)
    step = f"y += {loop.together}" if loop.together else "y++"
    body = indent(row_body_text(loop, program), "    ")
    return f"{fills}    for (int32_t y = 0; y < {loop.output_height}; {step}) {{\n{body}    }}\n"


def row_body_text(loop: RowLoop, program: Program) -> str:
    """One call, with what other layers do to the row that it reads and with the rows that it wrote."""
    call = loop.call
    x, _, *scratch = (place_text(place, program) for place in places(call))
    y = row_text(call.output, program)
    window = f"{loop.rows.value}(&{loop.window}, {x}, y, rows)"
    told = (loop.rows.told,) if loop.rows.told else (f"{loop.output_height} - y",) if loop.together else ()
    fetch = f"const int32_t {loop.rows.told} = {window};" if loop.rows.told else f"{window};"
    arguments = ", ".join((params_text(call), "rows", *told, y, *scratch))
    before = "".join(row_before_text(row, program) for row in loop.before)
    after = rows_after_text(loop, program)
    return f"""    const {call.inputs[0].ctype} *rows[{loop.kernel_height}];
    {fetch}
{before}    {call.function}({arguments});
{after}"""


def rows_after_text(loop: RowLoop, program: Program) -> str:
    """What other layers do to the rows that the call wrote: to all at once, or to each."""
    is_whole = loop.given == (loop.together or 1)
    y = "y" if is_whole else "i"
    calls = [row_call(row, row_text(loop.call.output, program, y), program) for row in loop.after]
    if is_whole or not calls:
        return "".join(f"    {call}\n" for call in calls)
    written = f"int32_t i = y; i < y + {loop.together} && i < {loop.output_height}; i++"
    lines = "".join(f"        {call}\n" for call in calls)
    return f"    for ({written}) {{\n{lines}    }}\n"


def row_before_text(row: RowFunction, program: Program) -> str:
    """Another layer makes the row that is read: beside the one that lies there, or in its place."""
    moved = "" if row.output_step else f"    rows[0] = {place_text(row.output, program)};\n"
    return f"    {row_call(row, 'rows[0]', program)}\n{moved}"


def row_call(row: RowFunction, given: str, program: Program) -> str:
    """The call of another layer's function with one row."""
    inputs = (stepped(place_text(place, program), row.input_step) for place in row.inputs)
    output = stepped(place_text(row.output, program), row.output_step)
    return f"{program.name}_row_{row.layer}({', '.join((given, *inputs, output))});"


def stepped(place: str, step: int) -> str:
    """Where something lies for row y."""
    return f"{place} + y * {step}" if step else place
