"""The main job: a model file in, a byte-exact C header out, proved in the emulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import firmware_export
from edgeattn.agreement import THRESHOLD
from edgeattn.attention import measure_gates
from edgeattn.calibration import SampleRequest
from edgeattn.config_scan import Lambdas
from edgeattn.errors import AgreementTooLow, EdgeattnError, OptionError
from edgeattn.files import check_folder, check_places, write_all
from edgeattn.models import Activations, ModelKind
from edgeattn.proof import Bench, Say, prove, refer
from edgeattn.quantise import COMPARED, NO_REQUEST, Options, Prepared, prepare
from edgeattn.report import Report, report_json
from firmware_export import (
    Bank,
    Compiler,
    Delivery,
    DoesNotFit,
    Emulator,
    Export,
    Guards,
    Isa,
    Layout,
    Names,
    Optimize,
    Target,
    ToolMissing,
    WhatIf,
)


class StandIn(Enum):
    """Whether a core that nothing here emulates may be stood in for by its nearest relative, with a warning."""

    ALLOWED = "allowed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Conversion:
    """What may be asked of a conversion; the defaults are those of the command line."""

    output: Path | str | None = None  # a folder; build/<name>
    picture: Path | str | None = None  # an SVG of the report; of `analyse`, RAM over time as .svg or .html
    name: str | None = None  # the file's own
    target: str = "cortex-m4"
    calibration: SampleRequest | Path | str = NO_REQUEST  # a path alone where the rest is as usual
    validation: SampleRequest | Path | str = COMPARED
    threshold: float = THRESHOLD  # of the cosine
    compiler: Compiler = Compiler.ZIG
    optimize: Optimize = Optimize.BALANCED
    emulator: Emulator = Emulator.BEST
    stand_in: StandIn = StandIn.ALLOWED
    layout: Layout = Layout.SINGLE
    delivery: Delivery = Delivery.WHOLE
    guards: Guards = Guards.NONE
    lambdas: Lambdas = Lambdas.REFUSE
    activations: Activations = Activations.INT8  # what a float model is quantised to
    inputs: int = 8  # compared byte for byte in the emulator
    memory: str = ""  # banks that activations are split over, fastest first: "dtcm:64K,sram:256K"; or "default"
    compress_weights: int | None = None  # bytes that activations may grow by so that coded weights save flash
    seed: int = 0


BUILD = Path("build")
DEFAULTS = Conversion()

# What a core's C is proved on where nothing here emulates it: the nearest core first.
STAND_INS = {"cortex-m55": ("cortex-m33",), "cortex-m85": ("cortex-m55", "cortex-m33")}
Show = Callable[[Report], None]


def silent(stage: str) -> None:
    """The progress of those who do not want to know."""


def unseen(report: Report) -> None:
    """The report of those who wait for the result."""


def convert(model: Path | str, conversion: Conversion = DEFAULTS, *, say: Say = silent, show: Show = unseen) -> Report:
    """Quantise a model, export it to C, prove the C in an emulator, write the files.

    Nothing is written unless everything holds; `show` is given the report also where it does not. Raises EdgeattnError
    or firmware_export.ExportError; a message is one sentence that says what, where and what to do.
    """
    check_threshold(conversion.threshold)
    check_folder(Path(conversion.output or BUILD))  # before minutes of work
    check_places(pictures(conversion))
    report = examine(model, conversion, say=say)
    paths = places(report, conversion)
    written = replace(report, files=tuple(path.as_posix() for path in paths))
    try:
        check(report, conversion)
        write_all(dict(zip(paths, contents(written, conversion), strict=True)))
        report = written
    finally:
        show(report)
    return report


def examine(model: Path | str, conversion: Conversion = DEFAULTS, *, say: Say = silent) -> Report:
    """All that `convert` finds out, with nothing judged and nothing written. Raises as it does."""
    (report,) = examine_on((conversion.target,), model, conversion, say=say)
    return report


def analyse(model: Path | str, conversion: Conversion = DEFAULTS, *, say: Say = silent) -> Report:
    """`examine`, what the gates of attention blocks do on the calibration samples, and what would lower the RAM.

    Writes the picture of RAM over time, where one is asked for. Raises as `examine` does.
    """
    check_places(pictures(conversion))
    report = examine(model, conversion, say=say)
    say("measuring the gates of attention blocks")
    gates = measure_gates(report.prepared, report.exported)
    say("planning RAM for comparison")
    report = replace(report, gates=gates, what_ifs=planned_instead(report, conversion))
    write_all({path: memory_picture(report, path) for path in pictures(conversion)})
    return report


def planned_instead(report: Report, conversion: Conversion) -> tuple[WhatIf, ...]:
    """What the network takes with -O ram, and with changes that lower its RAM."""
    changes = firmware_export.what_ifs(report.exported, conversion.optimize)
    if conversion.optimize is Optimize.RAM:
        return changes
    smaller = export(report.prepared, replace(conversion, optimize=Optimize.RAM), report.target)
    return (firmware_export.optimized_for_ram(smaller), *changes)


def memory_picture(report: Report, path: Path) -> bytes:
    """RAM over time: a page where the name says so, else an SVG."""
    from edgeattn.memory_picture import memory_page, memory_svg

    timeline, name = report.exported.timeline, report.name
    if path.suffix.lower() in (".html", ".htm"):
        return memory_page(timeline, report.what_ifs, name=name, ram_bytes=report.ram_bytes).encode()
    return memory_svg(timeline, name=name).encode()


def examine_on(
    targets: Sequence[str], model: Path | str, conversion: Conversion = DEFAULTS, *, say: Say = silent
) -> Iterator[Report]:
    """`examine` for several targets; what does not depend on them is done once. Raises as it does."""
    chosen = [firmware_export.find(target) for target in targets]
    for target in chosen:
        firmware_export.read_banks(conversion.memory, target)  # before the long work
    firmware_export.find_compiler(conversion.compiler)  # before the long work, which would be in vain
    prepared, first = make_ready(Path(model), conversion, say, target=chosen[0])
    references = refer(prepared, first, wanted=conversion.inputs, seed=conversion.seed, say=say)
    exports = {made_for(chosen[0], conversion): first}
    for target in chosen:
        key = made_for(target, conversion)
        exported = exports[key] = exports.get(key) or export(prepared, conversion, target)
        bench = bench_of(target, conversion)
        try:
            proof = prove(prepared, exported, references, bench, say)
        except ToolMissing:  # found out late: QEMU's board is too small for this network
            if conversion.emulator is Emulator.QEMU or conversion.stand_in is StandIn.REFUSED:
                raise
            bench = bench_of(target, replace(conversion, emulator=Emulator.UNICORN))
            proof = prove(prepared, exported, references, bench, say)
        missing = missing_memory(exported, target, bench, proof.emulated.stack_bytes)
        yield Report(Path(model).name, target, conversion.optimize, prepared, exported, proof, missing)


def missing_memory(exported: Export, target: Target, bench: Bench, stack_bytes: int) -> Mapping[str, int] | None:
    """What a firmware with the network lacks on a part, by linking it; None where nothing can be linked."""
    if target.is_generic:
        return None
    try:
        return firmware_export.missing_memory(exported, target, bench.toolchain, stack_bytes)
    except ToolMissing:  # no compiler here knows the core
        return None


def bench_of(target: Target, conversion: Conversion) -> Bench:
    """How the C is built for a target and what runs it. Raises ToolMissing where nothing does."""
    built_for = target
    try:
        firmware_export.emulator_of(target.core.name, conversion.emulator)
    except ToolMissing:
        if conversion.stand_in is StandIn.REFUSED:
            raise
        built_for = stand_in(target, conversion.emulator)
    toolchain = firmware_export.toolchain_for(built_for, conversion.compiler, conversion.optimize)
    return Bench(toolchain, firmware_export.flash_of(target), conversion.emulator)


def stand_in(target: Target, emulator: Emulator) -> Target:
    """The nearest core that can be emulated here. Raises ToolMissing where none can."""
    *others, last = STAND_INS.get(target.core.name, (target.core.name,))
    for core in others:
        with suppress(ToolMissing):
            firmware_export.emulator_of(core, emulator)
            return firmware_export.find(core)
    firmware_export.emulator_of(last, emulator)
    return firmware_export.find(last)


def make_ready(path: Path, conversion: Conversion, say: Say, *, target: Target) -> tuple[Prepared, Export]:
    """The int8 network and its C: the same files and options give the same bytes. Raises as `convert` does."""
    prepared = prepare(
        path,
        calibration=requested(conversion.calibration, NO_REQUEST),
        validation=requested(conversion.validation, COMPARED),
        options=Options(lambdas=conversion.lambdas, activations=conversion.activations),
        progress=lambda stage: say(stage.value),
    )
    exported = export(prepared, conversion, target)
    check_activations(path, prepared, exported, conversion)
    return prepared, exported


def check_activations(path: Path, prepared: Prepared, exported: Export, conversion: Conversion) -> None:
    """Raise OptionError for a file that was quantised before to something else than what is asked for."""
    wanted, found = conversion.activations, exported.program.arithmetic
    if prepared.model.is_quantised and wanted is not Activations.INT8 and wanted.value != found:
        raise OptionError(
            f"--activations {wanted.value}: {path.name} is quantised to {found} already; give the float model "
            "that it was made from"
        )


def requested(samples: SampleRequest | Path | str, usual: SampleRequest) -> SampleRequest:
    """A path alone as the usual request for it."""
    return samples if isinstance(samples, SampleRequest) else replace(usual, path=Path(samples))


def folder_of(exported: Export, conversion: Conversion) -> Path:
    """Where the files go."""
    return Path(conversion.output or BUILD / exported.program.name)


def made_for(target: Target, conversion: Conversion) -> tuple[Isa, bool, tuple[Bank, ...]]:
    """What of a target decides about the C."""
    return target.isa, target.short_loops, firmware_export.read_banks(conversion.memory, target)


def export(prepared: Prepared, conversion: Conversion, target: Target) -> Export:
    """The C text under the user's name, its layers, inputs and outputs named as in Keras."""
    model = prepared.model
    return firmware_export.export(
        prepared.tflite,
        name=conversion.name or model.name,
        isa=target.isa,
        short_loops=target.short_loops,
        optimize=conversion.optimize,
        layout=conversion.layout,
        delivery=conversion.delivery,
        guards=conversion.guards,
        banks=firmware_export.read_banks(conversion.memory, target),
        names=Names(
            layers=keras_layers(prepared),
            inputs=[port.name for port in model.inputs],
            outputs=[port.name for port in model.outputs],
            makers=[port.maker for port in model.outputs],
        ),
        compress_weights=conversion.compress_weights,
    )


