"""One inference as statements of C."""

from __future__ import annotations

from firmware_export.program import Call, Layer, Move, Place, Program, RowLoop, Step


def layer_text(layer: Layer, program: Program) -> str:
    """One op: a comment and its steps."""
    shapes = f"{' '.join(shape_text(shape) for shape in layer.input_shapes[:1])} -> {shape_text(layer.output_shape)}"
    steps = "".join(step_text(step) for step in layer.steps)
    after = f'    {program.name.upper()}_AFTER("{layer.name}", {place_text(layer.output)}, {layer.output_bytes});\n'
    return f"    /* {layer.name}: {layer.kind} {shapes} */\n{steps}{after}"


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
