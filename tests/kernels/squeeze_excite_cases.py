"""Squeezes and excitations in the row loops of the ops around them: spellings, sizes, scales."""

from __future__ import annotations

from firmware_export.quantised_math import Affine
from tests.kernels.case import Case
from tests.kernels.squeeze_excite_models import Block, Gates, gated, squeeze_excite

SIZES = (  # height, width, channels
    *((1, 2, 1), (2, 1, 3), (3, 5, 4), (4, 2, 5), (2, 3, 7), (5, 7, 8), (1, 9, 17), (6, 1, 16)),
    *((1, 130, 4), (2, 259, 9)),
)
SPELLINGS = {
    "MEAN keeping its axes, 1 x 1 convolutions": Block(keeps=True, dense=False),
    "MEAN reshaped": Block(dense=False),
    "AVERAGE_POOL_2D": Block(squeezes=("AVERAGE_POOL_2D",), dense=False),
    "AVERAGE_POOL_2D reshaped": Block(squeezes=("AVERAGE_POOL_2D",)),
    "REDUCE_MAX": Block(squeezes=("REDUCE_MAX",)),
    "MAX_POOL_2D": Block(squeezes=("MAX_POOL_2D",), dense=False),
    "both squeezes, as CBAM": Block(squeezes=("AVERAGE_POOL_2D", "REDUCE_MAX")),
    "the gate first": Block(gate_first=True),
    "a hard sigmoid": Block(gate="HARD_SIGMOID"),
    "a softmax gate": Block(gate="SOFTMAX"),
    "x of a convolution": Block(producer="CONV_2D"),
    "x of a pool": Block(producer="MAX_POOL_2D"),
    "x is the network's input": Block(producer=None),
    "x is read later": Block(x_is_read_later=True),
    "a reader of every other row": Block(strides=(2, 2)),
    "a reader of every other row of x that is read later": Block(strides=(2, 1), x_is_read_later=True),
    "a reader with a kernel of one row": Block(reader=(1, 3)),
    "a reader with a kernel of three rows": Block(reader=(3, 3)),
    "a reader and a producer of many columns": Block((4, 13, 16), producer="CONV_2D", reader=(3, 3)),
    "a reader of many columns of x that is read later": Block((5, 9, 8), reader=(3, 3), x_is_read_later=True),
    "a product that is the network's output": Block(reader=None),
    "a clipped product": Block(activation="RELU"),
}
SCALES = (  # of x, of the product
    (Affine(0.05, -128), Affine(0.05, -128)),  # their quotient is 1: products lie on halves
    (Affine(0.05, 127), Affine(0.025, 127)),
    (Affine(0.0235, 3), Affine(0.0117, -7)),
    (Affine(1.0, 0), Affine(0.5, 0)),
    (Affine(0.001, 0), Affine(0.0032, 100)),
    (Affine(0.05, -1), Affine(0.03, -128)),
    (Affine(0.01, 64), Affine(0.07, 0)),  # few steps are left
    (Affine(0.05, 5), Affine(12.0, 0)),  # every product is 0
    (Affine(4.0, 5), Affine(0.01, 0)),  # finer than the gate: MUL stays an op
)
ABOVE_ZERO = Affine(0.05, -128)  # x of a relu: a gate scales it along a line
LINES = (  # height, width, channels; the product
    *(((3, 1 + channels % 3, channels), Affine(0.02, -128)) for channels in range(1, 10)),
    ((2, 9, 16), Affine(0.05 / 2.3, -128)),  # 6 to 10 bits to the right
    ((2, 9, 16), Affine(0.05 * 0.6, -128)),
    ((2, 9, 16), Affine(0.05 * 1.3, -5)),
    ((2, 9, 16), Affine(0.05 * 3.1, 127)),
    ((2, 9, 16), Affine(0.05 * 6.7, 3)),
    ((2, 9, 16), Affine(0.05 * 12.9, -120)),
    ((2, 9, 16), Affine(0.05 / 4.7, -128)),  # one bit less: not along a line
)

GATES = {
    "of positions": Gates(((1, 5, 6, 1),)),
    "of rows": Gates(((1, 5, 1, 1),)),
    "of columns": Gates(((1, 1, 6, 1),)),
    "of all": Gates(((1, 1, 1, 1),)),
    "a scalar": Gates(((),)),
    "of rows and channels": Gates(((1, 5, 1, 8),)),
    "of columns and channels": Gates(((6, 8),)),
    "of rows, then of columns": Gates(((1, 5, 1, 8), (1, 1, 6, 8))),
    "of rows, then of columns, of every other row": Gates(((1, 5, 1, 8), (1, 1, 6, 8)), strides=(2, 2)),
    "of channels, then of positions, of x that is read later": Gates(((8,), (1, 5, 6, 1)), x_is_read_later=True),
    "three, of every other row of x that is read later": Gates(
        ((8,), (1, 5, 6, 1), (1, 1, 6, 8)), strides=(2, 1), x_is_read_later=True
    ),
    "of one row that is read later": Gates(((8,), (1, 1, 6, 1)), size=(1, 6, 8), x_is_read_later=True),
    "of one row": Gates(((1, 6, 1),), size=(1, 6, 8)),
    "of one column": Gates(((5, 1, 1), (1, 1, 3)), size=(5, 1, 3)),
}

CASES = (
    *(Case(f"gates {name}", gated(gates), index) for index, (name, gates) in enumerate(GATES.items())),
    *(Case(name, squeeze_excite(block), index) for index, (name, block) in enumerate(SPELLINGS.items())),
    *(Case(f"of {size}", squeeze_excite(Block(size)), index) for index, size in enumerate(SIZES)),
    *(
        Case(
            f"AVERAGE and MAX of {size}",
            squeeze_excite(Block(size, squeezes=("AVERAGE_POOL_2D", "MAX_POOL_2D"))),
            index,
        )
        for index, size in enumerate(SIZES)
    ),
    *(
        Case(f"{x} to {product}", squeeze_excite(Block((5, 9, 16), x=x, product=product)), index)
        for index, (x, product) in enumerate(SCALES)
    ),
    *(
        Case(f"a line of {size} to {product}", squeeze_excite(Block(size, x=ABOVE_ZERO, product=product)), index)
        for index, (size, product) in enumerate(LINES)
    ),
    *(
        Case(
            f"a line of {channels} channels of x that is read later",
            squeeze_excite(Block((3, 5, channels), x=ABOVE_ZERO, product=ABOVE_ZERO, x_is_read_later=True)),
            channels,
        )
        for channels in (3, 4, 7, 8)
    ),
    *(
        Case(f"a line under {gate}", squeeze_excite(Block((3, 5, 7), x=ABOVE_ZERO, product=ABOVE_ZERO, gate=gate)))
        for gate in ("HARD_SIGMOID", "SOFTMAX", "TANH")
    ),
)
