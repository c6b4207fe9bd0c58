"""What the layers demand of their options and inputs. Each refusal is a ValueError out of `build`, as Keras expects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from numbers import Integral, Real
from typing import Any

Shape = Sequence[int | None]

MOST_SCORES = 4 << 20  # bytes; more RAM than any microcontroller has


def refusal(layer: Any, what: str, way_out: str) -> ValueError:
    """A sentence that names the layer, says what is wrong with it and what to do."""
    return ValueError(f"layer {layer.name!r} ({type(layer).__name__}) {what}: {way_out}")


def channels_of(layer: Any, shape: Shape) -> int:
    """The channels of a map (batch, height, width, channels), whose height and width may be open."""
    if len(shape) != 4:
        raise refusal(
            layer,
            f"reads maps (batch, height, width, channels), not the shape {_text(shape)}",
            "place it between layers of two dimensions, or put a Reshape before it",
        )
    if not shape[3]:
        raise refusal(layer, f"reads the shape {_text(shape)}, whose channels are open", "give the Input its channels")
    return int(shape[3])


def map_of(layer: Any, shape: Shape) -> tuple[int, int, int]:
    """Height, width and channels of a map that must have them all."""
    channels = channels_of(layer, shape)
    if not (shape[1] and shape[2]):
        raise refusal(
            layer,
            f"reads the shape {_text(shape)}, whose height and width must be known",
            "give the Input a fixed height and width",
        )
    return int(shape[1]), int(shape[2]), channels


def one_of(layer: Any, option: str, choices: Collection[str]) -> None:
    """The option of that name is one of the choices."""
    value = getattr(layer, option)
    if not isinstance(value, str) or value not in choices:
        raise refusal(layer, f"knows no {option} {value!r}", f"choose one of {', '.join(choices)}")


def whole(layer: Any, *options: str) -> None:
    """The options of those names are whole numbers from 1 up."""
    for option in options:
        value = getattr(layer, option)
        if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
            raise refusal(layer, f"has {option}={value!r}", "give a whole number, 1 or more")


def positive(layer: Any, *options: str) -> None:
    """The options of those names are finite numbers above 0."""
    for option in options:
        value = getattr(layer, option)
        if not isinstance(value, Real) or isinstance(value, bool) or not 0 < float(value) < float("inf"):
            raise refusal(layer, f"has {option}={value!r}", "give a number above 0")


def odd(layer: Any, option: str) -> None:
    """The option of that name is an odd whole number, so that a kernel has a middle."""
    whole(layer, option)
    value = getattr(layer, option)
    if value % 2 == 0:
        raise refusal(layer, f"has the even {option}={value}", f"take {value - 1} or {value + 1}, which have a middle")


def divided(layer: Any, channels: int, option: str) -> int:
    """The channels divided by the option of that name, which leaves no rest."""
    whole(layer, option)
    value = getattr(layer, option)
    if channels % value:
        fitting = ", ".join(str(size) for size in range(1, channels + 1) if channels % size == 0)
        raise refusal(
            layer, f"has {option}={value}, which does not divide its {channels} channels", f"take one of {fitting}"
        )
    return int(channels // value)


def divides_map(layer: Any, height: int, width: int, option: str) -> None:
    """Windows whose side is the option of that name tile the map."""
    whole(layer, option)
    value = getattr(layer, option)
    if height % value or width % value:
        raise refusal(
            layer,
            f"has {option}={value}, which does not divide its map of {height} x {width}",
            "take a common divisor of height and width, 1 at the least",
        )


def scores_fit(layer: Any, heads: int, queries: int, keys: int) -> None:
    """One score for each head, query and key is no more than a microcontroller can hold."""
    size = heads * queries * keys
    if size > MOST_SCORES:
        raise refusal(
            layer,
            f"compares {queries} positions with {keys}, which takes {size} bytes of RAM in int8, more than any "
            "microcontroller has",
            "place it where the map is smaller, or raise pool_size",
        )


def _text(shape: Shape) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"
