"""A plan of RAM over time as a picture: SVG, alone or in an HTML page. The same plan gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from edgeattn.memory_axis import Axis, axis_of
from edgeattn.memory_colours import colours_of
from edgeattn.memory_facts import advice_texts, plan_texts, rows_text
from firmware_export import PlacedBuffer, Stretch, Timeline, WhatIf

PLOT_HEIGHT = 420
TOP, BOTTOM, LEFT, RIGHT = 64, 190, 80, 110
NARROWEST, WIDEST = 1000, 4000
STEP = 15  # least width of a stretch, so that labels do not overlap
LETTER = 6.2  # width
TICKS = 8  # at most

STYLE = """\
text { font: 11px sans-serif; fill: #222; }
.title { font-size: 16px; font-weight: bold; }
.buffer { stroke: #555; stroke-width: 0.5; }
.name { pointer-events: none; }
.grid { stroke: #ddd; }
.stream { fill: #eef2f7; stroke: #c3cede; }
.use { fill: none; stroke: #222; stroke-width: 1.5; pointer-events: none; }
.peak { stroke: #c00; stroke-width: 1.5; stroke-dasharray: 5 3; }
.red { fill: #c00; font-weight: bold; }"""


@dataclass(frozen=True, eq=False)
class Plot:
    """Where moments and bytes stand in the picture."""

    timeline: Timeline
    axis: Axis
    width: int

    def x(self, place: float) -> float:
        """From a place on the axis of time."""
        return LEFT + place * self.width

    def y(self, offset: float) -> float:
        """From an offset in the arena: 0 is below."""
        return TOP + PLOT_HEIGHT * (1 - offset / max(self.timeline.total, 1))


def memory_page(timeline: Timeline, advice: Sequence[WhatIf], *, name: str, ram_bytes: int) -> str:
    """The picture in a page of HTML, with all that is said of the plan."""
    said = "\n".join(f"<p>{escape(text)}</p>" for text in plan_texts(timeline))
    changes = "\n".join(f"<li>{escape(text)}</li>" for text in advice_texts(advice, ram_bytes=ram_bytes))
    heading = f"<p>Instead of {ram_bytes:,} B of activations, input and output, each planned like the network:</p>"
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{escape(name)}: RAM over time</title>
<style>body {{ font: 14px sans-serif; margin: 24px; }} svg {{ max-width: 100%; height: auto; }}</style>
</head>
<body>
{memory_svg(timeline, name=name)}
{said}
{f"{heading}<ul>{changes}</ul>" if advice else ""}
</body>
</html>
"""


def memory_svg(timeline: Timeline, *, name: str) -> str:
    """Time to the right, the arena upwards; tooltips tell the name of a buffer, its bytes and its rows."""
    plot = plot_of(timeline)
    width, height = LEFT + plot.width + RIGHT, TOP + PLOT_HEIGHT + BOTTOM
    title = f"{name}: {next(plan_texts(timeline))}"
    parts = (
        *streams(plot),
        *grid(plot),
        *buffers(plot),
        use(plot),
        *names(plot),
        *peak(plot),
        *stretches(plot),
    )
    body = "\n".join(parts)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<style>
{STYLE}
</style>
<rect width="{width}" height="{height}" fill="#fff"/>
<text class="title" x="{LEFT}" y="24">{escape(title)}</text>
{body}
</svg>
"""


def plot_of(timeline: Timeline) -> Plot:
    """As wide as the labels of all stretches need, up to a limit."""
    axis = axis_of(timeline)
    least = min(axis.end(stretch.last) - axis.start(stretch.first) for stretch in timeline.stretches)
    return Plot(timeline, axis, min(max(NARROWEST, round(STEP / least)), WIDEST))


def streams(plot: Plot) -> Iterator[str]:
    """A pale ground where layers run depth first."""
    for number, stream in enumerate(plot.timeline.streams, start=1):
        x, end = plot.x(plot.axis.start(stream.first)), plot.x(plot.axis.end(stream.last))
        told = escape(f"stream {number}, depth first: {turns_text(stream)}")
        yield (
            f'<rect class="stream" x="{x:.1f}" y="{TOP}" width="{end - x:.1f}" height="{PLOT_HEIGHT}">'
            f"<title>{told}</title></rect>"
        )


def turns_text(stream: Stretch) -> str:
    """The layers of a stream with their rows a turn."""
    pairs = zip(stream.layers, stream.rows, strict=True)
    return ", ".join(f"{layer} ({rows or 'all'} rows a turn)" for layer, rows in pairs)


def grid(plot: Plot) -> Iterator[str]:
    """Bytes on the left, and the lower bound."""
    right, total, bound = LEFT + plot.width, plot.timeline.total, plot.timeline.bound
    step = 16
    while step * TICKS < total:
        step *= 2
    for offset in range(0, total + 1, step):
        y = plot.y(offset)
        yield f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{offset:,}</text>'
    for told, offset, dash in (("total", total, "none"), ("bound", bound, "2 3")):
        y = plot.y(offset)
        yield f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#222" stroke-dasharray="{dash}"/>'
        if told == "total" or total - bound > total / 30:
            yield f'<text x="{right + 4}" y="{y + 4:.1f}">{told} {offset:,}</text>'


def buffers(plot: Plot) -> Iterator[str]:
    """Each buffer as one shape: the rows of it while they are in use."""
    colours = colours_of(plot.timeline)
    for buffer in plot.timeline.buffers:
        path = "".join(shape(plot, *block) for block in buffer.blocks.tolist())
        told = escape(told_of(buffer, plot.timeline))
        yield f'<path class="buffer" fill="{colours[buffer]}" d="{path}"><title>{told}</title></path>'


def shape(plot: Plot, offset: int, size: int, first: int, last: int) -> str:
    """A rectangle from a moment to another."""
    x, y = plot.x(plot.axis.start(first)), plot.y(offset + size)
    width, height = plot.x(plot.axis.end(last)) - x, plot.y(offset) - y
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}z"


def told_of(buffer: PlacedBuffer, timeline: Timeline) -> str:
    """What the tooltip says."""
    rows = f", keeps {rows_text(buffer)} rows" if rows_text(buffer) else ""
    then = buffer.bytes_at(timeline.peak)
    at_peak = f", {then:,} B in use at the peak" if then else ""
    return f"{buffer.name}: {buffer.size:,} B at {buffer.offset:,}{rows}{at_peak}"


def names(plot: Plot) -> Iterator[str]:
    """The names of the buffers that are large enough to hold them."""
    for buffer in plot.timeline.buffers:
        x, end = plot.x(plot.axis.start(buffer.first)), plot.x(plot.axis.end(buffer.last))
        y, below = plot.y(buffer.offset + buffer.size), plot.y(buffer.offset)
        if end - x > len(buffer.name) * LETTER and below - y > 12:
            yield (
                f'<text class="name" x="{(x + end) / 2:.1f}" y="{(y + below) / 2 + 4:.1f}" '
                f'text-anchor="middle">{escape(buffer.name)}</text>'
            )


def use(plot: Plot) -> str:
    """A line of the bytes in use over time."""
    steps = "".join(
        f"V{plot.y(used):.1f}H{plot.x(plot.axis.end(moment)):.1f}" for moment, used in enumerate(plot.timeline.in_use)
    )
    return f'<path class="use" d="M{LEFT} {plot.y(0):.1f}{steps}"/>'


def peak(plot: Plot) -> Iterator[str]:
    """The moment of the peak, with the layer that runs then."""
    timeline = plot.timeline
    x = plot.x(plot.axis.middle(timeline.peak))
    anchor = "start" if x < LEFT + plot.width / 2 else "end"
    told = f"peak: {timeline.peak_layer} runs, {timeline.in_use[timeline.peak]:,} B in use (the black line)"
    yield f'<line class="peak" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 10}" y2="{TOP + PLOT_HEIGHT}"/>'
    yield f'<text class="red" x="{x:.1f}" y="{TOP - 14}" text-anchor="{anchor}">{escape(told)}</text>'


def stretches(plot: Plot) -> Iterator[str]:
    """Below the axis of time: whose turn it is."""
    number, y = 0, TOP + PLOT_HEIGHT
    for stretch in plot.timeline.stretches:
        number += stretch.is_stream
        begin, end = plot.x(plot.axis.start(stretch.first)), plot.x(plot.axis.end(stretch.last))
        label = f"stream {number}: {len(stretch.layers)} layers" if stretch.is_stream else stretch.layers[0]
        x = (begin + end) / 2
        yield f'<path d="M{begin:.1f} {y + 6}v-6H{end:.1f}v6" fill="none" stroke="#222"/>'
        yield (
            f'<text x="{x:.1f}" y="{y + 16}" text-anchor="end" '
            f'transform="rotate(-60 {x:.1f} {y + 16})">{escape(shortened(label))}<title>'
            f"{escape(turns_text(stretch))}</title></text>"
        )


def shortened(label: str) -> str:
    """A name that has room below the axis."""
    return label if len(label) <= 30 else f"{label[:29]}\N{HORIZONTAL ELLIPSIS}"
