"""int8 .tflite -> C files: read, rewrite, plan, prove the plan, lower, print."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from firmware_export import compression, emit, memory, passes
from firmware_export.compression import Compression
from firmware_export.errors import DoesNotFit
from firmware_export.ir import Conv2D, DepthwiseConv2D, FullyConnected, Graph, TransposeConv
from firmware_export.layer_names import LayerNames
from firmware_export.lower import c_name, lower
from firmware_export.memory import Plan
from firmware_export.optimize import Optimize
from firmware_export.program import Port, Program
from firmware_export.targets import Isa
from firmware_export.tflite_reader import read_tflite

MOST_MACS = 1 << 28
FILTERED = Conv2D | DepthwiseConv2D | TransposeConv | FullyConnected


class Layout(Enum):
    """The files that one network becomes."""

    SINGLE = "single"  # <name>.h
    SPLIT = "split"  # <name>.h, <name>.c, <name>_data.c


@dataclass(frozen=True)
class Names:
    """What the model's author calls its layers, inputs and outputs, in order; nothing where the `.tflite` must tell."""

    layers: Sequence[str] = ()
    inputs: Sequence[str] = ()
    outputs: Sequence[str] = ()
    makers: Sequence[str] = ()  # what computes each output, as TensorFlow calls it: net/layer/Op


NO_NAMES = Names()


@dataclass(frozen=True, eq=False)
class Export:
    """The C files by name, and what they were made from."""

    files: dict[str, str]
    program: Program
    graph: Graph
    compression: Compression | None = None  # of weights, where it was asked for

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
    compress_weights: int | None = None,
) -> Export:
    """Turn an int8 `.tflite` into C. The same model, name and options give the same bytes.

    name: what users call the network; made a C identifier. short_loops: as the target tells.
    names: what is known of the model's own. compress_weights: by how many bytes activations may grow so that weights
    are coded in flash and decoded there, where that saves flash; None: they are not.
    Raises ModelError for a damaged file and UnsupportedOp for an op without kernel.
    """
    layer_names = LayerNames(tuple(names.layers), tuple(names.makers))
    graph = passes.run(read_tflite(model, name=c_name(name), layer_names=layer_names), passes.exact(isa, optimize))
    plan = plan_of(graph, optimize)
    memory.check_size(graph, plan)
    memory.check(graph, plan)
    lowered, compressed = lower(graph, plan, model_sha256=hashlib.sha256(model).hexdigest()), None
    check_work(lowered)
    if compress_weights is not None:
        lowered, graph, compressed = compress(lowered, graph, plan, compress_weights)
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
    return Export(files, program, graph, compressed)


def compress(program: Program, graph: Graph, plan: Plan, most_ram: int) -> tuple[Program, Graph, Compression]:
    """The program with coded weights, if that saves flash; its plan is proved as well."""
    choice = compression.choose(graph, plan, program, most_ram)
    told = compression.told(choice, most_ram, plan.total)
    if not told.is_used:
        return program, graph, told
    memory.check_size(choice.graph, choice.plan)
    memory.check(choice.graph, choice.plan)
    lowered = lower(choice.graph, choice.plan, model_sha256=program.model_sha256)
    return compression.with_coded_weights(lowered, choice), choice.graph, told


def plan_of(graph: Graph, optimize: Optimize) -> Plan:
    """Who takes turns, and where everything lies; inputs and outputs, too, where RAM counts most."""
    held = (*graph.inputs, *graph.outputs) if optimize is Optimize.RAM and not graph.states else ()
    plans = [
        memory.plan(memory.lifetimes(graph, schedule, held), schedule) for schedule in schedules(graph, optimize, held)
    ]
    return min(plans, key=lambda plan: plan.total)


def schedules(graph: Graph, optimize: Optimize, held: tuple[str, ...]) -> Iterator[memory.Schedule]:
    """What is worth a try: rows by the fours, which is quickest, and fewer at a time where RAM counts most."""
    for together in (1, 2, 4) if optimize is Optimize.RAM else (4,):
        yield memory.best_schedule(graph, held, together)


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
