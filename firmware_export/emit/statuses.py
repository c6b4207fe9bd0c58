"""What the functions of a network may return."""

from __future__ import annotations

from collections.abc import Iterator

from firmware_export.program import Program

Status = tuple[str, int, str]  # its name behind the network's, its number, and what it says


def status_lines(program: Program, misaligned: str) -> str:
    """The lines of the enum. misaligned: what must be aligned."""
    upper = program.name.upper()
    *others, last = statuses(program, misaligned)
    lines = [status_line(upper, status, ",") for status in others]
    return "".join((*lines, status_line(upper, last, "")))


def status_line(upper: str, status: Status, comma: str) -> str:
    """One of them."""
    name, number, meaning = status
    comment = f" /* {meaning} */" if meaning else ""
    return f"    {upper}_{name} = {number}{comma}{comment}\n"


def statuses(program: Program, misaligned: str) -> Iterator[Status]:
    """Those that this network has; a number says the same in every one."""
    yield "OK", 0, ""
    yield "NULL_POINTER", 1, ""
    yield "MISALIGNED", 2, misaligned
    yield "CORRUPTED", 3, "the weights in flash are not those that were exported"
    if program.memory:
        yield "NOT_RESET", 4, f"{program.name}_reset has to begin a stream"
    if program.feeding:
        yield "NOT_BEGUN", 5, f"{program.name}_begin has to begin an inference"
        yield "TOO_MANY_ROWS", 6, "nothing was taken"
        yield "TOO_FEW_ROWS", 7, "the rest may still be fed"
    if program.guards:
        yield "OVERRUN", 8, "a layer wrote outside its buffers"
