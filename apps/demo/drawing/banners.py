"""Wide pictures for the home page: products on a coloured ground, with their brand in large letters."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from apps.demo.drawing import cards
from apps.demo.drawing.colours import RGB, WHITE, Blend, dark, light, mix
from apps.demo.drawing.sketch import SIDE, gradient, lettering

BANNER = (1200, 480)
STRIP = (1200, 80)
FLOOR = (240, 480)

Drawn = tuple[str, Image.Image]
"""What kind of thing it is, and its drawing."""


def banner(things: Sequence[Drawn], ground: RGB, brand: str) -> Image.Image:
    """The first thing large, the others behind it on its left."""
    sheet = _ground(BANNER, Blend((light(ground, 0.6), ground, dark(ground, 0.06)), across=True))
    _disc(sheet, (930, 250), 250, light(ground, 0.75))
    _disc(sheet, (1150, 50), 110, light(ground, 0.5))
    _disc(sheet, (60, 470), 170, light(ground, 0.35))
    for number, thing in reversed(list(enumerate(things))):
        side = 400 if number == 0 else 270
        _place(sheet, thing, side, (970 - number * 215, 245 + (50 if number else 0)))
    ink = mix(dark(ground, 0.72), (60, 70, 100), 0.25)
    _write(sheet, brand, 6.2, (64, 160), ink)
    ImageDraw.Draw(sheet).rounded_rectangle((66, 262, 186, 270), 4, fill=ink)
    ImageDraw.Draw(sheet).rounded_rectangle((66, 310, 246, 366), 28, fill=dark(ground, 0.55))
    _write(sheet, "NEW", 2.6, (122, 326), WHITE)
    return sheet


def strip(things: Sequence[Drawn], ground: RGB, brand: str) -> Image.Image:
    """The narrow one above everything."""
    sheet = _ground(STRIP, Blend((dark(ground, 0.5), ground, dark(ground, 0.35)), across=True))
    for number, thing in enumerate(things):
        _place(sheet, thing, 108, (520 + number * 170, 44))
    _write(sheet, brand, 2.6, (64, 28), WHITE)
    return sheet


def floor(things: Sequence[Drawn], ground: RGB, number: int) -> Image.Image:
    """The tall one at the left of a floor, with its number."""
    sheet = _ground(FLOOR, Blend((light(ground, 0.5), ground, dark(ground, 0.25))))
    _disc(sheet, (120, 330), 150, light(ground, 0.6))
    for place, thing in enumerate(things[:2]):
        _place(
            sheet, thing, 210 if place == 0 else 130, (120 if place == 0 else 70, 345 - place * 140)
        )
    _write(sheet, f"{number}F", 6.4, (28, 32), dark(ground, 0.7))
    return sheet


def _ground(size: tuple[int, int], blend: Blend) -> Image.Image:
    return gradient(blend, size).convert("RGBA").convert("RGB")


def _disc(sheet: Image.Image, centre: tuple[int, int], radius: int, colour: RGB) -> None:
    mask = Image.new("L", (radius * 4, radius * 4))
    ImageDraw.Draw(mask).ellipse((0, 0, radius * 4 - 1, radius * 4 - 1), fill=130)
    corner = (centre[0] - radius, centre[1] - radius)
    sheet.paste(Image.new("RGB", (radius * 2, radius * 2), colour), corner, mask.reduce(2))


def _place(sheet: Image.Image, thing: Drawn, side: int, centre: tuple[int, int]) -> None:
    """Draw a thing and its shadow around this point, as far as it is on the sheet."""
    kind, drawing = thing
    box = (centre[0] - side // 2, centre[1] - side // 2)
    around = sheet.crop((*box, box[0] + side, box[1] + side))
    sheet.paste(cards.put(kind, cards.scaled(drawing, side), around), box)


def _write(sheet: Image.Image, words: str, size: float, corner: tuple[int, int], ink: RGB) -> None:
    mask = lettering(words, size * 2).reduce(SIDE // cards.SAVED_SIDE)
    sheet.paste(Image.new("RGB", mask.size, ink), corner, mask)
