"""Run a .tflite with LiteRT. Runs in the child process: some kernels abort."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeattn.errors import LoadError, UnsupportedModel

MODULES = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter", "tensorflow.lite.python.interpreter")


class Kernels(Enum):
    """Which kernels LiteRT runs."""

    REFERENCE = "BUILTIN_REF"  # defines the right answer
    DEFAULT = "AUTO"  # what people get who ask for nothing: XNNPACK on a PC


def interpreter_class() -> Any:
    """The Interpreter of whichever runtime is installed."""
    return _module().Interpreter


def run(tflite: bytes, inputs: Sequence[NDArray[np.generic]], kernels: Kernels) -> tuple[NDArray[np.generic], ...]:
    """Run the samples one by one. Inputs and outputs are as the file stores them, (samples, ...)."""
    module = _module()
    resolver = getattr(module.OpResolverType, kernels.value)
    try:
        interpreter = module.Interpreter(model_content=tflite, experimental_op_resolver_type=resolver, num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise UnsupportedModel(f"LiteRT cannot prepare the network: {reason}", str(error)) from error
    rows = [_invoke(interpreter, [array[row] for array in inputs]) for row in range(len(inputs[0]))]
    return tuple(np.stack(column) for column in zip(*rows, strict=True))


def run_keeping(
    tflite: bytes, inputs: Sequence[NDArray[np.generic]], tensors: Sequence[int]
) -> tuple[NDArray[np.generic], ...]:
    """What the reference kernels leave in these tensors, by number; samples are as the file stores them.

    (samples, *shape) each, a batch of 1 included in the shape.
    """
    module = _module()
    interpreter = module.Interpreter(
        model_content=tflite,
        experimental_op_resolver_type=getattr(module.OpResolverType, Kernels.REFERENCE.value),
        experimental_preserve_all_tensors=True,
        num_threads=1,
    )
    interpreter.allocate_tensors()
    rows = []
    for row in range(len(inputs[0])):
        _invoke(interpreter, [array[row] for array in inputs])
        rows.append([interpreter.get_tensor(index) for index in tensors])
    return tuple(np.stack(column) for column in zip(*rows, strict=True))


def _invoke(interpreter: Any, sample: Sequence[NDArray[np.generic]]) -> list[NDArray[np.generic]]:
    for details, value in zip(interpreter.get_input_details(), sample, strict=True):
        if value.dtype != details["dtype"] or value.size != np.prod(details["shape"]):
            wanted = f"{np.dtype(details['dtype'])}{tuple(details['shape'].tolist())}"
            raise LoadError(f"a sample is {value.dtype}{value.shape} where the network takes {wanted}")
        interpreter.set_tensor(details["index"], value.reshape(details["shape"]))
    try:
        interpreter.invoke()
    except RuntimeError as error:
        raise UnsupportedModel(f"LiteRT cannot run the network: {error}", str(error)) from error
    return [_without_batch(interpreter.get_tensor(details["index"])) for details in interpreter.get_output_details()]


def _without_batch(value: NDArray[np.generic]) -> NDArray[np.generic]:
    return value[0] if value.shape[:1] == (1,) else value


def _module() -> Any:
    for name in MODULES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise LoadError("no LiteRT is installed: pip install ai-edge-litert")
