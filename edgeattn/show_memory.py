"""A plan of RAM for people: a map of the activations over time, and what would lower its peak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from edgeattn.memory_axis import Axis, axis_of
from edgeattn.memory_colours import colours_of
from edgeattn.memory_facts import change_text, plan_texts, rows_text
from edgeattn.show import Column, table_of
from firmware_export import PlacedBuffer, Timeline, WhatIf

HEIGHT = 16  # lines of the map
LABEL = 9  # columns before it
WIDEST = 150
FIXED = "\N{NO-BREAK SPACE}"
OTHER = "\N{MIDDLE DOT}"  # a buffer that has no letter of its own
COLUMNS: tuple[Column, ...] = (
    ("", "left"),
    ("in use at the peak", "left"),
    ("bytes then", "right"),
    ("buffer", "right"),
    ("offset", "right"),
    ("rows kept", "right"),
    ("turns", "right"),
)
ADVICE_COLUMNS: tuple[Column, ...] = (
    ("change", "left"),
    ("activations", "right"),
    ("in, out", "right"),
    ("both", "right"),
    ("bytes", "right"),
)


@dataclass(frozen=True, eq=False)
class Map:
    """What a map is drawn from: columns of moments, a letter and a colour for each buffer."""

    timeline: Timeline
    axis: Axis
    columns: tuple[int, ...]  # the moment that each shows
    letters: Mapping[PlacedBuffer, str]
    colours: Mapping[PlacedBuffer, str]

    @property
    def peak_column(self) -> int:
        """The column of the peak."""
        return self.columns.index(self.timeline.peak)


def show_memory(timeline: Timeline, advice: Sequence[WhatIf], *, ram_bytes: int, console: Console) -> None:
    """Print the map, who is in use at the peak, who runs depth first, and what would lower the peak."""
    if not timeline.total:
        console.print("no activations: the network needs no RAM but its input and output")
        return
    drawn = map_of(timeline, min(console.width, WIDEST) - LABEL)
    console.print(Text("RAM over time: turns from left to right, bytes of the activations upwards", style="italic"))
    for line in lines_of(drawn):
        console.print(line, no_wrap=True, crop=True)
    console.print(legend_of(drawn))
    console.print(peak_table(drawn))
    for sentence in plan_texts(timeline):
        console.print(escape(sentence), highlight=False)
    if advice:
        console.print(advice_table(timeline, advice, ram_bytes=ram_bytes))


def advice_table(timeline: Timeline, advice: Sequence[WhatIf], *, ram_bytes: int) -> Table:
    """What each change would bring, below what there is."""
    table = table_of(*ADVICE_COLUMNS)
    table.title = "what would lower it, each planned like the network itself"
    table.add_row("as it is", *advice_cells(timeline.total, ram_bytes, 0))
    for one in advice:
        table.add_row(
            escape(change_text(one)), *advice_cells(one.activations_bytes, one.ram_bytes, one.ram_bytes - ram_bytes)
        )
    return table


def advice_cells(activations_bytes: int, ram_bytes: int, more: int) -> tuple[str, ...]:
    """Activations, inputs and outputs outside of them, both, and by how much that is another number."""
    numbers = (activations_bytes, ram_bytes - activations_bytes, ram_bytes)
    return (*(f"{number:,}" for number in numbers), f"{more:+,}" if more else "")


def map_of(timeline: Timeline, width: int) -> Map:
    """The moments that the columns of a map show, the peak among them."""
    axis = axis_of(timeline)
    columns = [axis.moment((column + 0.5) / width) for column in range(width)]
    columns[min(int(axis.middle(timeline.peak) * width), width - 1)] = timeline.peak
    return Map(timeline, axis, tuple(columns), letters_of(timeline), colours_of(timeline))


def letters_of(timeline: Timeline) -> dict[PlacedBuffer, str]:
    """Capitals for those in use at the peak, the largest first; small letters for the largest others, as time goes."""
    peak = timeline.alive_at_peak
    others = [buffer for buffer in timeline.buffers if buffer not in peak]
    largest = sorted(others, key=lambda buffer: -buffer.size)[: len(ascii_lowercase)]
    named = [buffer for buffer in others if buffer in largest]
    letters = dict(zip(named, ascii_lowercase, strict=False)) | dict(zip(peak, ascii_uppercase, strict=False))
    return {buffer: letters.get(buffer, OTHER) for buffer in timeline.buffers}


def lines_of(drawn: Map) -> Iterator[Text]:
    """The map, its top first, then the mark of the peak and the streams."""
    total = drawn.timeline.total
    slices = [(total * line / HEIGHT, total * (line + 1) / HEIGHT) for line in range(HEIGHT)]
    columns = [list(cells(drawn, moment, slices)) for moment in drawn.columns]
    for line in reversed(range(HEIGHT)):
        is_marked = (line + 1) % 4 == 0
        label = f"{total * (line + 1) // HEIGHT:,}" if is_marked else ""
        yield Text.assemble(f"{label:>{LABEL - 2}} |", *(column[line] for column in columns))
    yield Text(f"{'0':>{LABEL - 2}} +" + ruler(drawn))
    yield peak_line(drawn)


def cells(drawn: Map, moment: int, slices: Sequence[tuple[float, float]]) -> Iterator[tuple[str, str]]:
    """Of each slice of the arena at a moment whoever has most of it, where half of it is in use."""
    alive = [(buffer, buffer.blocks_at(moment)) for buffer in drawn.timeline.buffers]
    alive = [(buffer, blocks) for buffer, blocks in alive if len(blocks)]
    for low, high in slices:
        found = [(overlap(blocks, low, high), buffer) for buffer, blocks in alive]
        most, buffer = max(found, key=lambda one: one[0], default=(0.0, None))
        if buffer is None or not most or 2 * sum(size for size, _ in found) < high - low:
            yield " ", ""
            continue
        style = f"black on {drawn.colours[buffer]}"
        yield drawn.letters[buffer], f"bold {style}" if moment == drawn.timeline.peak else style


def overlap(blocks: NDArray[np.int64], low: float, high: float) -> float:
    """How many of the bytes from `low` to `high` lie in blocks."""
    ends = (blocks[:, 0] + blocks[:, 1]).clip(low, high)
    return float((ends - blocks[:, 0].clip(low, high)).sum())


def ruler(drawn: Map) -> str:
    """Where streams begin and end, by number, and the layers between whose names there is room for."""
    text, number = "", 0
    for stretch in drawn.timeline.stretches:
        number += stretch.is_stream
        name = f"stream {number}" if stretch.is_stream else stretch.layers[0]
        places = drawn.axis.start(stretch.first), drawn.axis.end(stretch.last)
        start, end = (round(place * len(drawn.columns)) for place in places)
        text += bracket(name, end - start)
    return text


def bracket(name: str, width: int) -> str:
    """A name in its part of the ruler; dots where it is too long."""
    if width < len(name) + 2:
        return "".ljust(max(width - 1, 0), "-") + "|" * (width > 0)
    return name.center(width - 1, "-") + "|"


def peak_line(drawn: Map) -> Text:
    """The mark below the peak, with its name on the side where there is room."""
    timeline, column = drawn.timeline, drawn.peak_column
    name = f"peak: {timeline.peak_layer}, {timeline.in_use[timeline.peak]:,} B"
    has_room = column + len(name) + 2 <= len(drawn.columns)
    text = f"{'':{column}}^ {name}" if has_room else f"{name} ^".rjust(column + 1)
    return Text(f"{'':{LABEL}}{text}", style="bold")


def peak_table(drawn: Map) -> Table:
    """Who is in use at the peak."""
    table = table_of(*COLUMNS)
    peak = drawn.timeline.peak
    for buffer in drawn.timeline.alive_at_peak:
        letter = Text(drawn.letters[buffer], style=f"black on {drawn.colours[buffer]}")
        numbers = (buffer.bytes_at(peak), buffer.size, buffer.offset)
        turns = f"{max(buffer.first, 0) + 1} to {min(buffer.last + 1, len(drawn.timeline.turns))}"
        table.add_row(letter, escape(buffer.name), *(f"{number:,}" for number in numbers), rows_text(buffer), turns)
    return table


def legend_of(drawn: Map) -> Text:
    """The small letters."""
    named = [(letter, buffer) for buffer, letter in drawn.letters.items() if letter in ascii_lowercase]
    text = Text()
    for letter, buffer in named:
        text.append(letter, style=f"black on {drawn.colours[buffer]}")
        text.append(f" {buffer.name} {buffer.size:,}".replace(" ", FIXED) + "  ")
    return text.append(f"{OTHER}{FIXED}smaller{FIXED}ones" if OTHER in drawn.letters.values() else "")
