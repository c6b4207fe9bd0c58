"""What every graph between two passes promises."""

from __future__ import annotations

from firmware_export.errors import ModelError
from firmware_export.ir import Graph


def verify(graph: Graph) -> None:
    """Check that names exist, ops stand after what they read, and no tensor is written twice.

    Raises ModelError: a file can break this as well as a pass.
    """
    ready = {name for name, tensor in graph.tensors.items() if tensor.data is not None} | set(graph.given)
    check(len(set(graph.given)) == len(graph.given), "an input is listed twice")
    check(bool(graph.inputs and graph.outputs), "it has no input or no output")
    check(
        all(graph.tensors[name].data is None for name in graph.given if name in graph.tensors), "an input is constant"
    )
    for op in graph.ops:
        for name in (*op.inputs, *op.outputs):
            check(name in graph.tensors, f"layer {op.name!r} names a tensor that does not exist: {name!r}")
        for name in op.inputs:
            check(name in ready, f"layer {op.name!r} reads {name!r} before it is computed")
        for name in op.outputs:
            check(name not in ready, f"layer {op.name!r} writes {name!r}, which already has a value")
            ready.add(name)
    for name in graph.results:
        check(name in ready, f"the output {name!r} is never computed")
    check(len({op.name for op in graph.ops}) == len(graph.ops), "two layers have one name")


def check(condition: bool, what: str) -> None:
    """Raise what is wrong."""
    if not condition:
        raise ModelError(f"the network is damaged: {what}; convert the model again")
