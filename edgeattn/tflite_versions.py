"""Versions of ops: TensorFlow's converter writes some that LiteRT does not know, of ops that it knows well."""

from __future__ import annotations

import struct
from typing import Any

from edgeattn.tflite_file import schema_module

# The newest that LiteRT 2.3 registers. The versions after them added types; what int8 gives is the same in all.
NEWEST = {"TILE": 2, "DEPTH_TO_SPACE": 1}
VERSION_SLOT = 8  # of the field in a flatbuffers table of OperatorCode
UNREADABLE = (struct.error, IndexError, TypeError, ValueError, AttributeError, KeyError)


def with_known_versions(tflite: bytes) -> bytes:
    """The same network, each of these ops under the newest version that LiteRT has; a damaged file as it is."""
    content = bytearray(tflite)
    try:
        model = schema_module().Model.GetRootAs(content, 0)
        for index in range(model.OperatorCodesLength()):
            _lower(content, model.OperatorCodes(index))
    except UNREADABLE:
        return tflite  # whoever reads it next says what is wrong
    return bytes(content)


def _lower(content: bytearray, code: Any) -> None:
    builtins = vars(schema_module().BuiltinOperator)
    for kind, newest in NEWEST.items():
        if max(code.BuiltinCode(), code.DeprecatedBuiltinCode()) == builtins[kind] and code.Version() > newest:
            struct.pack_into("<i", content, code._tab.Pos + code._tab.Offset(VERSION_SLOT), newest)
