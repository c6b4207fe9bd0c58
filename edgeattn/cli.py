"""The command line: parses, calls one function, prints, returns a code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from edgeattn.calibration import SampleRequest
    from edgeattn.conversion import Conversion
    from edgeattn.on_device import OnDevice
    from edgeattn.on_emulator import OnEmulator
    from edgeattn.report import Report

EXIT_CODES = """
Exit codes: 0 done, 1 a bug in edgeattn, 2 usage, 3 the file cannot be loaded, 4 an op or layer is not supported,
5 does not fit the target, 6 agreement below the threshold or bytes that differ, 7 an emulator, compiler or
device is missing or does not answer.
"""


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="edgeattn")
def cli() -> None:
    """Attention networks from Keras to STM32: int8, byte-exact, proved in an emulator."""


json_option = click.option("--json", "as_json", is_flag=True, help="JSON on standard output and nothing else.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")


class Place(click.Path):
    """A path that is not empty: "" would be the current folder, as where a shell's variable is not set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, or a mistake in the call."""
        if value == "":
            self.fail("the path is empty: give one, `.` for the current folder", param, ctx)
        return super().convert(value, param, ctx)


path = Place(path_type=Path)
TARGET_OPTION = click.option("--target", default="cortex-m4", show_default=True, help="Part, series, core or board.")
MODEL_OPTIONS = (
    click.option("-n", "--name", help="The network's name in C. [the file's]"),
    click.option("--calibration", type=path, help=".npz, .npy or a folder of images."),
    click.option("--validation", type=path, help="Samples to compare on. [calibration]"),
    click.option("--scale", type=float, help="Of images: value = pixel * scale + offset. [1/255]"),
    click.option("--offset", type=float, help="Of images; the values of arrays are used as they are. [0]"),
    click.option("--range", "low_high", type=(float, float), default=(0.0, 1.0), help="Of random calibration. [0 1]"),
    click.option(
        "--activations",
        type=click.Choice(["int8", "int16"]),
        default="int8",
        show_default=True,
        help="Of a float model, between layers: int16 is closer to float, in twice the RAM.",
    ),
    click.option("--inputs", type=click.IntRange(8), default=8, show_default=True, help="Compared in the emulator."),
    click.option("--compiler", type=click.Choice(["zig", "gcc"]), default="zig", show_default=True),
    click.option(
        "-O",
        "optimize",
        type=click.Choice(["time", "ram", "balanced"]),
        default="balanced",
        show_default=True,
        help="What compiler and kernels favour: few instructions (time), little memory (ram), or both (balanced).",
    ),
    click.option(
        "--feed-rows",
        is_flag=True,
        help="The input comes row by row, as a camera delivers it, and is never whole in RAM: begin, feed, finish.",
    ),
    click.option(
        "--compress-weights",
        type=click.IntRange(0),
        metavar="BYTES",
        help="Huffman-code weights where that saves flash, and decode them in at most BYTES of RAM more: slower.",
    ),
    click.option(
        "--emulator",
        type=click.Choice(["best", "unicorn", "qemu"]),
        default="best",
        show_default=True,
        help="qemu boots a whole firmware: for the M55, or as a second opinion.",
    ),
    click.option(
        "--memory",
        default="",
        metavar="BANKS",
        help="Split activations over banks, fastest first: dtcm:64K,sram:256K; or `default`, the part's. [one buffer]",
    ),
    click.option("--allow-lambda", is_flag=True, help="Run Python code that the file carries, if you trust it."),
)
FILE_OPTIONS = (
    click.option("-o", "--output", type=path, help="Folder to write to. [build/<name>]"),
    click.option("--threshold", type=float, default=0.98, show_default=True, help="Least cosine, float to int8."),
    click.option("--guards", is_flag=True, help="To debug: guard bytes between buffers, none sharing memory."),
    click.option("--split", is_flag=True, help="<name>.h, <name>.c and <name>_data.c instead of one header."),
    click.option("--picture", type=path, help="Also save the report as an SVG picture."),
)


