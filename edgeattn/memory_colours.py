"""Colours of buffers, the same in the terminal and in pictures; black text reads well on each."""

from __future__ import annotations

from firmware_export import PlacedBuffer, Timeline

STRONG = ("#f28e2b", "#4e9fd1", "#59a14f", "#edc948", "#e15759", "#b07aa1", "#76b7b2", "#ff9da7")  # at the peak
PALE = ("#c6dbef", "#c7e9c0", "#fdd0a2", "#dadaeb", "#d9d9d9", "#fde0dd", "#ccece6", "#fff2ae")


def colours_of(timeline: Timeline) -> dict[PlacedBuffer, str]:
    """Strong ones for those in use at the peak, pale ones for the others."""
    peak = timeline.alive_at_peak
    others = [buffer for buffer in timeline.buffers if buffer not in peak]
    return {
        **{buffer: STRONG[index % len(STRONG)] for index, buffer in enumerate(peak)},
        **{buffer: PALE[index % len(PALE)] for index, buffer in enumerate(others)},
    }
