"""More functions of one value: of int8 by a table, of float32 between DEQUANTIZE and QUANTIZE as they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from firmware_export import function_tables
from firmware_export.errors import UnsupportedOp
from firmware_export.interpreter.evaluate import Array, evaluate
from firmware_export.ir import (
    Abs,
    Cos,
    DType,
    Exp,
    Floor,
    Gelu,
    LeakyRelu,
    Log,
    Neg,
    Rsqrt,
    Sign,
    Sin,
    Sqrt,
    Square,
    Tensor,
)
from firmware_export.lookup_tables import look_up, of_each
from firmware_export.op_parameters import CALIBRATE, affine, refuse_far_scales
from firmware_export.quantised_math import Affine, Int8

FEWEST_BITS = -11  # of RSQRT's shift: below it the reference shifts by more bits than an int32 has
TABLES: dict[type, Callable[[Affine, Affine], Int8]] = {
    Exp: function_tables.exp_table,
    Log: function_tables.log_table,
    Sqrt: function_tables.sqrt_table,
    Rsqrt: function_tables.rsqrt_table,
    Abs: function_tables.abs_table,
}
FLOATS: dict[type, Callable[[Array], Array]] = {
    Neg: np.negative,
    Square: np.square,
    Sin: lambda x: of_each("sinf", x),
    Cos: lambda x: of_each("cosf", x),
    Floor: np.floor,
    Sign: np.sign,
}


@evaluate.register
def _(attrs: Exp | Log | Sqrt | Rsqrt | Abs, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    x, output = map(affine, tensors)
    check_scales(attrs, x, tensors[-1])
    return look_up(arrays[0], TABLES[type(attrs)](x, output))


@evaluate.register
def _(attrs: Gelu, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    table = function_tables.approximate_gelu_table if attrs.approximate else function_tables.gelu_table
    return look_up(arrays[0], table(*map(affine, tensors)))


@evaluate.register
def _(attrs: LeakyRelu, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    x, output = map(affine, tensors)
    shifts = (shift for _, shift in function_tables.leaky_relu_scaling(x, output, attrs.alpha))
    refuse_far_scales(tensors[-1], *shifts)
    return look_up(arrays[0], function_tables.leaky_relu_table(x, output, attrs.alpha))


@evaluate.register
def _(attrs: Neg | Square | Sin | Cos | Floor | Sign, tensors: tuple[Tensor, ...], arrays: tuple[Array, ...]) -> Array:
    if tensors[0].dtype is DType.FLOAT32:
        with np.errstate(over="ignore"):
            return FLOATS[type(attrs)](arrays[0])
    return look_up(arrays[0], function_tables.neg_table())


def check_scales(attrs: Exp | Log | Sqrt | Rsqrt | Abs, x: Affine, output: Tensor) -> None:
    """Raise UnsupportedOp where the reference is undefined."""
    match attrs:
        case Abs():
            refuse_far_scales(output, function_tables.abs_scaling(x, affine(output))[1])
        case Sqrt():
            steps = (256 * x.scale) ** 0.5 / output.scale
            refuse_far_scales(output, 0 if steps < 2.0**30 else 32)
        case Rsqrt():
            _, shift = function_tables.rsqrt_scaling(x, affine(output))
            refuse_far_scales(output, shift - function_tables.FINER)
            if shift < FEWEST_BITS:
                raise UnsupportedOp(f"layer {output.name!r}: RSQRT to a scale of {output.scale:g}: {CALIBRATE}")
        case Exp() | Log():
            pass
