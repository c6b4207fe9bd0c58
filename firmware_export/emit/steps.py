"""One inference as C: a function a layer, and the calls of them."""

from __future__ import annotations

from firmware_export.program import Call, Fill, Layer, Move, Place, Program, RowLoop, Step, places


def layer_function(layer: Layer, program: Program) -> str:
    """The steps of one op as a function; nothing where there are none."""
    if not layer.steps:
        return ""
    types = {"arena": "int8_t *", "kept": "int8_t *", **{port.name: "int8_t *" for port in program.outputs}}
    parameters = ", ".join(f"{types.get(base, 'const int8_t *')}{base}" for base in buffers(layer, program))
    steps = "".join(step_text(step) for step in layer.steps)
    return f"{layer_comment(layer)}\nEA_LAYER {program.name}_run_{layer.name}({parameters})\n{{\n{steps}}}\n\n"


def layer_call(layer: Layer, program: Program) -> str:
    """The call of one op, and the hook after it."""
    arguments = ", ".join(buffers(layer, program))
    call = f"    {program.name}_run_{layer.name}({arguments});\n" if layer.steps else f"    {layer_comment(layer)}\n"
    after = f'    {program.name.upper()}_AFTER("{layer.name}", {place_text(layer.output)}, {layer.output_bytes});\n'
    return call + after


def layer_comment(layer: Layer) -> str:
    """What the op is, and its shapes."""
    shapes = f"{' '.join(shape_text(shape) for shape in layer.input_shapes[:1])} -> {shape_text(layer.output_shape)}"
    return f"/* {layer.name}: {layer.kind} {shapes} */"


def buffers(layer: Layer, program: Program) -> tuple[str, ...]:
    """The arguments of run, the arena and the state first, that the layer's steps use."""
    used = {place.base for step in layer.steps for place in places(step)}
    return tuple(
        base for base in ("arena", "kept", *(port.name for port in (*program.inputs, *program.outputs))) if base in used
    )


def shape_text(shape: tuple[int, ...]) -> str:
    """1x28x28x16."""
    return "x".join(map(str, shape)) or "scalar"


def place_text(place: Place) -> str:
    """arena + 512."""
    return f"{place.base} + {place.offset}" if place.offset else place.base


def step_text(step: Step) -> str:
    """The C of one step."""
    match step:
        case Call():
            arguments = (f"&{step.params}", *map(place_text, (*step.inputs, step.output)), *scratch_text(step))
            return f"    {step.function}({', '.join(arguments)});\n"
        case RowLoop():
            return row_loop_text(step)
        case Move():
            return f"    memcpy({place_text(step.output)}, {place_text(step.source)}, {step.size});\n"
        case Fill():
            return f"    memset({place_text(step.output)}, {step.value}, {step.size});\n"


def scratch_text(call: Call) -> tuple[str, ...]:
    """The last argument, where there is scratch memory."""
    return () if call.scratch is None else (place_text(call.scratch),)


def row_loop_text(loop: RowLoop) -> str:
    """A call a row."""
    call = loop.call
    x = place_text(call.inputs[0])
    y = f"{place_text(call.output)} + y * {loop.output_row_bytes}"
    window = f"{loop.rows.value}(&{loop.window}, {x}, y, rows)"
    count = "" if loop.rows.value == "ea_window_rows" else "count, "
    fetch = f"{window};" if not count else f"const int32_t count = {window};"
    arguments = ", ".join((f"&{call.params}", "rows", f"{count}{y}", *scratch_text(call)))
    return f"""    for (int32_t y = 0; y < {loop.output_height}; y++) {{
        const int8_t *rows[{loop.kernel_height}];
        {fetch}
        {call.function}({arguments});
    }}
"""
