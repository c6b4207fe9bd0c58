"""Let the caller give its input row by row."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.errors import UnsupportedOp
from firmware_export.ir import Feed, Graph, Op, Walk
from firmware_export.memory import height_of

MOST_FED = (1 << 15) - 1  # rows: the generated C counts them in 16 bits
FEED = "rows of the input"  # no layer can have this name


def feed_rows(graph: Graph) -> Graph:
    """Before: the one input lies whole in the caller's memory. After: an op writes its rows, one a turn.

    Raises UnsupportedOp where the network has several inputs, or one that is no image of several rows, or remembers.
    """
    images = [name for name in graph.inputs if height_of(graph.tensors[name]) > 1]
    if len(graph.inputs) != 1 or len(images) != 1:
        shapes = ", ".join(str(list(graph.tensors[name].shape)) for name in graph.inputs)
        raise UnsupportedOp(
            f"{graph.name}: rows can be fed to one input of [1, height, width, channels], and this network has "
            f"{shapes}: export it without --feed-rows"
        )
    if height_of(graph.tensors[images[0]]) > MOST_FED:
        raise UnsupportedOp(f"{graph.name}: an input of more than {MOST_FED} rows: export it without --feed-rows")
    if graph.states:
        raise UnsupportedOp(f"{graph.name} remembers, and rows cannot be fed to it: export it without --feed-rows")
    feed = Op(FEED, Feed(), (), (images[0],), walk=Walk.ELEMENTS)
    return replace(graph, ops=(feed, *graph.ops), inputs=())
