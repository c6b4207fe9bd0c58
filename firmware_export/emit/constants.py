"""Constant arrays and parameter structs."""

from __future__ import annotations

from firmware_export.program import Address, Const, Params, Program

VALUES_A_LINE = 12


def declaration(const: Const) -> str:
    """The declarator of a constant."""
    return f"const {const.ctype} {const.symbol}[{len(const.values)}]"


def constants(program: Program, storage: str) -> str:
    """Every constant array; `storage` is `static ` where the file is the only one."""
    upper = program.name.upper()
    return "\n".join(
        f"{upper}_ALIGNED {storage}{declaration(const)} {upper}_WEIGHTS_SECTION = {{\n{values(const)}\n}};\n"
        for const in program.consts
    )


def values(const: Const) -> str:
    """Twelve values a line, bytes as hexadecimal."""
    text = HEXADECIMAL.__getitem__ if const.ctype == "int8_t" else integer
    starts = range(0, len(const.values), VALUES_A_LINE)
    lines = (const.values[start : start + VALUES_A_LINE].tolist() for start in starts)
    return "\n".join(f"    {', '.join(map(text, line))}," for line in lines)


def hexadecimal(value: int) -> str:
    """An int8 value that a compiler takes without a warning about its sign."""
    return f"-0x{-value:02x}" if value < 0 else f"0x{value:02x}"


HEXADECIMAL = {value: hexadecimal(value) for value in range(-128, 128)}


def integer(value: int) -> str:
    """A C integer; -2^31 has no literal of its own."""
    return "(-2147483647 - 1)" if value == -(1 << 31) else str(value)


def params_text(params: Params) -> str:
    """One struct of numbers, a field a line."""
    lines = "\n".join(f"    EA_FIELD({name}) {field_text(value)}," for name, value in params.fields)
    return f"static const struct {params.struct} {params.symbol} = {{\n{lines}\n}};\n"


def field_text(value: int | Address | tuple[int, ...]) -> str:
    """A number, the address of an array, or several numbers."""
    match value:
        case Address(symbol, 0):
            return symbol
        case Address(symbol, offset):
            return f"{symbol} + {offset}"
        case tuple():
            return f"{{{', '.join(map(integer, value))}}}"
        case _:
            return integer(value)
