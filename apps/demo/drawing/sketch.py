"""A sheet to draw one product on: 100 × 100 units, origin at the top left, without a background."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from apps.demo.drawing.colours import RGB, WHITE, Blend, Paint

SIDE = 1280
"""Pixels; twice what is saved, so that scaling down smooths the edges."""
UNIT = SIDE / 100

Point = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """How one product differs from the next of its kind."""

    tint: RGB
    accent: RGB
    brand: str
    variant: int


class Sketch:
    """What is filled later covers what was filled before. Everything leans by ``tilt`` degrees."""

    def __init__(self, tilt: float = 0) -> None:
        # Colours multiplied by their alpha: what a paste through a mask leaves on a blank sheet,
        # and what may be scaled as it is.
        self.layer = Image.new("RGBa", (SIDE, SIDE))
        self._tilt = tilt

    def fill(self, outline: Sequence[Point], paint: Paint, opacity: float = 1) -> None:
        points = self._placed(outline)
        left, top, right, bottom = _bounds(points, margin=1)
        mask = Image.new("L", (right - left, bottom - top))
        moved = [(x - left, y - top) for x, y in points]
        ImageDraw.Draw(mask).polygon(moved, fill=round(255 * opacity))
        self._pour(mask, paint, (left, top))

    def line(self, path: Sequence[Point], width: float, paint: Paint, opacity: float = 1) -> None:
        """A stroke with round ends."""
        points, thick = self._placed(path), round(width * UNIT)
        left, top, right, bottom = _bounds(points, margin=thick)
        mask = Image.new("L", (right - left, bottom - top))
        moved = [(x - left, y - top) for x, y in points]
        pen, level, radius = ImageDraw.Draw(mask), round(255 * opacity), thick / 2 - 0.5
        pen.line(moved, fill=level, width=thick, joint="curve")
        for x, y in (moved[0], moved[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=level)
        self._pour(mask, paint, (left, top))

    def text(
        self,
        words: str,
        centre: Point,
        size: float,
        paint: Paint = WHITE,
        opacity: float = 1,
        turn: float = 0,
    ) -> None:
        mask = lettering(words, size).point(lambda level: round(level * opacity))
        if self._tilt + turn:
            mask = mask.rotate(-self._tilt - turn, Image.Resampling.BICUBIC, expand=True)
        ((x, y),) = self._placed([centre])
        self._pour(mask, paint, (round(x - mask.width / 2), round(y - mask.height / 2)))

    def _placed(self, points: Sequence[Point]) -> list[Point]:
        """From units to pixels, leaning about the middle of the sheet."""
        cos, sin = math.cos(math.radians(self._tilt)), math.sin(math.radians(self._tilt))
        return [
            (
                (50 + (x - 50) * cos - (y - 50) * sin) * UNIT,
                (50 + (x - 50) * sin + (y - 50) * cos) * UNIT,
            )
            for x, y in points
        ]

    def _pour(self, mask: Image.Image, paint: Paint, corner: tuple[int, int]) -> None:
        self.layer.paste(sheet_of(paint, mask.size), corner, mask)


def sheet_of(paint: Paint, size: tuple[int, int]) -> Image.Image:
    """An opaque sheet. Pasting it through a mask is three times as fast as pouring a colour."""
    return (
        gradient(paint, size)
        if isinstance(paint, Blend)
        else Image.new("RGBa", size, (*paint, 255))
    )


def gradient(blend: Blend, size: tuple[int, int]) -> Image.Image:
    """An opaque sheet of that many pixels: one row or column is blended, and repeated."""
    width, height = size
    strip = Image.new("RGB", (len(blend.stops), 1) if blend.across else (1, len(blend.stops)))
    strip.putdata(blend.stops)
    strip = strip.resize((width, 1) if blend.across else (1, height), Image.Resampling.BILINEAR)
    return strip.convert("RGBA").convert("RGBa").resize(size, Image.Resampling.NEAREST)


@cache
def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    # The font that Pillow carries: a bare machine has no other. It knows no Chinese.
    return ImageFont.load_default(size=size * UNIT)


def lettering(words: str, size: float) -> Image.Image:
    """The words as a mask that fits them closely."""
    font = _font(size)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(words))
    mask = Image.new("L", (max(right - left, 1), max(bottom - top, 1)))
    ImageDraw.Draw(mask).text((-left, -top), words, fill=255, font=font)
    return mask


def _bounds(points: Sequence[Point], margin: int) -> tuple[int, int, int, int]:
    across, down = [x for x, _ in points], [y for _, y in points]
    return (
        math.floor(min(across)) - margin,
        math.floor(min(down)) - margin,
        math.ceil(max(across)) + margin + 1,
        math.ceil(max(down)) + margin + 1,
    )
