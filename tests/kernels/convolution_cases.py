"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: awkward windows, shapes, scales and biases."""

from __future__ import annotations

from tests.kernels.case import Case
from tests.kernels.convolution_models import (
    Layer,
    Product,
    Scales,
    Values,
    convolution,
    depthwise,
    fully_connected,
    padded_convolution,
)

ONE_SCALE = Scales(spread=None)
HUGE_BIAS = (1 << 31) - 1
FAINT = Scales(gain=3e-8)  # 2^31 becomes 64 steps
LONG = Scales(gain=6e-7, spread=None)  # needs 34 bits
SMALL = Values(bias=9, weight=1)
WRAPS_UP = Values(bias=HUGE_BIAS, bias_sign=1, weight=1)
WRAPS_DOWN = Values(bias=HUGE_BIAS + 1, bias_sign=-1, weight=1)

CONVOLUTIONS = {
    "one pixel, one channel": Layer((1, 1, 1), 1),
    "pointwise": Layer((3, 5, 4), 7),
    "pointwise, odd depth": Layer((2, 3, 9), 5, scales=ONE_SCALE),
    "3x3 same": Layer((5, 7, 3), 4, (3, 3), padding="SAME"),
    "3x3 valid": Layer((5, 7, 3), 4, (3, 3)),
    "3x3 stride 2, odd image": Layer((5, 7, 3), 4, (3, 3), (2, 2), padding="SAME", activation="RELU6"),
    "3x3 stride 2, even image": Layer((6, 6, 3), 4, (3, 3), (2, 2), padding="SAME", activation="RELU"),
    "stride larger than the kernel": Layer((7, 8, 2), 3, (2, 2), (3, 4), padding="SAME"),
    "pointwise with stride": Layer((7, 8, 2), 3, (1, 1), (3, 2), padding="SAME"),
    "strides differ": Layer((9, 8, 2), 3, (4, 2), (1, 3)),
    "row kernel": Layer((4, 9, 2), 3, (1, 5), padding="SAME"),
    "column kernel": Layer((9, 4, 2), 3, (5, 1), padding="SAME"),
    "kernel as large as the image": Layer((4, 5, 3), 6, (4, 5)),
    "kernel larger than the image": Layer((2, 3, 2), 3, (7, 6), padding="SAME"),
    "kernel far larger than one pixel": Layer((1, 1, 3), 2, (9, 9), padding="SAME"),
    "dilated, same": Layer((7, 9, 3), 4, (3, 2), dilations=(2, 3), padding="SAME", activation="RELU_N1_TO_1"),
    "dilated, valid": Layer((7, 9, 3), 4, (3, 2), dilations=(2, 3)),
    "dilated beyond the image": Layer((3, 3, 2), 9, (2, 2), dilations=(10, 10), padding="SAME"),
    "dilated, one channel": Layer((5, 6, 1), 3, (3, 3), dilations=(1, 2), padding="SAME"),
    "two groups": Layer((5, 5, 6), 4, (3, 3), padding="SAME", groups=2),
    "a group for each channel": Layer((4, 5, 3), 6, (3, 3), groups=3),
    "groups, dilated": Layer((6, 5, 4), 4, (2, 2), dilations=(2, 2), padding="SAME", groups=2),
    "zero points at the ends": Layer((4, 4, 3), 5, (3, 3), padding="SAME", scales=Scales((0.5, -128), None, 127)),
    "zero points at the other ends": Layer(
        (4, 4, 3), 5, (3, 3), padding="SAME", scales=Scales((1e-6, 127), None, -128), activation="RELU6"
    ),
    "gain above 1": Layer((5, 6, 1), 4, scales=Scales(gain=3.7), values=SMALL),
    "gain far above 1, overflowing shift": Layer((3, 4, 2), 4, scales=Scales(gain=40000.0)),
    "largest gain": Layer((3, 4, 1), 2, scales=Scales(gain=1.5 * 2**30, spread=None)),
    "gain of exactly 1": Layer((3, 4, 1), 1, scales=Scales((1.0, 0), 1.0, spread=None), values=Values(weight=1)),
    "gain too small to count": Layer((3, 4, 2), 4, scales=Scales(gain=1e-12)),
    "scales of channels far apart": Layer((3, 4, 5), 9, scales=Scales(spread=1e6)),
    "bias at the top": Layer((3, 4, 2), 3, scales=FAINT, values=WRAPS_UP),
    "bias at the bottom": Layer((3, 4, 2), 3, scales=FAINT, values=WRAPS_DOWN),
}
TILES = {  # of two pixels and four channels, blocks of four values, four blocks a pass
    f"tiles: {filters} filters over {channels} channels, {width} wide": Layer((2, width, channels), filters)
    for filters, channels, width in ((1, 16, 2), (4, 17, 1), (5, 20, 3), (8, 12, 4), (9, 31, 5), (12, 64, 7))
} | {
    "tiles: 3x3 over 8 channels": Layer((4, 9, 8), 11, (3, 3), padding="SAME", activation="RELU6"),
    "tiles: rows of many pairs, rests of all": Layer((4, 15, 3), 6, (3, 3), padding="SAME", activation="RELU"),
    "tiles: an odd row of pairs, each inside": Layer((3, 13, 4), 7, (2, 3)),
    "tiles: stride beyond the kernel": Layer((3, 14, 3), 5, (2, 2), (2, 3), padding="SAME"),
    "tiles: kernel wider than the image": Layer((3, 2, 3), 5, (3, 7), padding="SAME"),
    "tiles: dilated over many columns": Layer((5, 14, 5), 6, (3, 2), padding="SAME", dilations=(1, 3)),
    "tiles: 3x3 stride 2 over 5 channels": Layer((5, 9, 5), 4, (3, 3), (2, 2), padding="SAME"),
    "tiles: ties": Layer((1, 8, 3), 9, scales=Scales((1.0, 0), 0.25, 0, spread=None), values=Values(bias=3, weight=1)),
    "tiles: ties of eighths": Layer((1, 8, 3), 9, scales=Scales((1.0, 0), 0.125, 0), values=Values(bias=5, weight=1)),
    "tiles: heavy weights": Layer((1, 6, 60), 6, (1, 3), values=Values(weight=127)),
    "tiles: weights as heavy below zero": Layer((1, 6, 60), 6, (1, 3), values=Values(weight=-127)),
    "tiles: weights too heavy for two sums in one": Layer((1, 3, 520), 2, values=Values(weight=-127)),
}
VECTORS = {  # of two pixels and four channels, blocks of sixteen values, two blocks a pass
    f"vectors: {filters} filters over {channels} channels": Layer((2, 3, channels), filters, activation="RELU")
    for filters, channels in ((4, 15), (2, 32), (4, 33), (7, 48), (8, 65), (3, 96), (4, 130))
} | {
    "vectors: 3x3 over 16 channels": Layer((4, 5, 16), 6, (3, 3), padding="SAME"),
    "vectors: 5x3 dilated": Layer((9, 9, 7), 5, (5, 3), padding="SAME", dilations=(2, 2)),
    "vectors: pointwise stride 2": Layer((5, 6, 19), 4, strides=(2, 2)),
    "vectors: all -128": Layer((2, 3, 40), 4, (2, 2), values=Values(weight=-128)),
}
WINOGRAD = {  # eight columns of four channels, blocks of four values, passes of 16 pairs behind the first
    **{
        f"winograd: {width} columns of {channels} channels, {filters} filters": Layer(
            (3, width, channels), filters, (3, 3), padding="SAME"
        )
        for width, channels, filters in (
            (8, 8, 4),
            (16, 4, 8),
            (7, 16, 7),
            (15, 17, 9),
            (23, 12, 13),
            (24, 33, 6),
            (9, 48, 16),
            (32, 5, 11),
            (40, 3, 8),
        )
    },
    "winograd: valid": Layer((4, 17, 6), 9, (3, 3), activation="RELU6"),
    "winograd: valid, as wide as two windows": Layer((3, 10, 8), 8, (3, 3)),
    "winograd: a row kernel": Layer((2, 16, 12), 8, (1, 3), padding="SAME"),
    "winograd: five rows, stride 2": Layer((9, 16, 4), 8, (5, 3), (2, 1), padding="SAME"),
    "winograd: rows dilated": Layer((7, 16, 4), 8, (3, 3), dilations=(2, 1), padding="SAME"),
    "winograd: heavy weights": Layer((3, 16, 56), 5, (3, 3), padding="SAME", values=Values(weight=127)),
    "winograd: weights as heavy below zero": Layer((3, 16, 56), 5, (3, 3), padding="SAME", values=Values(weight=-127)),
    "winograd: too heavy weights": Layer((3, 8, 64), 5, (3, 3), padding="SAME", values=Values(weight=-127)),
    "winograd: no weight": Layer((3, 16, 8), 8, (3, 3), padding="SAME", values=Values(weight=0)),
    "winograd: ties": Layer(
        (3, 16, 4), 8, (3, 3), scales=Scales((1.0, 0), 0.125, 0, spread=None), values=Values(bias=5, weight=1)
    ),
    "winograd: zero points at the ends": Layer(
        (3, 16, 8), 8, (3, 3), padding="SAME", scales=Scales((0.5, -128), None, 127)
    ),
    "winograd: zero points at the other ends": Layer(
        (3, 16, 8), 8, (3, 3), padding="SAME", scales=Scales((1e-6, 127), None, -128), activation="RELU6"
    ),
}
PAIRS = {  # of columns, four channels at a time, blocks of four outputs
    **{
        f"pairs: {width} columns of {channels} channels": Layer(
            (3, width, channels), 1, (3, 3), padding="SAME", activation="RELU"
        )
        for width, channels in ((1, 4), (2, 5), (3, 8), (4, 7), (5, 6), (6, 4), (8, 9), (11, 4))
    },
    **{
        f"pairs: {width} columns of {channels} channels, stride 2": Layer(
            (4, width, channels), 1, (3, 3), (2, 2), padding="SAME"
        )
        for width, channels in ((1, 4), (2, 5), (3, 8), (4, 7), (5, 6), (6, 4), (12, 9), (13, 4))
    },
    "pairs: valid": Layer((5, 8, 6), 1, (3, 3), activation="RELU6"),
    "pairs: valid, stride 2": Layer((7, 9, 6), 1, (3, 3), (2, 2), scales=ONE_SCALE),
    "pairs: strides differ": Layer((7, 9, 6), 1, (3, 3), (1, 2), padding="SAME"),
    "pairs: all -128": Layer((4, 7, 5), 1, (3, 3), padding="SAME", values=Values(weight=-128)),
    "pairs: all 127": Layer((4, 7, 5), 1, (3, 3), padding="SAME", values=Values(weight=127)),
    "pairs: no weight": Layer((4, 7, 5), 1, (3, 3), padding="SAME", values=Values(weight=0)),
    "pairs: rows dilated": Layer((7, 6, 4), 1, (3, 3), dilations=(2, 1)),
    "pairs: ties": Layer(
        (4, 7, 4), 1, (3, 3), scales=Scales((1.0, 0), 0.125, 0, spread=None), values=Values(bias=5, weight=1)
    ),
    "pairs: a gain above 1": Layer((4, 7, 4), 1, (3, 3), scales=Scales(gain=1.7), values=SMALL),
    "pairs: zero points at the ends": Layer(
        (4, 6, 5), 1, (3, 3), padding="SAME", scales=Scales((0.5, -128), None, 127)
    ),
}
OCTETS = {  # eight channels at a time, the last ones twice
    f"vectors: 3x3 over {channels} channels": Layer((4, 5, channels), 1, (3, 3), padding="SAME", activation="RELU6")
    for channels in (7, 8, 13, 16)
} | {
    "vectors: 3x3 stride 2": Layer((7, 8, 9), 1, (3, 3), (2, 2), padding="SAME"),
    "vectors: 2x5 over 11 channels": Layer((4, 7, 11), 1, (2, 5), padding="SAME"),
    "vectors: dilated": Layer((7, 9, 8), 1, (3, 3), dilations=(2, 2), padding="SAME"),
    "vectors: heavy weights": Layer((4, 5, 8), 1, (3, 3), padding="SAME", values=Values(weight=-127)),
    "vectors: all -128": Layer((4, 5, 8), 1, (3, 3), values=Values(weight=-128)),
    "vectors: 3x3 over narrow image": Layer((3, 2, 8), 1, (3, 3), padding="SAME"),
}
VECTOR_PRODUCTS = {
    f"vectors: {units} units of {depth} values": Product((2, depth), units, depth, activation="RELU")
    for units, depth in ((4, 32), (6, 33), (1, 48), (9, 130))
}
TILED_PRODUCTS = {  # of eight units, blocks of four values, four blocks a pass
    f"tiles: {units} units of {depth} values": Product((2, depth), units, depth, scales=Scales(spread=spread))
    for units, depth, spread in ((1, 16, None), (8, 17, None), (9, 20, 4.0), (15, 12, 4.0), (24, 37, 4.0), (3, 64, 4.0))
}
DEPTHWISE = {
    "one pixel, one channel": Layer((1, 1, 1), 1),
    "3x3 same": Layer((5, 7, 5), 1, (3, 3), padding="SAME", activation="RELU"),
    "3x3 valid, no bias": Layer((5, 7, 3), 1, (3, 3), values=Values(bias=None)),
    "3x3 stride 2, odd image": Layer((5, 7, 4), 1, (3, 3), (2, 2), padding="SAME", activation="RELU6"),
    "3x3 stride 2, even image": Layer((6, 6, 3), 1, (3, 3), (2, 2), padding="SAME"),
    "multiplier 3": Layer((4, 5, 3), 3, (3, 3), padding="SAME"),
    "one channel, multiplier 8": Layer((6, 5, 1), 8, (3, 2), (2, 1)),
    "dilated": Layer((7, 9, 3), 1, (3, 2), dilations=(2, 3), padding="SAME", activation="RELU_N1_TO_1"),
    "dilated, multiplier 2": Layer((7, 9, 3), 2, (2, 3), dilations=(3, 2), scales=ONE_SCALE),
    "dilated beyond the image": Layer((3, 3, 5), 1, (2, 2), dilations=(10, 10), padding="SAME"),
    "row kernel": Layer((3, 9, 2), 1, (1, 5), padding="SAME"),
    "column kernel": Layer((9, 3, 2), 1, (5, 1), padding="SAME"),
    "kernel larger than the image": Layer((2, 3, 3), 1, (7, 6), padding="SAME"),
    "one kernel over the whole image": Layer((4, 5, 6), 1, (4, 5)),
    "stride larger than the kernel": Layer((7, 8, 2), 1, (2, 2), (3, 4), padding="SAME"),
    "zero points at the ends": Layer((4, 4, 3), 1, (3, 3), padding="SAME", scales=Scales((0.5, -128), None, 127)),
    "gain above 1": Layer((5, 6, 3), 1, scales=Scales(gain=2.5), values=SMALL),
    "bias at the top": Layer((3, 4, 2), 1, (2, 2), scales=FAINT, values=WRAPS_UP),
    "bias at the bottom": Layer((3, 4, 2), 1, (2, 2), scales=FAINT, values=WRAPS_DOWN),
}
PRODUCTS = {
    "one by one": Product((1, 1), 1, 1),
    "a scale a unit": Product((1, 17), 5, 17),
    "one scale": Product((1, 17), 5, 17, scales=ONE_SCALE),
    "one scale, one unit": Product((1, 9), 1, 9, scales=ONE_SCALE),
    "no bias": Product((1, 13), 7, 13, values=Values(bias=None)),
    "one scale, no bias": Product((1, 13), 7, 13, scales=ONE_SCALE, values=Values(bias=None), activation="RELU"),
    "three rows": Product((3, 8), 6, 8, activation="RELU6"),
    "image flattened": Product((1, 2, 3, 4), 5, 24, scales=ONE_SCALE),
    "rank 3 in, rank 2 out": Product((2, 3, 5), 4, 5),
    "rank 3 kept": Product((2, 3, 5), 4, 5, (2, 3, 4), scales=ONE_SCALE),
    "rank 4 kept": Product((1, 2, 3, 5), 4, 5, (1, 2, 3, 4), activation="RELU_N1_TO_1"),
    "rank 1 in": Product((11,), 3, 11),
    "zero points at the ends": Product((1, 16), 7, 16, scales=Scales((0.5, -128), None, 127)),
    "zero points at the other ends": Product((1, 16), 7, 16, scales=Scales((1e-6, 127), None, -128, spread=None)),
    "ties": Product((1, 3), 8, 3, scales=Scales((1.0, 0), 0.5, 0, spread=None), values=Values(bias=3, weight=1)),
    "gain above 1": Product((20, 1), 3, 1, scales=Scales(gain=3.7), values=SMALL),
    "gain far above 1": Product((1, 4), 5, 4, scales=Scales(gain=3000.0, spread=None)),
    "gain too small to count": Product((1, 4), 5, 4, scales=Scales(gain=1e-12)),
    "scales of units far apart": Product((1, 6), 9, 6, scales=Scales(spread=1e6)),
    "tiles: ties": Product(
        (3, 3), 9, 3, scales=Scales((1.0, 0), 0.125, 0, spread=None), values=Values(bias=5, weight=1)
    ),
    "tiles: weights too heavy for two sums in one": Product((1, 520), 2, 520, values=Values(weight=-127)),
    "multiplier of more than 31 bits": Product((1, 7), 9, 7, scales=LONG, values=Values(bias=1 << 27)),
}

CASES: tuple[Case, ...] = (
    *(
        Case(f"convolution: {name}", convolution(layer))
        for name, layer in (CONVOLUTIONS | TILES | WINOGRAD | VECTORS).items()
    ),
    Case("convolution: winograd: padded far beyond the image", padded_convolution(Layer((4, 4, 12), 8, (3, 3)), 7, 14)),
    *(Case(f"depthwise convolution: {name}", depthwise(layer)) for name, layer in (DEPTHWISE | PAIRS | OCTETS).items()),
    *(
        Case(f"fully connected: {name}", fully_connected(product))
        for name, product in (PRODUCTS | TILED_PRODUCTS | VECTOR_PRODUCTS).items()
    ),
)
