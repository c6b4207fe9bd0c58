"""Functions from numbers to weights, and those of bottlenecks, by their names in configs.

No option of a layer may be called as a function of `keras.layers` is, "add" or "average": Keras' reader of .h5 files
puts the function in its place.
"""

from __future__ import annotations

from typing import Any

from keras import ops

SQUASHES = {  # each value by itself
    "sigmoid": ops.sigmoid,  # LOGISTIC: one table
    "hard_sigmoid": ops.hard_sigmoid,  # relu6(x + 3) / 6: a clamp of the layer before it, and MUL
}


def scaled_softmax(x: Any) -> Any:
    """The softmax times the number of channels: they share as many ones as they are, and the mean gate is 1.

    SOFTMAX in int8 counts in steps of 1/256, of which a channel of 48 has five. These are EXP, MEAN and LOG, whose
    ranges are learned: exp(s - log(mean(exp(s)))), s = x - max(x).
    """
    shifted = x - ops.max(x, axis=-1, keepdims=True)
    return ops.exp(shifted - ops.log(ops.mean(ops.exp(shifted), axis=-1, keepdims=True)))


GATES = {
    **SQUASHES,
    "softmax": ops.softmax,  # over the last axis: the channels share one
    "scaled_softmax": scaled_softmax,
}

ACTIVATIONS = {
    "relu": ops.relu,
    "relu6": ops.relu6,
    "swish": ops.silu,
    "hard_swish": ops.hard_silu,
}
