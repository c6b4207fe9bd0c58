"""Constants of the same type and bytes are one array, under the name of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from firmware_export.program import Address, Const, Place, Program

Value = TypeVar("Value")


def share_constants(program: Program) -> Program:
    """Before: each layer has its own arrays. After: equal ones stand in flash once, and every reader names that one."""
    names = first_names(program.consts)
    if not names:
        return program
    return replace(
        program,
        consts=tuple(const for const in program.consts if const.symbol not in names),
        params=renamed(program.params, names),
        layers=renamed(program.layers, names),
        memory=renamed(program.memory, names),
    )


def first_names(consts: Sequence[Const]) -> dict[str, str]:
    """The arrays that another one stands for, and that one."""
    firsts: dict[tuple[str, bytes], str] = {}
    names: dict[str, str] = {}
    for const in consts:
        first = firsts.setdefault((const.ctype, const.values.tobytes()), const.symbol)
        if first != const.symbol:
            names[const.symbol] = first
    return names


def renamed(value: Value, names: Mapping[str, str]) -> Value:
    """The same with other names for some arrays, wherever a pointer or a place names one."""
    done: Any = value
    match value:
        case tuple():
            done = tuple(renamed(part, names) for part in value)
        case Address(symbol):
            done = replace(value, symbol=names.get(symbol, symbol))
        case Place(base):
            done = replace(value, base=names.get(base, base))
        case _ if is_dataclass(value) and not isinstance(value, type):
            parts = {field.name: getattr(value, field.name) for field in fields(value)}
            done = replace(value, **{name: renamed(part, names) for name, part in parts.items()})
    result: Value = done
    return result
