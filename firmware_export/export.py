"""int8 .tflite -> C files: read, rewrite, plan, prove the plan, lower, print."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from firmware_export import compression, emit, memory, passes
from firmware_export.bank_option import check_banks
from firmware_export.compression import Choice, Compression
from firmware_export.errors import BankError, DoesNotFit
from firmware_export.ir import Conv2D, DepthwiseConv2D, FullyConnected, Graph, TransposeConv
from firmware_export.layer_names import LayerNames
from firmware_export.lower import c_name, lower
from firmware_export.memory import Bank, Plan, Timeline
from firmware_export.optimize import Optimize
from firmware_export.planner import planned
from firmware_export.program import Port, Program
from firmware_export.targets import Isa
from firmware_export.tflite_reader import read_tflite

MOST_MACS = 1 << 28
FILTERED = Conv2D | DepthwiseConv2D | TransposeConv | FullyConnected


class Layout(Enum):
    """The files that one network becomes."""

    SINGLE = "single"  # <name>.h
    SPLIT = "split"  # <name>.h, <name>.c, <name>_data.c


class Delivery(Enum):
    """How the caller gives the input."""

    WHOLE = "whole"
    ROWS = "rows"  # begin, feed, finish: it is never whole in RAM


class Guards(Enum):
    """Whether guard bytes lie between the buffers of the activations."""

    NONE = "none"
    BETWEEN = "between"  # a build for debugging: nothing shares memory, and who writes outside its buffers is told


@dataclass(frozen=True)
class Names:
    """What the model's author calls its layers, inputs and outputs, in order; nothing where the `.tflite` must tell."""

    layers: Sequence[str] = ()
    inputs: Sequence[str] = ()
    outputs: Sequence[str] = ()
    makers: Sequence[str] = ()  # what computes each output, as TensorFlow calls it: net/layer/Op


NO_NAMES = Names()
Planner = Callable[[Graph], Plan]


@dataclass(frozen=True, eq=False)
class Export:
    """The C files by name, and what they were made from."""

    files: dict[str, str]
    program: Program
    graph: Graph
    plan: Plan
    walked: Graph  # as it is executed: with what gives rows of the input, where they come one by one
    compression: Compression | None = None  # of weights, where it was asked for

    @cached_property
    def timeline(self) -> Timeline:
        """What of the activations is in use when, and by which layer."""
        return memory.timeline(self.walked, self.plan)

    @property
    def removed_channels(self) -> dict[str, int]:
        """How many output channels each layer with weights has lost, of those that have: they told nothing."""
        layers = (op for op in self.graph.ops if isinstance(op.attrs, FILTERED))
        counts = {op.name: len(self.graph.tensors[op.outputs[0]].removed) for op in layers}
        return {name: count for name, count in counts.items() if count}


def export(  # noqa: PLR0913 - each has a name of its own
    model: bytes,
    *,
    name: str,
    isa: Isa = Isa.C,
    optimize: Optimize = Optimize.BALANCED,
    short_loops: bool = False,
    layout: Layout = Layout.SINGLE,
    names: Names = NO_NAMES,
    planner: Planner | None = None,
    delivery: Delivery = Delivery.WHOLE,
    guards: Guards = Guards.NONE,
    banks: Sequence[Bank] = (),
    compress_weights: int | None = None,
) -> Export:
    """Turn an int8 `.tflite` into C. The same model, name and options give the same bytes.

    name: what users call the network; made a C identifier. short_loops: as the target tells.
    names: what is known of the model's own. planner: who takes turns and what lies where; what `optimize` asks for
    where it is left out, and proved in either case. delivery: how the input comes. guards: what lies between buffers.
    banks: of RAM, fastest first, where activations are to be split over them. compress_weights: by how many bytes
    activations may grow so that weights are coded in flash and decoded there, where that saves flash; None: they are
    not. Raises ModelError for a damaged file, UnsupportedOp for an op without kernel, BankError for names or sizes of
    banks that make no sense, and DoesNotFit for banks that are too small.
    """
    layer_names = LayerNames(tuple(names.layers), tuple(names.makers))
    check_banks(banks, c_name(name))
    if banks and (delivery is Delivery.ROWS or guards is Guards.BETWEEN or compress_weights is not None):
        raise BankError(f"{name}: --feed-rows, --compress-weights and guards need one arena: leave --memory out")
    graph = passes.run(read_tflite(model, name=c_name(name), layer_names=layer_names), passes.exact(isa, optimize))
    walked = passes.feed_rows(graph) if delivery is Delivery.ROWS else graph
    walked, plan = (walked, planner(walked)) if planner else planned(walked, optimize, isa)
    choice = told = None
    if compress_weights is not None:
        choice, told = compressed(walked, plan, compress_weights)
        walked, plan = choice.graph, choice.plan
    plan = memory.split(walked, plan, banks) if banks else plan
    plan = memory.guarded(plan) if guards is Guards.BETWEEN else plan
    memory.check_size(walked, plan)
    memory.check(walked, plan)
    lowered = lower(walked, plan, model_sha256=hashlib.sha256(model).hexdigest())
    lowered = compression.with_coded_weights(lowered, choice, plan) if choice else lowered
    check_work(lowered)
    program = replace(
        lowered,
        inputs=named(lowered.inputs, names.inputs),
        outputs=named(lowered.outputs, names.outputs),
        has_short_loops=short_loops or optimize is Optimize.RAM,
        is_small=optimize is Optimize.RAM,
    )
    match layout:
        case Layout.SINGLE:
            files = {f"{program.name}.h": emit.header(program)}
        case Layout.SPLIT:
            files = emit.split_files(program)
    return Export(files, program, graph if walked.fed else walked, plan, walked, told)


def compressed(graph: Graph, plan: Plan, most_ram: int) -> tuple[Choice, Compression]:
    """What is coded, if that saves flash, with the graph and plan for it."""
    memory.check_size(graph, plan)  # before all of it is lowered
    choice = compression.choose(graph, plan, lower(graph, plan, model_sha256="0" * 64), most_ram)
    told = compression.told(choice, most_ram, plan.total)
    return (choice if told.is_used else replace(choice, groups=(), graph=graph, plan=plan)), told


def check_work(program: Program) -> None:
    """Raise DoesNotFit where a network is more work than an emulator is given time for, 15 instructions a MAC."""
    if program.macs > MOST_MACS:
        raise DoesNotFit(
            f"{program.name} multiplies and adds {program.macs:,} times in one inference, and {MOST_MACS:,} is the "
            "limit: no microcontroller has the time; make its input smaller"
        )


def named(ports: tuple[Port, ...], names: Sequence[str]) -> tuple[Port, ...]:
    """The ports under the model's own names, where those are known."""
    pairs = zip(ports, names or [port.model_name for port in ports], strict=True)
    return tuple(replace(port, model_name=name) for port, name in pairs)
