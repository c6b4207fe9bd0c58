"""What a network that remembers shows beside the others: a struct, a reset, an argument. Nothing for the others."""

from __future__ import annotations

from firmware_export.emit.steps import shape_text, step_text
from firmware_export.emit.text import comment_text
from firmware_export.program import Program


def state_usage(program: Program) -> str:
    """Two lines of the example in the banner."""
    if program.memory is None:
        return ""
    return f" *     struct {program.name}_state state;  one for each stream\n *     {program.name}_reset(&state);\n"


def state_argument(program: Program) -> tuple[str, ...]:
    """The example's argument of run."""
    return () if program.memory is None else ("&state",)


def state_parameter(program: Program) -> tuple[str, ...]:
    """The parameter of run, after the activations."""
    return () if program.memory is None else (f"struct {program.name}_state *state",)


def state_macro(program: Program) -> str:
    """The size of a state."""
    return "" if program.memory is None else f"#define {program.name.upper()}_STATE_BYTES {program.memory.size}\n"


def state_struct(program: Program) -> str:
    """The struct, and what is in it."""
    if program.memory is None:
        return ""
    name, upper = program.name, program.name.upper()
    parts = "".join(
        f' *     byte {part.offset}: {shape_text(part.shape)}, "{comment_text(part.model_name)}"\n'
        for part in program.memory.parts
    )
    return f"""
/* What the network remembers from one inference to the next: one for each stream, kept by you, and reset before the
 * stream's first inference. After a mark it holds:
{parts} */
struct {name}_state {{
    uint32_t words[{upper}_STATE_BYTES / 4];
}};
"""


def state_contract(program: Program) -> str:
    """What run asks of a state."""
    if program.memory is None:
        return ""
    return """
 * state: the same one in each inference of a stream; it alone tells one stream from another."""


def reset_declaration(program: Program) -> str:
    """The function that begins a stream."""
    if program.memory is None:
        return ""
    return f"""
/* Begin a stream, or begin it again: the state holds what the model starts with. */
void {program.name}_reset(struct {program.name}_state *state);
"""


def state_checks(program: Program) -> str:
    """The checks of a state at the border of run."""
    if program.memory is None:
        return ""
    upper = program.name.upper()
    return f"""    if (state == NULL)
        return {upper}_NULL_POINTER;
    if ((uintptr_t)state % 4u != 0u)
        return {upper}_MISALIGNED;
    if (state->words[0] != {mark_text(program)})
        return {upper}_NOT_RESET;
    int8_t *const kept = (int8_t *)state->words;
"""


def reset_definition(program: Program) -> str:
    """The body of the function that begins a stream."""
    if program.memory is None:
        return ""
    steps = "".join(step_text(step, program) for step in program.memory.reset)
    return f"""void {program.name}_reset(struct {program.name}_state *state)
{{
    if (state == NULL)
        return;
    int8_t *const kept = (int8_t *)state->words;
{steps}    state->words[0] = {mark_text(program)};
}}

"""


def mark_text(program: Program) -> str:
    """The first word of a state that was reset."""
    assert program.memory is not None
    return f"0x{program.memory.mark:08x}u"
