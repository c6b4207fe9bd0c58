"""What is said of a plan of RAM: as sentences, and as plain facts for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from firmware_export import Change, PlacedBuffer, Stretch, Timeline, WhatIf


def memory_facts(timeline: Timeline, advice: Sequence[WhatIf]) -> dict[str, Any]:
    """Plain facts. Keys may join, none leaves."""
    return {
        "activations_bytes": timeline.total,
        "lower_bound_bytes": timeline.bound,
        "peak_bytes": timeline.in_use[timeline.peak],
        "peak_layer": timeline.peak_layer,
        "peak_moment": timeline.peak,
        "moments": len(timeline.turns),
        "buffers": [buffer_dict(buffer) for buffer in timeline.buffers],
        "alive_at_peak": [
            {"name": buffer.name, "bytes": buffer.bytes_at(timeline.peak)} for buffer in timeline.alive_at_peak
        ],
        "streams": [stream_dict(stream, timeline) for stream in timeline.streams],
        "advice": [advice_dict(one) for one in advice],
    }


def buffer_dict(buffer: PlacedBuffer) -> dict[str, Any]:
    """One buffer; `first` is -1 where it is there before the first turn."""
    return {
        "name": buffer.name,
        "layer": buffer.layer,
        "role": buffer.role.value,
        "offset": buffer.offset,
        "bytes": buffer.size,
        "rows_kept": buffer.rows_kept,
        "rows": buffer.rows,
        "first": buffer.first,
        "last": buffer.last,
    }


def stream_dict(stream: Stretch, timeline: Timeline) -> dict[str, Any]:
    """Layers that take turns; rows a turn, 0 for all."""
    return {
        "first": stream.first,
        "last": stream.last,
        "layers": [
            {"name": layer, "rows_a_turn": rows} for layer, rows in zip(stream.layers, stream.rows, strict=True)
        ],
        "rings": [
            {"name": ring.name, "rows_kept": ring.rows_kept, "rows": ring.rows} for ring in rings_of(stream, timeline)
        ],
    }


def advice_dict(one: WhatIf) -> dict[str, Any]:
    """A change, and what the network takes with it."""
    return {
        "change": one.change.value,
        "layer": one.layer,
        "before": list(one.before),
        "after": list(one.after),
        "activations_bytes": one.activations_bytes,
        "ram_bytes": one.ram_bytes,
    }


def rings_of(stream: Stretch, timeline: Timeline) -> list[PlacedBuffer]:
    """The buffers of a stream that keep some of their rows."""
    return [buffer for buffer in timeline.buffers if buffer.is_ring and buffer.layer in stream.layers]


def plan_texts(timeline: Timeline) -> Iterator[str]:
    """What is said of a plan: how good it is, when most is in use, who runs depth first."""
    yield peak_text(timeline)
    yield moment_text(timeline)
    if shared := shared_bytes(timeline):
        yield f"{shared:,} B of that are two buffers' at once: written where they are read for the last time"
    yield from stream_texts(timeline)


def peak_text(timeline: Timeline) -> str:
    """How large the plan is, and whether a smaller one could be."""
    claim = f"peak {timeline.total:,} B, lower bound {timeline.bound:,} B"
    if timeline.total <= timeline.bound:
        return f"{claim}: optimal for these turns"
    over = timeline.total / timeline.bound - 1
    return f"{claim}: within {max(over, 0.001):.1%} of the bound"


def moment_text(timeline: Timeline) -> str:
    """When most is in use."""
    moments, used = len(timeline.turns), timeline.in_use[timeline.peak]
    gaps = timeline.total - used
    lost = f", and {gaps:,} B are lost in gaps between buffers" if gaps else ""
    return f"most is in use while {timeline.peak_layer} runs (turn {timeline.peak + 1} of {moments}): {used:,} B{lost}"


def stream_texts(timeline: Timeline) -> Iterator[str]:
    """Which layers run depth first, and how many rows each ring keeps."""
    for number, stream in enumerate(timeline.streams, start=1):
        yield f"stream {number}: {len(stream.layers)} layers run depth first, row by row: {' > '.join(stream.layers)}"
        rings = rings_of(stream, timeline)
        if rings:
            kept = ", ".join(f"{ring.name} {ring.rows_kept} of {ring.rows}" for ring in rings)
            yield f"rows kept in stream {number}: {kept}"


def shared_bytes(timeline: Timeline) -> int:
    """Bytes that two buffers at the peak share: one is written where the other is read for the last time."""
    return sum(buffer.bytes_at(timeline.peak) for buffer in timeline.alive_at_peak) - timeline.in_use[timeline.peak]


def rows_text(buffer: PlacedBuffer) -> str:
    """The rows that a buffer keeps."""
    return f"{buffer.rows_kept} of {buffer.rows}" if buffer.rows > 1 else ""


def advice_texts(advice: Sequence[WhatIf], *, ram_bytes: int) -> Iterator[str]:
    """What each change would bring, beside the bytes that the network takes now, inputs and outputs included."""
    for one in advice:
        less = ram_bytes - one.ram_bytes
        effect = f"{less:,} B less" if less > 0 else f"{-less:,} B more" if less else "no less"
        outside = one.ram_bytes - one.activations_bytes
        ports = f"and {outside:,} B of input and output" if outside else "with input and output in them"
        yield f"{change_text(one)}: {one.activations_bytes:,} B of activations {ports}, {effect} in all"


def change_text(one: WhatIf) -> str:
    """What is changed."""
    before, after = ("x".join(map(str, sides)) for sides in (one.before, one.after))
    match one.change:
        case Change.OPTIMIZE_RAM:
            return "-O ram"
        case Change.HALF_CHANNELS:
            return f"half the channels of {one.layer} ({before} -> {after})"
        case Change.STRIDE_TWO:
            return f"a stride of 2 already in {one.layer} (output {before} -> {after})"
        case Change.HALF_INPUT:
            return f"an input of half the sides ({before} -> {after})"
