"""Functions from numbers to weights in 0..1, and those of bottlenecks, by their names in configs.

No option of a layer may be called as a function of `keras.layers` is, "add" or "average": Keras' reader of .h5 files
puts the function in its place.
"""

from __future__ import annotations

from keras import ops

SQUASHES = {  # each value by itself
    "sigmoid": ops.sigmoid,  # LOGISTIC: one table
    "hard_sigmoid": ops.hard_sigmoid,  # relu6(x + 3) / 6: a clamp of the layer before it, and MUL
}
GATES = {**SQUASHES, "softmax": ops.softmax}  # softmax over the last axis: the channels share one

ACTIVATIONS = {
    "relu": ops.relu,
    "relu6": ops.relu6,
    "swish": ops.silu,
    "hard_swish": ops.hard_silu,
}
