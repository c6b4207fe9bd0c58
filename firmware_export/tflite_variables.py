"""Variables of a .tflite as values: what one inference leaves to the next, and where it is read and stored.

VAR_HANDLE names a variable by its container and name. READ_VARIABLE copies what it holds at that moment, and
ASSIGN_VARIABLE what it will hold from then on; neither looks at scales. CALL_ONCE runs a subgraph in the first
inference only, which assigns the initial values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from firmware_export.errors import ModelError, UnsupportedOp
from firmware_export.ir import DType, Op, Reshape, State, Tensor

REMARKS = {
    "ASSIGN_VARIABLE": "what the network remembers, in a struct of the caller's",
    "CALL_ONCE": "initial values of variables",
    "READ_VARIABLE": "what the network remembered",
    "VAR_HANDLE": "costs nothing",
}


@dataclass(frozen=True)
class Handle:
    """A variable; two handles with the same names are one."""

    container: bytes
    name: bytes
    shown: str = field(compare=False)


@dataclass(frozen=True)
class Read:
    """A variable's value becomes that of a tensor."""

    variable: Handle
    tensor: Tensor


@dataclass(frozen=True)
class Assign:
    """A tensor's value becomes that of a variable."""

    variable: Handle
    tensor: Tensor


@dataclass(frozen=True)
class Initialise:
    """What is assigned in the first inference only."""

    values: tuple[Assign, ...]


Step = Op | Read | Assign | Initialise


@dataclass(frozen=True)
class Threaded:
    """A network without variables: their values are tensors, and those that outlive an inference are states."""

    ops: tuple[Op, ...]
    tensors: Mapping[str, Tensor]
    states: tuple[State, ...]


@dataclass
class _Variables:
    """What is known while the steps are followed, by variable."""

    initial: dict[Handle, Tensor] = field(default_factory=dict)
    first: dict[Handle, Tensor] = field(default_factory=dict)  # the tensor that reads what the inference before left
    holds: dict[Handle, str] = field(default_factory=dict)  # the tensor whose value it has now
    kinds: dict[Handle, Tensor] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)  # what has been read so far


def thread(steps: Iterable[Step], tensors: Mapping[str, Tensor]) -> Threaded:
    """Follow each variable through an inference.

    Raises UnsupportedOp where its value is not known or changes shape, ModelError where a value is used too early.
    """
    known = _Variables()
    ops: list[Op] = []
    for step in steps:
        match step:
            case Op():
                _check_not_early(step.outputs, known)
                known.used.update(step.inputs)
                ops.append(step)
            case Initialise():
                _initialise(step, known)
            case Assign():
                _check_kind(step, known)
                known.used.add(step.tensor.name)
                known.holds[step.variable] = step.tensor.name
            case Read() if step.variable in known.holds:
                _check_kind(step, known)
                name = step.tensor.name
                _check_not_early((name,), known)
                ops.append(Op(name, Reshape(), (known.holds[step.variable],), (name,)))
            case Read():
                _check_kind(step, known)
                _check_not_early((step.tensor.name,), known)
                _read_first(step, known)
    return _threaded(tuple(ops), tensors, known)


def _initialise(step: Initialise, known: _Variables) -> None:
    if known.holds:
        raise UnsupportedOp(
            f"variable {next(iter(known.holds)).shown!r} is used before CALL_ONCE gives the initial values: "
            "convert the model again with TensorFlow's converter"
        )
    for assign in step.values:
        _check_kind(assign, known)
        known.initial[assign.variable] = assign.tensor


def _read_first(step: Read, known: _Variables) -> None:
    if step.variable not in known.initial:
        raise UnsupportedOp(
            f"variable {step.variable.shown!r} is read before it has a value, which LiteRT refuses: give it an initial "
            "value, and convert with TFLiteConverter.from_keras_model or from_saved_model"
        )
    known.first[step.variable] = step.tensor
    known.holds[step.variable] = step.tensor.name


def _check_not_early(written: Iterable[str], known: _Variables) -> None:
    early = known.used.intersection(written)
    if early:
        raise ModelError(f"the network is damaged: {min(early)!r} is read before it is computed; convert it again")


def _check_kind(step: Read | Assign, known: _Variables) -> None:
    tensor = step.tensor
    if tensor.dtype not in (DType.INT8, DType.INT16):
        raise UnsupportedOp(
            f"variable {step.variable.shown!r} holds {tensor.dtype.value} where int8 or int16 is needed: convert with "
            "`converter._experimental_variable_quantization = True`, as `edgeattn convert` does with a Keras model"
        )
    kind = known.kinds.setdefault(step.variable, tensor)
    if (kind.shape, kind.dtype) != (tensor.shape, tensor.dtype):
        one, other = (f"{each.dtype.value} {list(each.shape)}" for each in (kind, tensor))
        raise UnsupportedOp(
            f"variable {step.variable.shown!r} is {one} in one place and {other} in another: give it one type and shape"
        )
    if (kind.quant is None) or kind.quant != tensor.quant or len(kind.quant.scale) != 1:
        raise UnsupportedOp(
            f"variable {step.variable.shown!r} has no scale and zero point, or not the same everywhere: "
            "quantise with a converter that gives it one, as TensorFlow's does"
        )


def _threaded(ops: tuple[Op, ...], tensors: Mapping[str, Tensor], known: _Variables) -> Threaded:
    changed = dict(tensors)
    states = []
    for variable, before in known.first.items():
        initial = known.initial[variable].data
        assert initial is not None
        if known.holds[variable] == before.name:  # nothing is ever stored in it
            changed[before.name] = replace(before, data=initial)
            continue
        states.append(State(variable.shown, before.name, known.holds[variable], initial))
    return Threaded(ops, changed, tuple(states))