def keras_layers(prepared: Prepared) -> list[str]:
    """The layers' names, where the file is a Keras model: only there has conversion changed them."""
    kinds = (ModelKind.KERAS_H5, ModelKind.KERAS_ARCHIVE)
    return [layer.name for layer in prepared.model.layers] if prepared.model.kind in kinds else []


def places(report: Report, conversion: Conversion) -> tuple[Path, ...]:
    """The files of a conversion; a model that came as int8 is not written once more."""
    folder, name = folder_of(report.exported, conversion), report.name
    made = () if report.prepared.model.is_quantised else (f"{name}_{conversion.activations.value}.tflite",)
    files = (*report.exported.files, f"{name}_report.json", *made)
    return (*(folder / file for file in files), *pictures(conversion))


def pictures(conversion: Conversion) -> tuple[Path, ...]:
    """Where the picture goes, where one was asked for."""
    return (Path(conversion.picture),) if conversion.picture is not None else ()


def contents(report: Report, conversion: Conversion) -> tuple[bytes, ...]:
    """What stands in them."""
    texts = [text.encode() for text in report.exported.files.values()]
    made = () if report.prepared.model.is_quantised else (report.prepared.tflite,)
    return (*texts, report_json(report).encode(), *made, *drawings(report, conversion))


def drawings(report: Report, conversion: Conversion) -> tuple[bytes, ...]:
    """The picture, where one was asked for."""
    if conversion.picture is None:
        return ()
    from edgeattn.show import picture

    return (picture(report),)


