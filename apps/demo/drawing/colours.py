"""Colours as (red, green, blue), and the gradients that shapes are filled with."""

from typing import NamedTuple

RGB = tuple[int, int, int]
WHITE: RGB = (255, 255, 255)
INK: RGB = (38, 42, 52)
STEEL: RGB = (198, 204, 213)
GLASS: RGB = (30, 36, 48)
GOLD: RGB = (222, 178, 92)
CREAM: RGB = (250, 244, 230)
LEAF: RGB = (112, 160, 84)
WOOD: RGB = (186, 134, 88)


class Blend(NamedTuple):
    """A gradient from the first stop to the last: downwards, or from left to right if ``across``."""

    stops: tuple[RGB, ...]
    across: bool = False


Paint = RGB | Blend


def from_hex(code: str) -> RGB:
    """Read "#7da0c4"."""
    red, green, blue = bytes.fromhex(code.removeprefix("#"))
    return red, green, blue


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """``one`` with a ``share`` (0 to 1) of ``other`` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def light(colour: RGB, share: float = 0.25) -> RGB:
    return mix(colour, WHITE, share)


def dark(colour: RGB, share: float = 0.25) -> RGB:
    return mix(colour, (16, 18, 30), share)


def is_pale(colour: RGB) -> bool:
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue > 150


def text_on(colour: RGB) -> RGB:
    """A colour that can be read on ``colour``."""
    return dark(colour, 0.68) if is_pale(colour) else light(colour, 0.82)


def lit(colour: RGB, strength: float = 0.2) -> Blend:
    """A surface lit from above."""
    return Blend((light(colour, strength), colour, dark(colour, strength * 0.7)))


def tube(colour: RGB) -> Blend:
    """A round body, lit from the left."""
    return Blend(
        (
            dark(colour, 0.22),
            light(colour, 0.16),
            light(colour, 0.3),
            colour,
            dark(colour, 0.14),
            dark(colour, 0.34),
        ),
        across=True,
    )


def pair(one: RGB, other: RGB, *, across: bool = False) -> Blend:
    return Blend((one, other), across)
