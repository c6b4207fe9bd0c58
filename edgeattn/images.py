"""Folders of images as samples: found, read, resized, and what was done to them said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeattn.errors import SamplesError

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".pgm", ".ppm", ".tif", ".tiff", ".webp"}
MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # of Pillow, by the channels of the input
COLOURS = {"L": "grey", "RGB": "colour", "RGBA": "colour with transparency"}


@dataclass(frozen=True)
class Stored:
    """How an image stands in its file."""

    width: int
    height: int
    mode: str


def find(folder: Path) -> list[Path]:
    """The images of a folder and the folders in it, sorted. SamplesError where there are none."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not files:
        raise SamplesError(f"{folder}: no images ({', '.join(sorted(SUFFIXES))}) in this folder")
    return files


def read(files: Sequence[Path], shape: tuple[int, int, int]) -> tuple[NDArray[np.float32], str]:
    """Pixels, (images, height, width, channels), and what had to be done to make them so."""
    pixels, stored = zip(*(_read(path, shape) for path in files), strict=True)
    return np.stack(pixels), changes(stored, shape)


def changes(stored: Sequence[Stored], shape: tuple[int, int, int]) -> str:
    """As words, each after a comma: ", resized from 640x480 to 96x96, converted to grey"."""
    height, width, channels = shape
    sizes = Counter((one.width, one.height) for one in stored if (one.width, one.height) != (width, height))
    wanted = MODES[channels]
    converted = any(one.mode not in (wanted, "P") or (one.mode == "P" and wanted != "RGB") for one in stored)
    others = " and other sizes" if len(sizes) > 1 else ""
    from_sizes = [f"{w}x{h}" for (w, h), _ in sizes.most_common(1)]
    resized = "".join(f", resized from {size}{others} to {width}x{height}" for size in from_sizes)
    return resized + (f", converted to {COLOURS[wanted]}" if converted else "")


def _read(path: Path, shape: tuple[int, int, int]) -> tuple[NDArray[np.float32], Stored]:
    from PIL import Image

    height, width, channels = shape
    try:
        with Image.open(path) as image:
            stored = Stored(*image.size, image.mode)
            pixels = image.convert(MODES[channels]).resize((width, height), Image.Resampling.BILINEAR)
            return np.asarray(pixels, np.float32).reshape(shape), stored
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise SamplesError(
            f"{path}: not an image, or damaged ({reason}): remove it from the folder, or save it again"
        ) from error
