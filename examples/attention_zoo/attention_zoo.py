"""Compare attention blocks on Fashion-MNIST: small networks, equal but for the block, trained, quantised and counted.

Prints one table: what each network reaches in float and in int8, and what its C costs on a Cortex-M4. The trained
networks lie in the folder trained; those that are missing are trained first.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from measuring import Result, measure
from networks import ZOO
from rich.console import Console
from table import markdown_text, picture, result_table
from training import Split, load, save_compressed, train_network

TRAINED = Path(__file__).with_name("trained")
BASE = "none"  # what the price of a block is counted from


def missing(names: Sequence[str], folder: Path) -> tuple[str, ...]:
    """The networks whose files are not in the folder."""
    return tuple(name for name in names if not (folder / f"{name}.keras").is_file())


def train_all(names: Sequence[str], folder: Path, *, epochs: int, images: int) -> None:
    """Train networks on the first images of the training set and put their files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels, labels = load(Split.TRAIN)
    for name in names:
        click.echo(f"training {name}", err=True)
        model = train_network(name, pixels[:images], labels[:images], epochs)
        save_compressed(model, folder / f"{name}.keras")


def measure_all(names: Sequence[str], folder: Path, images: int) -> Iterator[Result]:
    """Measure networks of the folder on the first images of the test set."""
    pixels, labels = load(Split.TEST)
    with TemporaryDirectory() as temporary:
        test_set = Path(temporary) / "test.npz"
        np.savez(test_set, m_inputs_1=pixels[:images], labels=labels[:images])
        for name in names:
            click.echo(f"measuring {name}", err=True)
            yield measure(folder / f"{name}.keras", test_set)


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(ZOO)), help="These, and none to compare. [all]")
@click.option("--retrain", is_flag=True, help="Train, even where there is a trained file, and overwrite it.")
@click.option("--epochs", default=10, show_default=True, help="Passes over the training images.")
@click.option("--train-images", default=60_000, show_default=True, type=click.IntRange(5_001), help="The first N.")
@click.option("--test-images", default=10_000, show_default=True, type=click.IntRange(1), help="The first N.")
@click.option("--trained", default=TRAINED, type=click.Path(file_okay=False, path_type=Path), help="Their folder.")
@click.option("--markdown", is_flag=True, help="Print the table for a README.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw the table as well.")
def main(  # noqa: PLR0913 - options of a command
    *,
    only: tuple[str, ...],
    retrain: bool,
    epochs: int,
    train_images: int,
    test_images: int,
    trained: Path,
    markdown: bool,
    svg: Path | None,
) -> None:
    """Compare attention blocks; fail where the generated C gives a byte that the reference does not."""
    names = tuple(dict.fromkeys((BASE, *(only or ZOO))))
    if untrained := names if retrain else missing(names, trained):
        train_all(untrained, trained, epochs=epochs, images=train_images)
    results = tuple(measure_all(names, trained, test_images))
    click.echo(markdown_text(results)) if markdown else Console().print(result_table(results))
    if svg is not None:
        svg.write_bytes(picture(results))
    if wrong := [result.name for result in results if result.cost.differing_bytes]:
        raise click.ClickException(f"the generated C gives other bytes than the reference: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
