"""What no microcontroller can hold is refused before it is proved byte for byte."""

from __future__ import annotations

from firmware_export.errors import DoesNotFit
from firmware_export.ir import Graph
from firmware_export.memory.buffers import Plan

MOST_BYTES = 1 << 26  # of the arena, inputs and outputs together
MOST_PORTS = 120  # a C function is sure to take 127 arguments
MOST_TRAFFIC = 1 << 32  # bytes that all ops read and write: the proof looks at each


def check_size(graph: Graph, plan: Plan) -> None:
    """Raise DoesNotFit where the network is beyond any microcontroller."""
    ports = graph.of((*graph.inputs, *graph.outputs))
    if len(ports) > MOST_PORTS:
        raise DoesNotFit(f"{graph.name} has {len(ports)} inputs and outputs: {MOST_PORTS} is the limit")
    total = plan.total + sum(tensor.nbytes for tensor in graph.of((*graph.given, *graph.outputs)))
    if total > MOST_BYTES:
        raise DoesNotFit(
            f"{graph.name} needs {total} bytes of RAM, which no microcontroller has: make its input smaller"
        )
    traffic = sum(tensor.nbytes for op in graph.ops for tensor in graph.of((*op.inputs, *op.outputs)))
    if traffic > MOST_TRAFFIC:
        raise DoesNotFit(f"{graph.name} moves {traffic} bytes in one run: no microcontroller has the time")
