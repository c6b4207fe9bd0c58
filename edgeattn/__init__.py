"""Keras networks with attention, quantised to int8 and exported to STM32.

convert(model, Conversion(...))  the whole job: files written, a Report returned
examine(model, Conversion(...))  the same without judgement or files
prepare(path, ...)               the int8 .tflite, the samples, and the float model's outputs
load_model(path)                 the Keras model, its batch frozen to 1
measure(reference, candidate)    how well two arrays of outputs agree
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgeattn.agreement import Agreement as Agreement
    from edgeattn.agreement import measure as measure
    from edgeattn.conversion import Conversion as Conversion
    from edgeattn.conversion import convert as convert
    from edgeattn.conversion import examine as examine
    from edgeattn.models import load_model as load_model
    from edgeattn.quantise import prepare as prepare
    from edgeattn.report import Report as Report

HOME = {
    "Agreement": "agreement",
    "Conversion": "conversion",
    "Report": "report",
    "convert": "conversion",
    "examine": "conversion",
    "load_model": "models",
    "measure": "agreement",
    "prepare": "quantise",
}
__all__ = list(HOME)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: the command line starts without NumPy."""
    if name not in HOME:
        raise AttributeError(f"module 'edgeattn' has no attribute {name!r}")
    return getattr(import_module(f"edgeattn.{HOME[name]}"), name)
