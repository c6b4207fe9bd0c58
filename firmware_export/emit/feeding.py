"""An input that comes row by row: functions that begin, feed and finish an inference. Nothing for other networks."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.emit.arenas import taken_text
from firmware_export.emit.guards import lay_guards, look_at_guards
from firmware_export.emit.steps import calls_text, place_text, row_text, switch_text, turns_table
from firmware_export.program import Feeding, Program


def feeding_macros(program: Program) -> str:
    """How many rows there are, and how large one is."""
    if program.feeding is None:
        return ""
    upper, feeding = program.name.upper(), program.feeding
    return f"#define {upper}_ROWS {feeding.height}\n#define {upper}_ROW_BYTES {feeding.rows.row_bytes}\n"


def feeding_declarations(program: Program) -> str:
    """The functions, and how they are used."""
    if program.feeding is None:
        return ""
    name, upper = program.name, program.name.upper()
    return f"""
/* One inference whose input comes row by row, as a camera or microphone delivers it: the input is never whole in RAM.
 * begin, feed {upper}_ROWS rows of {upper}_ROW_BYTES bytes in as many calls as you like, then finish. The activations
 * must stay untouched from begin to finish. feed computes all that the rows allow before it returns.
 *
 * next_row: where the next row may be written before it is fed, by a DMA for example: feed(activations,
 * {name}_next_row(activations), 1) then copies nothing. NULL where no row is expected. */
enum {name}_status {name}_begin(void *activations);
{row_type(program)} *{name}_next_row(void *activations);
enum {name}_status {name}_feed(void *activations, const {row_type(program)} *rows, int32_t count);
enum {name}_status {name}_finish(void *activations, {outputs(program)});
"""


def feeding_definitions(program: Program) -> str:
    """The bodies of the functions, and run as a feed of all rows."""
    assert program.feeding is not None
    feeding, name, upper = program.feeding, program.name, program.name.upper()
    go_on = f"    {name}_go_on(arena, feeding);\n" if len(feeding.stream.layers) > 1 else ""
    again = f"    {go_on}" if go_on else ""
    state = f"(struct {name}_feeding *)(void *)({place_text(feeding.state, program)})"
    width = feeding.rows.row_bytes // program.inputs[0].dtype.itemsize
    missing = " || ".join(f"{port.name} == NULL" for port in program.outputs)
    copies = "".join(taken_text(port) for port in program.outputs)
    arguments = ", ".join(port.name for port in program.outputs)
    checks = f"""    if (activations == NULL)
        return {upper}_NULL_POINTER;
    if ((uintptr_t)activations % 16u != 0u)
        return {upper}_MISALIGNED;
"""
    return f"""/* How far an inference has come: in the activations. */
struct {name}_feeding {{
    uint32_t mark; /* between begin and finish */
    int32_t turn;  /* the next one */
    int16_t rows[{len(feeding.stream.layers)}]; /* given, and computed by each layer */
}};

{go_on_definition(program)}enum {name}_status {name}_begin(void *activations)
{{
{checks}    int8_t *const arena = (int8_t *)activations;
    struct {name}_feeding *const feeding = {state};
    memset(feeding, 0, sizeof *feeding);
    feeding->mark = 0x{feeding.mark:08x}u;
{lay_guards(program)}{go_on}    return {upper}_OK;
}}

{row_type(program)} *{name}_next_row(void *activations)
{{
    if (activations == NULL || (uintptr_t)activations % 16u != 0u)
        return NULL;
    int8_t *const arena = (int8_t *)activations;
    const struct {name}_feeding *const feeding = {state};
    const int32_t y = feeding->rows[0];
    if (feeding->mark != 0x{feeding.mark:08x}u || y >= {feeding.height})
        return NULL;
    return {next_row(feeding, program)};
}}

enum {name}_status {name}_feed(void *activations, const {row_type(program)} *rows, int32_t count)
{{
{checks}    int8_t *const arena = (int8_t *)activations;
    struct {name}_feeding *const feeding = {state};
    if (feeding->mark != 0x{feeding.mark:08x}u)
        return {upper}_NOT_BEGUN;
    if (count != 0 && rows == NULL)
        return {upper}_NULL_POINTER;
    if (count < 0 || count > {feeding.height} - feeding->rows[0])
        return {upper}_TOO_MANY_ROWS;
    for (int32_t i = 0; i < count; i++) {{
        {row_type(program)} *const row = {name}_next_row(activations);
        if (rows + i * {width} != row)
            memcpy(row, rows + i * {width}, {feeding.rows.row_bytes});
        feeding->rows[0] = (int16_t)(feeding->rows[0] + 1);
        feeding->turn++;
{again}    }}
{look_at_guards(program)}    return {upper}_OK;
}}

enum {name}_status {name}_finish(void *activations, {outputs(program)})
{{
{checks}    int8_t *const arena = (int8_t *)activations;
    struct {name}_feeding *const feeding = {state};
    if ({missing})
        return {upper}_NULL_POINTER;
    if (feeding->mark != 0x{feeding.mark:08x}u)
        return {upper}_NOT_BEGUN;
    if (feeding->rows[0] < {feeding.height})
        return {upper}_TOO_FEW_ROWS;
    feeding->mark = 0;

{calls_text(program)}
{copies}    return {upper}_OK;
}}

enum {name}_status {name}_run(void *activations, const {row_type(program)} *input, {outputs(program)})
{{
    if (input == NULL || {missing})
        return {upper}_NULL_POINTER;
    const enum {name}_status begun = {name}_begin(activations);
    if (begun != {upper}_OK)
        return begun;
    const enum {name}_status fed = {name}_feed(activations, input, {feeding.height});
    return fed == {upper}_OK ? {name}_finish(activations, {arguments}) : fed;
}}

"""


def go_on_definition(program: Program) -> str:
    """What the rows allow that have come; nothing where no layer can do anything before the last one has."""
    assert program.feeding is not None
    stream, name = program.feeding.stream, program.name
    if len(stream.layers) == 1:
        return ""
    table = turns_table(stream, "    ")
    switch = switch_text("turns[feeding->turn]", stream.layers, program, "        ")
    return f"""/* Depth first: each turn computes the next rows of the layer that it names; 0 waits for a row. */
static void {name}_go_on(int8_t *arena, struct {name}_feeding *feeding)
{{
{table}    int16_t *const rows = feeding->rows;
    for (; feeding->turn < (int32_t)sizeof turns && turns[feeding->turn] != 0; feeding->turn++) {{
{switch}    }}
}}

"""


def next_row(feeding: Feeding, program: Program) -> str:
    """Where row y of the input goes."""
    return row_text(replace(feeding.rows, ctype=row_type(program)), program)


def row_type(program: Program) -> str:
    """What the rows of the input consist of."""
    return program.inputs[0].ctype


def outputs(program: Program) -> str:
    """The parameters that take the outputs."""
    return ", ".join(f"{port.ctype} *{port.name}" for port in program.outputs)
