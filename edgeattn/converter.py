"""Float models to full int8: TensorFlow's converter for Keras, ai-edge-quantizer for .tflite. Runs in the child."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgeattn.calibration import Floats
from edgeattn.errors import LoadError, UnsupportedModel
from edgeattn.faint_logits import widen_faint_logits
from edgeattn.models import Activations
from edgeattn.refusals import refuse_floats, refuse_loops
from edgeattn.sums import sums_as_means
from edgeattn.tflite_file import READ, Numbers, describe, reorder
from edgeattn.tflite_versions import with_known_versions
from edgeattn.traced import loops, makers, remembers

Row = dict[str, NDArray[np.generic]]

if TYPE_CHECKING:
    from edgeattn.frozen import Frozen

UNSUPPORTED_OP = re.compile(r"'?tf\.(\w+)'? ?op is neither a custom op nor a flex op|^\s*tf\.(\w+)\(", re.MULTILINE)
NOT_INT8 = re.compile(r"(?:not yet supported for op|Quantization not yet supported for op): '?(\w+)'?")
PLACE = re.compile(r'"([\w./-]+/[\w./-]+)@')
WRAPPER = re.compile(r"^(?:frozen[^/]*|functional[^/]*|sequential[^/]*)/")


def quantise_keras(
    frozen: Frozen, samples: Sequence[Floats], name: str, activations: Activations = Activations.INT8
) -> bytes:
    """int8 weights per channel, integer activations and edges, in the model's own order of inputs and outputs."""
    import tensorflow as tf

    refuse_loops(loops(frozen.function), frozen.layers, name)
    converter = tf.lite.TFLiteConverter.from_keras_model(frozen.model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    names = [port.name for port in frozen.inputs]  # the converter orders inputs as it likes
    converter.representative_dataset = lambda: (dict(zip(names, row, strict=True)) for row in _rows(samples))
    ops, edge = {
        Activations.INT8: (tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.int8),
        Activations.INT16: (tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8, tf.int16),
    }[activations]
    converter.target_spec.supported_ops = [ops]
    converter.inference_input_type = edge
    converter.inference_output_type = edge
    converter._experimental_variable_quantization = remembers(frozen.function)  # or what is remembered stays float32
    try:
        converted: bytes = converter.convert()
    except Exception as error:  # the converter raises many kinds
        raise UnsupportedModel(_converter_sentence(str(error), name, activations), str(error)) from error
    ordered = widen_faint_logits(with_known_versions(reorder(sums_as_means(converted), names)))
    refuse_floats(ordered, makers(frozen.function), frozen.layers, name)
    return ordered


def run_keras(frozen: Frozen, samples: Sequence[NDArray[np.generic]]) -> tuple[NDArray[np.float32], ...]:
    """The float outputs, (samples, ...) each: of one stream, where the model remembers."""
    import tensorflow as tf

    begun = [(variable, variable.numpy()) for variable in frozen.function.variables if remembers(frozen.function)]
    results = (frozen.function(*map(tf.constant, row)) for row in _rows(samples))
    rows = [[np.asarray(value)[0] for value in tf.nest.flatten(result)] for result in results]
    for variable, value in begun:  # the int8 network begins with what the model began with
        variable.assign(value)
    return tuple(np.stack(column).astype(np.float32) for column in zip(*rows, strict=True))


def quantise_tflite(
    tflite: bytes, samples: Sequence[Floats], name: str, activations: Activations = Activations.INT8
) -> bytes:
    """Static integers of a float .tflite with ai-edge-quantizer; LoadError says how to get it where it is missing."""
    try:
        from ai_edge_quantizer import quantizer, recipe
    except ImportError as error:
        raise LoadError(
            f"{name} is a float .tflite, and quantising those needs one more package: pip install 'edgeattn[tflite]', "
            "or convert the Keras model it was made from"
        ) from error
    if READ in {kind for _, kind in describe(tflite, name).ops}:
        raise UnsupportedModel(
            f"{name} remembers (op {READ}), and ai-edge-quantizer leaves that in float: "
            "convert the Keras model or the SavedModel that it was made from"
        )
    try:
        work = quantizer.Quantizer(tflite)
        recipes = {Activations.INT8: recipe.static_wi8_ai8, Activations.INT16: recipe.static_wi8_ai16}
        work.load_quantization_recipe(recipes[activations]())
        result = work.quantize(_ranges(work, tflite, samples))
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnsupportedModel(
            f"{name}: ai-edge-quantizer cannot quantise it ({reason}): convert the Keras model it was made from",
            str(error),
        ) from error
    quantised = bytes(result.quantized_model)
    if describe(quantised, name).numbers is not Numbers.INT8:
        raise UnsupportedModel(f"{name}: ai-edge-quantizer left it in float: convert the Keras model it was made from")
    return quantised


def _rows(samples: Sequence[NDArray[np.generic]]) -> Iterator[list[NDArray[np.generic]]]:
    return ([array[row : row + 1] for array in samples] for row in range(len(samples[0])))


def _ranges(work: Any, tflite: bytes, samples: Sequence[Floats]) -> dict[str, Row]:
    """True minimum and maximum of each tensor: the package's own moving averages clip, and cost accuracy."""
    merged: dict[str, Row] = {}
    for key, rows in _signature_rows(tflite, samples).items():
        for row in rows:
            for tensor, seen in work.calibrate({key: [row]}, num_threads=1).items():
                known = merged.setdefault(tensor, dict(seen))
                known["min"] = np.minimum(known["min"], seen["min"])
                known["max"] = np.maximum(known["max"], seen["max"])
    return merged


def _signature_rows(tflite: bytes, samples: Sequence[Floats]) -> dict[str | None, list[Row]]:
    from edgeattn.litert import interpreter_class

    interpreter = interpreter_class()(model_content=tflite)
    signatures = interpreter.get_signature_list()
    if not signatures:
        names = [details["name"] for details in interpreter.get_input_details()]
        return {None: [dict(zip(names, row, strict=True)) for row in _rows(samples)]}
    key = next(iter(signatures))
    details = interpreter.get_signature_runner(key).get_input_details()
    order = [entry["index"] for entry in interpreter.get_input_details()]
    names = sorted(details, key=lambda name: order.index(details[name]["index"]))
    return {key: [dict(zip(names, row, strict=True)) for row in _rows(samples)]}


def _converter_sentence(text: str, name: str, activations: Activations) -> str:
    named = {found for pair in UNSUPPORTED_OP.findall(text) for found in pair if found}
    ops = sorted(named | set(NOT_INT8.findall(text)))
    places = [_layer(place) for place in PLACE.findall(text)]
    where = f"layer {places[0]!r} " if places else "the model "
    if ops:
        cannot = f"which {activations.value} cannot do"
        return f"{name}: {where}needs {', '.join(ops)}, {cannot}: replace it by layers from `supported-ops`"
    reason = next((line for line in text.splitlines() if line.strip()), "no reason given")[:300]
    return f"{name}: TensorFlow's converter refuses {where.strip()}: {reason}"


def _layer(place: str) -> str:
    while WRAPPER.match(place):
        place = WRAPPER.sub("", place)
    return place.partition("/")[0]