def check_threshold(threshold: float) -> None:
    """Raise OptionError for what no cosine can be compared with."""
    if not -1 <= threshold <= 1:  # nor NaN
        raise OptionError(f"the threshold is {threshold:g}: it is of a cosine, so give a number from -1 to 1")


def check(report: Report, conversion: Conversion) -> None:
    """Raise what keeps the result from being used: another byte, too little memory, too little agreement."""
    check_bytes(report)
    if report.shortfall:
        raise DoesNotFit(f"{report.name} does not fit {report.target.name}: {report.shortfall}; choose a larger part")
    agreement = report.proof.agreement
    if agreement is not None and not agreement.ok(conversion.threshold):
        raise AgreementTooLow(
            f"{report.name}: cos {agreement.cos:.4f} between float and {agreement.candidate} is below "
            f"{conversion.threshold:g} (rmse {agreement.rmse:.4g}, worst sample {agreement.worst_sample}); "
            "calibrate with real samples (--calibration), or accept it with --threshold"
        )


def check_bytes(report: Report) -> None:
    """Raise where the generated C computes something else than the reference."""
    if not report.byte_exact:
        raise EdgeattnError(
            f"{report.name}: {report.proof.differing_bytes} output bytes of the generated C differ from LiteRT's "
            "reference kernels; this is a bug in edgeattn: please report it with the model"
        )