def with_options(options: tuple[Callable[[Any], Any], ...]) -> Callable[[Any], Any]:
    """All options of a table on one command."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@cli.command()
@click.argument("model", type=path)
@with_options((*FILE_OPTIONS, TARGET_OPTION, *MODEL_OPTIONS))
@json_option
@quiet_option
def convert(model: Path, as_json: bool, quiet: bool, **asked: Any) -> None:
    """Quantise MODEL, write its C header, prove it in an emulator.

    MODEL is a Keras .h5 or .keras file, a SavedModel folder, or a .tflite.
    """
    run(lambda: convert_and_show(model, with_files(conversion_of(asked), asked), speech_of(as_json, quiet)))


@cli.command()
@click.argument("model", type=path)
@click.option("--picture", type=path, help="Save RAM over time as a picture: an .svg, or an .html with all about it.")
@with_options((TARGET_OPTION, *MODEL_OPTIONS))
@json_option
def analyze(model: Path, as_json: bool, picture: Path | None, **asked: Any) -> None:
    """Show MODEL layer by layer: shapes, MACs, weights; the parts it fits; RAM over time and what would lower it.

    Writes nothing but what --picture names.
    """
    speech = Speech.JSON if as_json else Speech.REPORT
    run(lambda: analyze_and_show(model, replace(conversion_of(asked), picture=picture), speech))


@cli.command()
@click.argument("models", type=path, nargs=-1, required=True)
@click.option(
    "--target",
    "targets",
    multiple=True,
    default=("cortex-m4",),
    show_default=True,
    help="Part, series, core or board; may be given several times.",
)
@with_options(MODEL_OPTIONS)
@json_option
@quiet_option
def bench(models: tuple[Path, ...], targets: tuple[str, ...], as_json: bool, quiet: bool, **asked: Any) -> None:
    """Measure MODELS on targets: instructions, estimated cycles and time, RAM, stack, flash, each layer's share.

    The network runs as it ships: the header that `convert` writes, built for the part, in the emulator. Writes nothing.
    """
    run(lambda: bench_and_show(models, targets, conversion_of(asked), speech_of(as_json, quiet)))


@cli.command()
@click.argument("model", type=path)
@click.option("--device", help="serial:PORT or serial:PORT,BAUD: ask a board that runs this model's firmware.")
@click.option("--per-layer", is_flag=True, help="Compare every layer of one input; with --device count them too.")
@click.option("--save", type=path, help="Without --device: outputs, or with --per-layer every layer's, as an .npz.")
@click.option("--timeout", type=click.FloatRange(1), default=60, show_default=True, help="Seconds for one inference.")
@with_options((TARGET_OPTION, *MODEL_OPTIONS))
@json_option
@quiet_option
def validate(model: Path, device: str | None, as_json: bool, quiet: bool, **asked: Any) -> None:
    """Compare MODEL's C with LiteRT's reference kernels byte for byte: in the emulator, or on a device.

    MODEL is what `convert` was given, or the int8 .tflite that it wrote. Writes nothing but what --save names.
    """
    conversion, speech = conversion_of(asked), speech_of(as_json, quiet)
    if device is not None:
        run(lambda: validate_device_and_show(model, conversion, speech, ask(device, asked)))
    else:
        from edgeattn.on_emulator import OnEmulator

        on_emulator = OnEmulator(asked["per_layer"], asked["save"])
        run(lambda: validate_emulated_and_show(model, conversion, speech, on_emulator))


@cli.command()
@click.argument("header", type=path)
@click.option("--target", required=True, help="Board, part or core, such as nucleo-f446re.")
@click.option("-o", "--output", type=path, help="Folder to write to. [build/<name>_firmware]")
@quiet_option
def firmware(header: Path, target: str, output: Path | None, quiet: bool) -> None:
    """Write and build firmware that answers `validate --device` with the network of HEADER.

    HEADER is the .h that `convert` wrote. For a board with a serial port known here that is a whole project and its
    built .bin and .elf; for any other target the C files that go into a project of yours.
    """
    run(lambda: firmware_and_tell(header, target, output, Speech.NOTHING if quiet else Speech.REPORT))


def run(work: Callable[[], None]) -> None:
    """Do the work; what is wrong becomes one sentence and an exit code."""
    from edgeattn.failures import failure

    try:
        work()
    except (KeyboardInterrupt, BrokenPipeError, click.exceptions.Exit):
        raise  # click's own affair
    except Exception as error:
        message, code = failure(error)
        click.echo(f"error: {message}", err=True)
        sys.exit(code)


def conversion_of(asked: dict[str, Any]) -> Conversion:
    """What was asked about the model, as a value."""
    from edgeattn.config_scan import Lambdas
    from edgeattn.conversion import Conversion
    from edgeattn.models import Activations
    from firmware_export import Compiler, Delivery, Emulator, Optimize

    calibration, validation = sample_requests(asked)
    return Conversion(
        name=asked["name"],
        target=asked.get("target", "cortex-m4"),
        calibration=calibration,
        validation=validation,
        compiler=Compiler(asked["compiler"]),
        optimize=Optimize(asked["optimize"]),
        delivery=Delivery.ROWS if asked["feed_rows"] else Delivery.WHOLE,
        emulator=Emulator(asked["emulator"]),
        lambdas=Lambdas.RUN if asked["allow_lambda"] else Lambdas.REFUSE,
        activations=Activations(asked["activations"]),
        compress_weights=asked["compress_weights"],
        inputs=asked["inputs"],
        memory=asked["memory"],
    )


def sample_requests(asked: dict[str, Any]) -> tuple[SampleRequest, SampleRequest]:
    """What to calibrate with and what to compare on.

    Scale and offset go to folders of images; where there is none, to the first, which is then refused.
    """
    from edgeattn.quantise import COMPARED, NO_REQUEST

    low, high = asked["low_high"]
    calibration = replace(NO_REQUEST, path=asked["calibration"], low=low, high=high)
    validation = replace(COMPARED, path=asked["validation"], low=low, high=high)
    pixels = {"scale": asked["scale"], "offset": asked["offset"]}
    if validation.path is not None and validation.path.is_dir():
        validation = replace(validation, **pixels)
        if calibration.path is None or not calibration.path.is_dir():
            return calibration, validation
    return replace(calibration, **pixels), validation


def with_files(conversion: Conversion, asked: dict[str, Any]) -> Conversion:
    """What was asked about the files to write, added."""
    from firmware_export import Guards, Layout

    layout = Layout.SPLIT if asked["split"] else Layout.SINGLE
    guards = Guards.BETWEEN if asked["guards"] else Guards.NONE
    files = {key: asked[key] for key in ("output", "picture", "threshold")}
    return replace(conversion, layout=layout, guards=guards, **files)


class Speech(Enum):
    """What goes to standard output; progress goes to standard error, and only beside a report."""

    REPORT = "report"
    JSON = "json"
    NOTHING = "nothing"


def speech_of(as_json: bool, quiet: bool) -> Speech:
    """The two flags as one choice: --json asks for its JSON, quiet or not."""
    return Speech.JSON if as_json else Speech.NOTHING if quiet else Speech.REPORT


def convert_and_show(model: Path, conversion: Conversion, speech: Speech) -> None:
    """Convert with progress, show the report."""
    from rich.console import Console

    from edgeattn.conversion import convert

    progress = Console(stderr=True, quiet=speech is not Speech.REPORT)
    with progress.status("starting") as status:
        report = convert(model, conversion, say=status.update, show=lambda report: show(report, speech))
    progress.print("wrote", ", ".join(report.files), markup=False, soft_wrap=True)


def analyze_and_show(model: Path, conversion: Conversion, speech: Speech) -> None:
    """The whole report, nothing judged."""
    from rich.console import Console

    from edgeattn.conversion import analyse
    from edgeattn.show_analysis import show_analysis

    with Console(stderr=True, quiet=speech is not Speech.REPORT).status("starting") as status:
        report = analyse(model, conversion, say=status.update)
    if speech is Speech.JSON:
        show(report, speech)
    else:
        show_analysis(report, Console())


def ask(device: str, asked: dict[str, Any]) -> OnDevice:
    """How the device is asked, as a value."""
    from edgeattn.on_device import OnDevice

    return OnDevice(device, timeout_seconds=asked["timeout"], per_layer=asked["per_layer"])


def bench_and_show(models: tuple[Path, ...], targets: tuple[str, ...], conversion: Conversion, speech: Speech) -> None:
    """Every model on every target, measured."""
    from rich.console import Console

    from edgeattn.bench import bench
    from edgeattn.report import as_dict
    from edgeattn.show_bench import show_bench

    with Console(stderr=True, quiet=speech is not Speech.REPORT).status("starting") as status:
        reports = bench(models, targets, conversion, say=status.update)
    tell(speech, lambda: show_bench(reports, Console()), lambda: [as_dict(report) for report in reports])


def tell(speech: Speech, show: Callable[[], None], facts: Callable[[], Any]) -> None:
    """What was found on standard output: for people, as JSON, or not at all."""
    match speech:
        case Speech.REPORT:
            show()
        case Speech.JSON:
            click.echo(json.dumps(facts(), indent=1))
        case Speech.NOTHING:
            pass


def validate_device_and_show(model: Path, conversion: Conversion, speech: Speech, asked: OnDevice) -> None:
    """The comparison on a device, shown also where bytes differ."""
    from rich.console import Console

    from edgeattn.device_report import as_dict, check_device
    from edgeattn.on_device import validate_on_device
    from edgeattn.show_device import show_device

    with Console(stderr=True, quiet=speech is not Speech.REPORT).status("starting") as status:
        report = validate_on_device(model, asked, conversion, say=status.update)
    tell(speech, lambda: show_device(report, Console()), lambda: as_dict(report))
    check_device(report)


def validate_emulated_and_show(model: Path, conversion: Conversion, speech: Speech, asked: OnEmulator) -> None:
    """The comparison in the emulator, shown also where bytes differ."""
    from rich.console import Console

    from edgeattn.on_emulator import check_validation, validate, validation_dict
    from edgeattn.show_device import show_layers

    progress = Console(stderr=True, quiet=speech is not Speech.REPORT)
    with progress.status("starting") as status:
        done = validate(model, asked, conversion, say=status.update)
    if speech is Speech.JSON:
        click.echo(json.dumps(validation_dict(done), indent=1))
    else:
        show(done.report, speech)
    if speech is Speech.REPORT:
        show_layers(done.layers, Console())
    if asked.save is not None:
        progress.print(f"wrote {asked.save}", markup=False, soft_wrap=True)
    check_validation(done, conversion)


def firmware_and_tell(header: Path, target: str, output: Path | None, speech: Speech) -> None:
    """Write the firmware and say what to do with it."""
    from edgeattn.firmware import next_step, write_firmware

    folder, project = write_firmware(header, target, output)
    if speech is Speech.REPORT:
        click.echo(next_step(project, folder))


def show(report: Report, speech: Speech) -> None:
    """The report on standard output."""
    from rich.console import Console

    from edgeattn.report import report_json
    from edgeattn.show import show_report

    match speech:
        case Speech.REPORT:
            show_report(report, Console())
        case Speech.JSON:
            click.echo(report_json(report), nl=False)
        case Speech.NOTHING:
            pass


@cli.command()
@json_option
def targets(as_json: bool) -> None:
    """List the STM32 parts that --target knows."""
    run(lambda: show_targets(as_json=as_json))


def show_targets(*, as_json: bool) -> None:
    """The table of parts."""
    from firmware_export import TARGETS

    if as_json:
        rows = [
            {
                "name": target.name,
                "core": target.core.name,
                "fpu": target.fpu.value,
                "mhz": target.mhz,
                "flash_bytes": target.flash_bytes,
                "ram_bytes": target.ram_bytes,
                "board": target.board,
            }
            for target in TARGETS.values()
        ]
        click.echo(json.dumps(rows, indent=1))
        return
    from rich.console import Console

    from edgeattn.show import targets_table

    Console().print(targets_table(TARGETS.values()))


@cli.command("supported-ops")
@json_option
def supported_ops(as_json: bool) -> None:
    """List the TFLite ops that run on the device."""
    run(lambda: show_supported_ops(as_json=as_json))


def show_supported_ops(*, as_json: bool) -> None:
    """The table of ops."""
    from firmware_export import SUPPORTED_OPS, supported_ops_table

    if as_json:
        rows = [{"op" if key == "name" else key: value for key, value in asdict(op).items()} for op in SUPPORTED_OPS]
        click.echo(json.dumps(rows, indent=1))
        return
    click.echo(supported_ops_table())
