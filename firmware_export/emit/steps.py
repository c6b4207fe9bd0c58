"""One inference as C: a function a layer, and the calls of them."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.program import Call, Fill, Layer, Move, Place, Program, RowLoop, Step, places


def layer_function(layer: Layer, program: Program) -> str:
    """The steps of one op as a function; nothing where there are none."""
    if not layer.steps:
        return ""
    parameters = ", ".join(f"{const(base, program)}{program.ctypes[base]} *{base}" for base in buffers(layer, program))
    steps = "".join(step_text(step, program) for step in layer.steps)
    return f"{layer_comment(layer)}\nEA_LAYER {program.name}_run_{layer.name}({parameters})\n{{\n{steps}}}\n\n"


def layer_call(layer: Layer, program: Program) -> str:
    """The call of one op, and the hook after it."""
    arguments = ", ".join(buffers(layer, program))
    call = f"    {program.name}_run_{layer.name}({arguments});\n" if layer.steps else f"    {layer_comment(layer)}\n"
    output = place_text(as_bytes(layer.output), program)
    after = f'    {program.name.upper()}_AFTER("{layer.name}", {output}, {layer.output_bytes});\n'
    return call + after


def layer_comment(layer: Layer) -> str:
    """What the op is, and its shapes."""
    shapes = f"{' '.join(shape_text(shape) for shape in layer.input_shapes[:1])} -> {shape_text(layer.output_shape)}"
    return f"/* {layer.name}: {layer.kind} {shapes} */"


def buffers(layer: Layer, program: Program) -> tuple[str, ...]:
    """The arguments of run, the arena and the state first, that the layer's steps use."""
    used = {place.base for step in layer.steps for place in places(step)}
    return tuple(base for base in ("arena", "kept", *(port.name for port in program.ports)) if base in used)


def shape_text(shape: tuple[int, ...]) -> str:
    """1x28x28x16."""
    return "x".join(map(str, shape)) or "scalar"


def as_bytes(place: Place) -> Place:
    """The same place for what takes bytes."""
    return replace(place, ctype="int8_t")


def const(base: str, program: Program) -> str:
    """What stands before the type where nobody may write."""
    written = {"arena", "kept", *(port.name for port in program.outputs)}
    return "" if base in written else "const "


def place_text(place: Place, program: Program) -> str:
    """arena + 512; offsets are in bytes, so a base of another type is cast before, and the sum after."""
    base, qualifier = program.ctypes[place.base], const(place.base, program)
    if base == place.ctype and not place.offset:
        return place.base
    start = place.base if base == "int8_t" else f"({qualifier}int8_t *){place.base}"
    there = f"{start} + {place.offset}" if place.offset else start
    return there if place.ctype == "int8_t" else f"({qualifier}{place.ctype} *)({qualifier}void *)({there})"


def step_text(step: Step, program: Program) -> str:
    """The C of one step."""
    match step:
        case Call():
            arguments = (*(place_text(place, program) for place in places(step)),)
            return f"    {step.function}({', '.join((f'&{step.params}', *arguments))});\n"
        case RowLoop():
            return row_loop_text(step, program)
        case Move():
            output, source = (place_text(as_bytes(place), program) for place in (step.output, step.source))
            return f"    memcpy({output}, {source}, {step.size});\n"
        case Fill():
            return f"    memset({place_text(as_bytes(step.output), program)}, {step.value}, {step.size});\n"


def row_loop_text(loop: RowLoop, program: Program) -> str:
    """A call a row."""
    call = loop.call
    x, output, *scratch = (place_text(place, program) for place in places(call))
    y = f"{output} + y * {loop.output_row_bytes}"
    window = f"{loop.rows.value}(&{loop.window}, {x}, y, rows)"
    told = (loop.rows.told,) if loop.rows.told else ()
    fetch = f"const int32_t {loop.rows.told} = {window};" if told else f"{window};"
    arguments = ", ".join((f"&{call.params}", "rows", *told, y, *scratch))
    return f"""    for (int32_t y = 0; y < {loop.output_height}; y++) {{
        const int8_t *rows[{loop.kernel_height}];
        {fetch}
        {call.function}({arguments});
    }}
"""
