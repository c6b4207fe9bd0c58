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
    "vectors: 4x10 stride 2": Layer((10, 49, 1), 6, (4, 10), (2, 2), padding="SAME"),
    "vectors: 10x4 stride 2": Layer((49, 10, 1), 6, (10, 4), (2, 2), padding="SAME"),
    "vectors: 3x3 stride 2 over 3 channels": Layer((6, 11, 3), 5, (3, 3), (2, 2), padding="SAME"),
    "vectors: 3x3 over 19 channels, a column beyond the last pair": Layer((4, 9, 19), 4, (3, 3)),
    "vectors: 1x3 dilated": Layer((2, 9, 5), 4, (1, 3), dilations=(1, 3)),
    "vectors: 2x2 padded to the right": Layer((3, 4, 17), 4, (2, 2), padding="SAME"),
    "vectors: 8 filters over 16 channels": Layer((3, 5, 16), 8, activation="RELU6"),
    "vectors: 4 filters over one channel, one pixel": Layer((1, 1, 1), 4),
    "vectors: 12 filters over 5 channels, two pixels": Layer((1, 2, 5), 12, scales=ONE_SCALE),
    "vectors: 8 filters over 7 channels, stride 2": Layer((5, 7, 7), 8, strides=(2, 2)),
    "vectors: 8 filters over 7 channels, stride 3": Layer((5, 9, 7), 8, strides=(3, 3), padding="SAME"),
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
PAIRS = {  # of rows, four channels and four rows of the output at a time, the last channels twice; two columns or one
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
    **{
        f"pairs: {height} rows of {width} columns, {activation}": Layer(
            (height, width, 6), 1, (3, 3), padding="SAME", activation=activation
        )
        for height, width, activation in (
            (1, 2, "NONE"),
            (2, 5, "NONE"),
            (4, 7, "RELU"),
            (5, 3, "NONE"),
            (6, 1, "RELU"),
            (7, 4, "RELU6"),
            (8, 5, "NONE"),
            (9, 6, "RELU_N1_TO_1"),
        )
    },
    **{
        f"pairs: rectified, {rows} rows, strides {strides}": Layer(
            (rows, 6, 11), 1, (3, 3), strides, padding="SAME", activation="RELU", scales=Scales((0.02, 3), None, -128)
        )
        for rows, strides in ((4, (1, 1)), (7, (1, 1)), (5, (2, 2)), (4, (2, 1)), (6, (1, 2)))
    },
    **{
        f"pairs: faint channels, strides {strides}, spread {spread:g}, zero point {zero_point}": Layer(
            (3, 6, 12),
            1,
            (3, 3),
            strides,
            activation="RELU",
            scales=Scales(spread=spread, output_zero_point=zero_point),
        )
        for strides, spread, zero_point in (
            ((1, 1), 1e3, -128),
            ((1, 1), 1e3, 20),
            ((1, 1), 3e4, -128),
            ((2, 2), 1e3, -128),
            ((2, 2), 3e4, -100),
        )
    },
    "pairs: rectified, nothing but the constant": Layer(
        (4, 7, 5), 1, (3, 3), padding="SAME", activation="RELU", values=Values(weight=0)
    ),
    "pairs: rectified, all -128": Layer(
        (4, 7, 5), 1, (3, 3), padding="SAME", activation="RELU", values=Values(weight=-128)
    ),
    "pairs: rectified, all -1": Layer(
        (4, 7, 5), 1, (3, 3), padding="SAME", activation="RELU", values=Values(weight=-1)
    ),
    "pairs: rectified, large bias": Layer((4, 7, 5), 1, (3, 3), activation="RELU", values=Values(bias=1 << 21)),
    "pairs: no activation, stride 2": Layer((6, 9, 7), 1, (3, 3), (2, 2), padding="SAME", values=Values(weight=-128)),
    "pairs: valid, 4 rows": Layer((6, 9, 4), 1, (3, 3)),
    "pairs: valid, 3 rows of one column": Layer((5, 3, 8), 1, (3, 3)),
    "pairs: valid, stride 2, one column": Layer((5, 3, 8), 1, (3, 3), (2, 2)),
    "pairs: valid, stride 2, two columns": Layer((5, 6, 5), 1, (3, 3), (2, 2)),
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
TAPS = {  # of any window, two outputs and four channels at a time
    f"taps: {name}": layer
    for name, layer in {
        "5x5": Layer((6, 7, 9), 1, (5, 5), padding="SAME", activation="RELU6"),
        "5x5 stride 2": Layer((7, 8, 4), 1, (5, 5), (2, 2), padding="SAME"),
        "one row": Layer((2, 9, 6), 1, (1, 9), padding="SAME", activation="RELU"),
        "one column": Layer((9, 2, 5), 1, (9, 1), (2, 1), padding="SAME"),
        "one weight": Layer((3, 4, 7), 1),
        "one weight, stride 3": Layer((4, 7, 4), 1, (1, 1), (3, 3)),
        "dilated": Layer((7, 9, 8), 1, (3, 3), dilations=(1, 3), padding="SAME"),
        "2x2 stride 3": Layer((7, 8, 5), 1, (2, 2), (3, 3), padding="SAME"),
        "as large as the image": Layer((5, 4, 10), 1, (5, 4), scales=ONE_SCALE),
        "larger than the image": Layer((2, 1, 4), 1, (3, 4), padding="SAME"),
        "all -128": Layer((4, 5, 6), 1, (4, 4), padding="SAME", values=Values(weight=-128)),
        "no weight": Layer((4, 5, 6), 1, (2, 3), values=Values(weight=0)),
        "more than it takes": Layer((1, 260, 4), 1, (1, 257)),
    }.items()
}
DEPTHWISE_VECTORS = {  # sixteen channels at a time, nine taps or another odd number
    f"vectors: 3x3 over {channels} channels": Layer((4, 5, channels), 1, (3, 3), padding="SAME", activation="RELU6")
    for channels in (3, 4, 7, 8, 13, 16, 17, 33)
} | {
    "vectors: 3x3 stride 2": Layer((7, 8, 9), 1, (3, 3), (2, 2), padding="SAME"),
    "vectors: 2x5 over 11 channels": Layer((4, 7, 11), 1, (2, 5), padding="SAME"),
    "vectors: dilated": Layer((7, 9, 8), 1, (3, 3), dilations=(2, 2), padding="SAME"),
    "vectors: heavy weights": Layer((4, 5, 8), 1, (3, 3), padding="SAME", values=Values(weight=-127)),
    "vectors: all -128": Layer((4, 5, 8), 1, (3, 3), values=Values(weight=-128)),
    "vectors: 3x3 over narrow image": Layer((3, 2, 8), 1, (3, 3), padding="SAME"),
    "vectors: one tap": Layer((3, 4, 21), 1, (1, 1), scales=ONE_SCALE),
    "vectors: every other column of one tap": Layer((5, 4, 6), 1, (1, 1), (2, 2)),
    "vectors: 5x5, most taps": Layer((6, 7, 18), 1, (5, 5), padding="SAME"),
    "vectors: 6x5, too many taps": Layer((6, 7, 9), 1, (6, 5), padding="SAME"),
    "vectors: 1x5": Layer((3, 9, 10), 1, (1, 5), padding="SAME"),
    "vectors: 5x1": Layer((9, 3, 10), 1, (5, 1), padding="SAME"),
    "vectors: 2x2 padded to the right": Layer((5, 5, 10), 1, (2, 2), padding="SAME"),
    "vectors: stride larger than the kernel": Layer((7, 8, 20), 1, (2, 2), (3, 4), padding="SAME"),
    "vectors: dilated beyond the image": Layer((3, 3, 5), 1, (3, 3), dilations=(10, 10), padding="SAME"),
    "vectors: one kernel over the whole image": Layer((4, 5, 16), 1, (4, 5)),
    "vectors: ties": Layer(
        (4, 7, 16), 1, (3, 3), scales=Scales((1.0, 0), 0.125, 0, spread=None), values=Values(bias=5, weight=1)
    ),
    "vectors: zero points at the ends": Layer(
        (4, 6, 16), 1, (3, 3), padding="SAME", scales=Scales((0.5, -128), None, 127)
    ),
}
VECTOR_PRODUCTS = {
    f"vectors: {units} units of {depth} values": Product((2, depth), units, depth, activation="RELU")
    for units, depth in ((4, 32), (6, 33), (1, 48), (9, 130))
}
TILED_PRODUCTS = {  # of eight units, blocks of four values, four blocks a pass
    f"tiles: {units} units of {depth} values": Product((2, depth), units, depth, scales=Scales(spread=spread))
    for units, depth, spread in (
        (1, 16, None),
        (8, 17, None),
        (9, 20, 4.0),
        (15, 12, 4.0),
        (24, 37, 4.0),
        (3, 64, 4.0),
        (10, 2, None),
        (8, 4, 4.0),
        (16, 7, 4.0),
    )
}
BLOCKS = {  # of one or two pixels and four channels, eight values a pass
    f"blocks: {filters} filters over {channels} channels, {width} wide": Layer((2, width, channels), filters)
    for filters, channels, width in ((3, 1, 3), (6, 2, 2), (4, 6, 5), (7, 7, 1), (8, 11, 3), (10, 15, 4), (2, 521, 3))
} | {
    "blocks: 4x3 over 12 channels": Layer((5, 7, 12), 6, (4, 3), padding="SAME", activation="RELU6"),
    "blocks: heaviest weights": Layer((1, 3, 129), 5, (1, 2), values=Values(weight=127)),
    "blocks: weights as heavy below zero": Layer((1, 3, 129), 5, (1, 2), values=Values(weight=-127)),
    "blocks: all -128": Layer((2, 3, 40), 4, (2, 2), values=Values(weight=-128)),
    "blocks: sums that cannot be told apart": Layer((1, 3, 131), 5, (1, 2), values=Values(weight=-127)),
    "blocks: no weight": Layer((2, 3, 5), 6, values=Values(weight=0)),
    "blocks: no weight, a small range": Layer(
        (2, 3, 5), 6, values=Values(weight=0, bias=40), activation="RELU_N1_TO_1"
    ),
}
BLOCK_PRODUCTS = {
    f"blocks: {units} units of {depth} values": Product((2, depth), units, depth, scales=Scales(spread=spread))
    for units, depth, spread in (
        (1, 8, None),
        (4, 15, 4.0),
        (5, 19, None),
        (7, 22, 4.0),
        (8, 513, 4.0),
        (2, 1031, None),
    )
} | {
    "blocks: heaviest weights": Product((1, 516), 5, 516, values=Values(weight=127)),
    "blocks: weights as heavy below zero": Product((1, 516), 5, 516, values=Values(weight=-127)),
    "blocks: sums that cannot be told apart": Product((1, 517), 5, 517, values=Values(weight=127)),
    "blocks: no weight": Product((2, 5), 6, 5, values=Values(weight=0)),
    "blocks: no weight, one scale": Product((2, 5), 6, 5, scales=ONE_SCALE, values=Values(weight=0)),
}
STRIPS = {  # four channels at a time, the last ones twice
    "strips: stride 3": Layer((5, 11, 5), 1, (3, 3), (2, 3), padding="SAME"),
    "strips: stride 4, beyond the image": Layer((5, 6, 4), 1, (3, 3), (4, 4), padding="SAME"),
    "strips: both dilated": Layer((7, 9, 6), 1, (3, 3), dilations=(2, 2), padding="SAME"),
    "strips: no weight, a small range": Layer(
        (4, 7, 5), 1, (3, 3), values=Values(weight=0, bias=40), activation="RELU_N1_TO_1"
    ),
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

PADS = (((1, 1), (1, 1)), ((0, 1), (0, 0)), ((0, 0), (0, 2)), ((0, 0), (1, 0)), ((1, 0), (0, 0)), ((0, 2), (0, 2)))

CASES: tuple[Case, ...] = (
    *(
        Case(f"convolution: {name}", convolution(layer))
        for name, layer in (CONVOLUTIONS | TILES | WINOGRAD | VECTORS | BLOCKS).items()
    ),
    *(
        Case(f"depthwise convolution: {name}", depthwise(layer))
        for name, layer in (DEPTHWISE | PAIRS | TAPS | DEPTHWISE_VECTORS | STRIPS).items()
    ),
    Case(
        "convolution: winograd: padded far beyond the image",
        padded_convolution(Layer((4, 4, 12), 8, (3, 3)), (0, 0), (7, 14)),
    ),
    *(
        Case(
            f"convolution: {kernel[1]} columns of {channels} channels, padded by {rows} and {columns}, gate {gate}",
            padded_convolution(Layer((3, 4, channels), 6, kernel), rows, columns, gate),
        )
        for kernel, channels in (((1, 1), 5), ((1, 1), 8), ((1, 3), 8))
        for rows, columns in PADS
        for gate in ((), (1, 3, 1, channels), (1, 1, 1, channels))
    ),
    *(
        Case(f"fully connected: {name}", fully_connected(product))
        for name, product in (PRODUCTS | TILED_PRODUCTS | VECTOR_PRODUCTS | BLOCK_PRODUCTS).items()
    ),
)
