"""A network with fewer channels or smaller images, as far as planning memory goes: shapes and windows, no weights."""

from __future__ import annotations

from dataclasses import replace

from firmware_export.ir import (
    AveragePool2D,
    Concatenation,
    Conv2D,
    DepthwiseConv2D,
    Excite,
    FullyConnected,
    Graph,
    MaxPool2D,
    Mean,
    Op,
    ReduceMax,
    Reshape,
    SqueezeAverage,
    SqueezeMax,
    SqueezeMean,
    Tensor,
    TransposeConv,
    Walk,
    Window,
)

IMAGE_RANK = 4
WINDOWED = Conv2D | DepthwiseConv2D | AveragePool2D | MaxPool2D
OVER_IMAGES = Mean | ReduceMax | SqueezeAverage | SqueezeMax | SqueezeMean
OWN_CHANNELS = Conv2D | TransposeConv | FullyConnected  # as many channels as they have filters
SAME_CHANNELS = DepthwiseConv2D | AveragePool2D | MaxPool2D | OVER_IMAGES | Excite

Sides = tuple[int, int]  # height and width


class _Unknown(Exception):
    """What becomes of an op is not known here."""


def halve_channels(graph: Graph, tensor: str) -> Graph | None:
    """The network with half as many channels in a tensor, and in all that have as many because it has.

    None where that is not known, and where an input or output would change.
    """
    try:
        alike = _alike(graph, tensor)
    except _Unknown:
        return None
    channels = graph.tensors[tensor].shape[-1] // 2
    if alike & {*graph.given, *graph.results} or not channels:
        return None
    changed = {name: _reshaped(graph.tensors[name], (*graph.tensors[name].shape[:-1], channels)) for name in alike}
    return replace(graph, tensors={**graph.tensors, **changed})


def _alike(graph: Graph, tensor: str) -> set[str]:
    """The tensors that have as many channels because this one has."""
    alike, left = {tensor}, [tensor]
    while left:
        name = left.pop()
        makers = [op for op in graph.ops if name in op.outputs and not isinstance(op.attrs, OWN_CHANNELS)]
        readers = [op for op in graph.consumers(name) if not isinstance(op.attrs, OWN_CHANNELS)]
        for op in (*makers, *readers):
            others = _joined(op, name, graph) - alike
            alike |= others
            left += sorted(others)
    return alike


def _joined(op: Op, name: str, graph: Graph) -> set[str]:
    """The tensors of an op that have as many channels as this one of it."""
    channels = graph.tensors[name].shape[-1]
    tensors = [tensor for tensor in graph.of((*op.inputs, *op.outputs)) if tensor.data is None]
    is_alike = all(tensor.shape[-1:] in ((channels,), (1,)) for tensor in tensors)
    if isinstance(op.attrs, Reshape):
        return _joined_by_reshape(op, name, graph, is_alike=is_alike)
    is_known = isinstance(op.attrs, SAME_CHANNELS) or _is_elementwise(op)
    if not is_known or not is_alike:
        raise _Unknown
    return {tensor.name for tensor in tensors if tensor.shape[-1] == channels}


def _joined_by_reshape(op: Op, name: str, graph: Graph, *, is_alike: bool) -> set[str]:
    if is_alike:
        return {op.inputs[0], op.outputs[0]}
    if name == op.inputs[0] and _is_flattened(op, graph):
        return set()
    raise _Unknown


def _is_elementwise(op: Op) -> bool:
    return op.walk is Walk.ELEMENTS and not isinstance(op.attrs, Concatenation)


def _is_flattened(op: Op, graph: Graph) -> bool:
    """Whether only fully connected ops read what an op reshapes: those take any number of values."""
    readers = graph.consumers(op.outputs[0])
    return bool(readers) and all(isinstance(reader.attrs, FullyConnected) for reader in readers)


