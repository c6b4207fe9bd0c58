"""Let a convolution do the padding before it."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import Conv2D, DepthwiseConv2D, Graph, Op, Pad, Window


def fold_padding(graph: Graph) -> Graph:
    """Before: PAD of rows and columns, read by one convolution. After: the convolution's window reaches outside.

    Exact where PAD writes zero points and keeps the quantisation: outside the image a window reads zero points.
    """
    pads = {op.outputs[0]: op for op in graph.ops if is_foldable(op, graph)}
    ops = tuple(folded(op, pads) for op in graph.ops if op.outputs[0] not in pads)
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name not in pads}
    return replace(graph, ops=ops, tensors=tensors)


def is_foldable(op: Op, graph: Graph) -> bool:
    """Whether a convolution alone reads a PAD that surrounds its image by zero points."""
    if not isinstance(op.attrs, Pad) or op.outputs[0] in graph.results:
        return False
    x, padded = graph.of((*op.inputs, *op.outputs))
    readers = graph.consumers(padded.name)
    return (
        len(readers) == 1
        and isinstance(readers[0].attrs, Conv2D | DepthwiseConv2D)
        and (op.attrs.padding[0], op.attrs.padding[3:]) == ((0, 0), ((0, 0),))
        and x.quant == padded.quant
        and op.attrs.value == padded.zero_point
    )


def folded(op: Op, pads: dict[str, Op]) -> Op:
    """The op, and where it reads one of the paddings, the padding with it."""
    if not isinstance(op.attrs, Conv2D | DepthwiseConv2D) or op.inputs[0] not in pads:
        return op
    pad = pads[op.inputs[0]]
    assert isinstance(pad.attrs, Pad)
    attrs = replace(op.attrs, window=widened(op.attrs.window, pad.attrs))
    return replace(op, attrs=attrs, inputs=(*pad.inputs, *op.inputs[1:]))


def widened(window: Window, pad: Pad) -> Window:
    """The window over the image without its padding."""
    above, left = (low for low, _ in pad.padding[1:3])
    return replace(window, before=(window.before[0] + above, window.before[1] + left))
