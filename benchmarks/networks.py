"""Measure the public networks on every core, from their files to tables, in one command.

Prints the README's tables. --write puts them there, and the costs into tests/end_to_end/ratchets.json, above which no
later change may go. Networks: those of MLPerf Tiny (github.com/mlcommons/tiny, benchmark/training/*/trained_models) and
other .tflite files that lie anywhere in the folder; one that does not is told and left out.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
from memory import Ram, ram, ram_table
from ratchets import RATCHETS, SMALLEST, ratchet
from tables import SHOWN, Costs, attention_table, bench_table, peer_table

from edgeattn.bench import bench
from edgeattn.conversion import DEFAULTS, Conversion
from edgeattn.report import as_dict
from firmware_export import Compiler, Optimize

HERE = Path(__file__).resolve().parent
README = HERE.parent / "README.md"
EXAMPLE = HERE.parent / "examples" / "fashion_se"
NETWORKS = {
    "ad01_int8": "AD, `ad01_int8`",
    "kws_ref_model": "KWS, `kws_ref_model`",
    "pretrainedResnet_quant": "IC, `pretrainedResnet_quant`",
    "vww_96_int8": "VWW, `vww_96_int8`",
    "se_small_int8": "SE, `se_small_int8`",
    "fashion_se": "SE, `fashion_se`",
}


def files(folder: Path) -> dict[str, Path]:
    """The networks that are here."""
    suffixes = (".tflite", ".h5")
    found = {path.stem: path for place in (folder, EXAMPLE) for path in place.rglob("*") if path.suffix in suffixes}
    for name in NETWORKS.keys() - found.keys():
        click.echo(f"{name} is not in {folder}: left out", err=True)
    return {name: found[name] for name in NETWORKS if name in found}


def measure(paths: dict[str, Path], conversion: Conversion) -> dict[str, Costs]:
    """Each network on each core."""
    return {name: costs(path, conversion) for name, path in paths.items()}


def costs(path: Path, conversion: Conversion) -> Costs:
    """One network by core."""
    reports = bench([path], SHOWN, conversion, say=say)
    return {report.target.name: as_dict(report) for report in reports}


def say(stage: str) -> None:
    """Progress."""
    click.echo(stage, err=True)


def write(marked: dict[str, str], measured: dict[str, Costs], memories: dict[str, Ram]) -> None:
    """Put tables between their marks in the README, and the ratchets into their file."""
    text = README.read_text(encoding="utf-8")
    for mark, shown in marked.items():
        between = re.compile(rf"(<!-- {mark} -->\n).*?(\n<!-- end of {mark} -->)", re.DOTALL)
        text = between.sub(lambda found, shown=shown: found[1] + shown + found[2], text)
    README.write_text(text, encoding="utf-8")
    limits = {
        name: {core: ratchet(cost) for core, cost in by_core.items()} | {SMALLEST: memories[name].ratchet}
        for name, by_core in measured.items()
    }
    RATCHETS.write_text(json.dumps(limits, indent=2) + "\n", encoding="utf-8")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--compiler", type=click.Choice([one.value for one in Compiler]), default="zig", show_default=True)
@click.option("-O", "optimize", type=click.Choice([one.value for one in Optimize]), default=Optimize.BALANCED.value)
@click.option("--write", "is_written", is_flag=True, help="Into the README, and the ratchets of the tests.")
def main(folder: Path, compiler: str, optimize: str, *, is_written: bool) -> None:
    """Measure the networks in FOLDER."""
    paths = files(folder)
    if is_written and len(paths) < len(NETWORKS):
        raise click.ClickException("only all networks together can be written")
    conversion = Conversion(compiler=Compiler(compiler), optimize=Optimize(optimize))
    if is_written and conversion != DEFAULTS:
        raise click.ClickException("only the usual choices' figures can be written: leave out --compiler and -O")
    if not paths:
        raise click.ClickException(f"none of the networks is in {folder}: see what they are with --help")
    measured = measure(paths, conversion)
    memories = {name: ram(path, conversion, say) for name, path in paths.items()}
    marked = {
        "bench": bench_table(NETWORKS, measured),
        "peers": peer_table(NETWORKS, measured),
        "attention share": attention_table(NETWORKS, measured),
        "ram": ram_table(NETWORKS, memories),
    }
    some = next(iter(next(iter(measured.values())).values()))
    click.echo(f"{some['compiler']} {some['compiler_flags']} at -O {some['optimize']}")
    click.echo("\n\n".join(marked.values()))
    if is_written:
        write(marked, measured, memories)


if __name__ == "__main__":
    main()