def halve_input(graph: Graph) -> Graph | None:
    """The network on an image of half the height and width; None where it has none, or that is not known."""
    images = [name for name in graph.inputs if _is_image(graph.tensors[name])]
    if len(images) != 1 or graph.states:
        return None
    height, width = _sides(graph.tensors[images[0]])
    return _walked(graph, {images[0]: (max(height // 2, 1), max(width // 2, 1))})


def double_stride(graph: Graph, op: Op) -> Graph | None:
    """The network with a stride of 2 in an op that has one of 1; None where that cannot be, or is not known."""
    output = graph.tensors[op.outputs[0]]
    if not isinstance(op.attrs, WINDOWED) or op.attrs.window.stride != (1, 1) or not _is_image(output):
        return None
    before, old = _sides(graph.tensors[op.inputs[0]]), op.attrs.window
    sides = _halves(_sides(output))
    padding = [_strided(old, axis, before[axis], sides[axis], _sides(output)[axis]) for axis in (0, 1)]
    window = replace(old, stride=(2, 2), before=(padding[0], padding[1]))
    strided = replace(op, attrs=replace(op.attrs, window=window))
    made = replace(graph, ops=tuple(strided if one is op else one for one in graph.ops))
    return _walked(made, {output.name: sides})


def _halves(sides: Sides) -> Sides:
    return -(-sides[0] // 2), -(-sides[1] // 2)


def _strided(window: Window, axis: int, before: int, length: int, output: int) -> int:
    """The padding before a window along one axis, once its stride is 2."""
    reach = _reach(window, axis)
    return max((length - 1) * 2 + reach - before, 0) // 2 if output == before else window.before[axis]


def _walked(graph: Graph, begin: dict[str, Sides]) -> Graph | None:
    """The graph with these images as small as told, and what comes of them as small as follows from that."""
    sides = dict(begin)
    ops = []
    try:
        for op in graph.ops:
            ops.append(_follow(op, graph, sides))
    except _Unknown:
        return None
    if any(name in sides for name in graph.outputs):
        return None
    changed = {name: _reshaped(graph.tensors[name], _with_sides(graph.tensors[name], to)) for name, to in sides.items()}
    return replace(graph, tensors={**graph.tensors, **changed}, ops=tuple(ops))


def _follow(op: Op, graph: Graph, sides: dict[str, Sides]) -> Op:
    """Add what an op makes of smaller images; the op with its window."""
    if not any(name in sides for name in op.inputs):
        return op
    output = graph.tensors[op.outputs[0]]
    match op.attrs:
        case AveragePool2D(window=window) | MaxPool2D(window=window) if _is_point(output):
            return _with_window(op, _over_all(window, graph.tensors[op.inputs[0]], sides[op.inputs[0]]))
        case (
            Conv2D(window=window)
            | DepthwiseConv2D(window=window)
            | AveragePool2D(window=window)
            | MaxPool2D(window=window)
        ) if not _is_point(output):
            before, after = _sides(graph.tensors[op.inputs[0]]), sides[op.inputs[0]]
            window, sides[output.name] = _window_on(window, before, after, _sides(output))
            return _with_window(op, window)
        case Excite():
            sides[output.name] = sides[op.inputs[0]]
            return op
    if _needs_no_image(op, graph):
        return op
    if not _is_elementwise(op) or not _is_image(output):
        raise _Unknown
    sides[output.name] = _common(op, graph, sides)
    return op


def _needs_no_image(op: Op, graph: Graph) -> bool:
    """Whether an op makes the same of an image of any size."""
    if isinstance(op.attrs, OVER_IMAGES):
        return _is_point(graph.tensors[op.outputs[0]])
    return isinstance(op.attrs, FullyConnected) or (isinstance(op.attrs, Reshape) and _is_flattened(op, graph))


def _with_window(op: Op, window: Window) -> Op:
    assert isinstance(op.attrs, WINDOWED)
    return replace(op, attrs=replace(op.attrs, window=window))


def _over_all(window: Window, image: Tensor, sides: Sides) -> Window:
    """A pool's window over the whole image is over the whole smaller one."""
    if window.kernel != _sides(image):
        raise _Unknown
    return replace(window, kernel=sides)


def _common(op: Op, graph: Graph, sides: dict[str, Sides]) -> Sides:
    """The height and width of all images that an op takes value by value."""
    images = [tensor for tensor in graph.of(op.inputs) if tensor.data is None and not _is_point(tensor)]
    found = {sides.get(tensor.name) for tensor in images}
    (common,) = found if len(found) == 1 else (None,)
    if common is None:
        raise _Unknown
    return common


def _window_on(window: Window, before: Sides, after: Sides, output: Sides) -> tuple[Window, Sides]:
    """The window over a smaller image, padded by the same rule, and the sides of what it makes."""
    rows = _along(window, 0, before[0], after[0], output[0])
    columns = _along(window, 1, before[1], after[1], output[1])
    return replace(window, before=(rows[0], columns[0])), (rows[1], columns[1])


def _along(window: Window, axis: int, before: int, after: int, output: int) -> tuple[int, int]:
    """Along one axis: the padding before, and the length of the output."""
    stride, reach = window.stride[axis], _reach(window, axis)
    padding = max((output - 1) * stride + reach - before, 0)
    if output == -(-before // stride) and window.before[axis] == padding // 2:  # SAME
        length = -(-after // stride)
        return max((length - 1) * stride + reach - after, 0) // 2, length
    if after + padding < reach:
        raise _Unknown
    return window.before[axis], (after + padding - reach) // stride + 1


def _reach(window: Window, axis: int) -> int:
    return (window.kernel[axis] - 1) * window.dilation[axis] + 1


def _reshaped(tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    return replace(tensor, shape=shape)


def _with_sides(tensor: Tensor, sides: Sides) -> tuple[int, ...]:
    return (tensor.shape[0], *sides, tensor.shape[3])


def _sides(tensor: Tensor) -> Sides:
    return tensor.shape[1], tensor.shape[2]


def _is_image(tensor: Tensor) -> bool:
    return len(tensor.shape) == IMAGE_RANK and tensor.shape[0] == 1 and not _is_point(tensor)


def _is_point(tensor: Tensor) -> bool:
    """Whether a tensor has nothing but channels."""
    return tensor.elements == tensor.shape[-1] if tensor.shape else True
