"""Product cards: a drawing on a coloured ground, with its shadow and the brand."""

from collections.abc import Callable, Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFilter

from apps.demo.drawing import books, clothes, digital, food, home, office
from apps.demo.drawing.colours import RGB, WHITE, Blend, dark, light, mix
from apps.demo.drawing.sketch import SIDE, UNIT, Look, Sketch, gradient, lettering

Drawing = Callable[[Sketch, Look], None]
DRAWINGS: dict[str, Drawing] = {
    drawing.__name__: drawing
    for drawing in (
        digital.phone, digital.fold, digital.powerbank, digital.headphones, digital.earbuds,
        digital.camera, digital.watch, digital.band, digital.speaker,
        office.laptop, office.tablet, office.computer, office.keyboard, office.mouse,
        office.monitor, office.pen, office.notebook, office.calculator, office.desk_lamp,
        home.kettle, home.rice_cooker, home.blender, home.bottle, home.cup, home.pot,
        home.lamp, home.pillow, home.towel,
        food.bag, food.box, food.chocolate, food.tin, food.coffee, food.jar, food.drink,
        food.apple, food.orange, food.grapes,
        clothes.tee, clothes.shirt, clothes.coat, clothes.dress, clothes.sweater,
        clothes.skirt, clothes.sneaker, clothes.backpack, clothes.tote,
        books.book,
    )
}  # fmt: skip
TILT = {"phone": -6, "mouse": 12, "pen": 18, "powerbank": 8, "calculator": -7, "band": 10,
        "keyboard": -8, "book": -4, "chocolate": 8, "notebook": 5}  # fmt: skip
LYING = {"tee", "shirt", "coat", "dress", "sweater", "skirt", "keyboard", "mouse", "pen",
         "notebook", "calculator", "pillow", "phone", "powerbank", "band", "watch",
         "chocolate"}  # fmt: skip

GROUNDS: tuple[RGB, ...] = (
    (226, 233, 244),
    (246, 232, 222),
    (226, 240, 232),
    (240, 230, 244),
    (247, 240, 219),
    (222, 239, 243),
    (246, 228, 232),
    (234, 234, 238),
)
LOGO_INKS: tuple[RGB, ...] = (
    (196, 82, 70),
    (66, 110, 172),
    (78, 140, 104),
    (206, 142, 62),
    (128, 92, 164),
    (58, 140, 150),
    (178, 84, 116),
)
SAVED_SIDE = SIDE // 2
WORDMARK_SIZE = (480, 240)
SHADE_SCALE = 5
"""Shadows are blurred on a sheet so many times smaller: they have no edges to lose."""


def draw(kind: str, look: Look) -> Image.Image:
    """The product alone, on a transparent sheet."""
    sketch = Sketch(TILT.get(kind, 0))
    DRAWINGS[kind](sketch, look)
    return sketch.layer


def card(kind: str, drawing: Image.Image, ground: RGB, brand: str) -> Image.Image:
    """The product in the middle of its card."""
    return put(kind, saved_size(drawing), backdrop(ground, brand))


def close_up(kind: str, drawing: Image.Image, tint: RGB) -> Image.Image:
    """The product nearer by half, before its own colour."""
    edge = SIDE // 6
    near = drawing.crop((edge, edge, SIDE - edge, SIDE - edge))
    return put(kind, scaled(near, SAVED_SIDE), plain(mix(tint, WHITE, 0.7)))


def line_up(kind: str, drawings: Sequence[Image.Image], ground: RGB, brand: str) -> Image.Image:
    """Every colour of one product, the first in front."""
    sheet = backdrop(ground, brand).copy()
    side = round(SAVED_SIDE * (0.62 if len(drawings) < 4 else 0.54))
    for rank in reversed(range(len(drawings))):
        x = (SAVED_SIDE - side) * rank // (len(drawings) - 1)
        y = round(SAVED_SIDE * (0.58 - rank * 0.03)) - side // 2
        box = (x, y, x + side, y + side)
        small = scaled(drawings[rank].reduce(SIDE // SAVED_SIDE), side)
        sheet.paste(put(kind, small, sheet.crop(box)), box)
    return sheet


def saved_size(drawing: Image.Image) -> Image.Image:
    return drawing.reduce(SIDE // SAVED_SIDE).convert("RGBA")


def scaled(drawing: Image.Image, side: int) -> Image.Image:
    return drawing.resize((side, side), Image.Resampling.BILINEAR).convert("RGBA")


def put(kind: str, drawing: Image.Image, sheet: Image.Image) -> Image.Image:
    """The sheet with the drawing on it, and its shadow between them."""
    sheet = sheet.copy()
    cast_shadow(sheet, drawing, is_standing=kind not in LYING)
    sheet.paste(drawing, (0, 0), drawing)
    return sheet


@cache
def plain(ground: RGB) -> Image.Image:
    blend = Blend((light(ground, 0.55), ground, dark(ground, 0.07)))
    return gradient(blend, (SAVED_SIDE, SAVED_SIDE)).convert("RGBA").convert("RGB")


@cache
def backdrop(ground: RGB, brand: str) -> Image.Image:
    """A wall with a pale disc, and the brand's name in its corner."""
    sheet = plain(ground).copy()
    sheet.paste(Image.new("RGB", sheet.size, light(ground, 0.9)), (0, 0), disc())
    ink = mix(dark(ground, 0.66), (70, 80, 110), 0.3)
    name, margin = lettering(brand, 3.4).reduce(SIDE // SAVED_SIDE), SAVED_SIDE * 6 // 100
    sheet.paste(Image.new("RGB", name.size, ink), (margin, margin), name)
    bar = (margin, margin + 27, margin + 32, margin + 30)
    ImageDraw.Draw(sheet).rectangle(bar, fill=ink)
    return sheet


@cache
def disc() -> Image.Image:
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).ellipse([round(edge * UNIT) for edge in (11, 12, 89, 90)], fill=120)
    return mask.reduce(SIDE // SAVED_SIDE)


def cast_shadow(sheet: Image.Image, drawing: Image.Image, *, is_standing: bool) -> None:
    """Darken the sheet softly below the drawing, and where it touches the ground."""
    small = drawing.getchannel("A").reduce(SHADE_SCALE)
    side, ink = small.width, Image.new("L", small.size)
    ink.paste(small.point(lambda level: level // 4), (0, side // 40))
    ink = ink.filter(ImageFilter.GaussianBlur(side / 36))
    bounds = small.getbbox()
    if is_standing and bounds:
        left, _, right, bottom = bounds
        inset, flat = (right - left) // 16, max((right - left) // 14, 3)
        foot = Image.new("L", small.size)
        box = (left + inset, bottom - flat, right - inset, bottom + flat // 2)
        ImageDraw.Draw(foot).ellipse(box, fill=120)
        foot = foot.filter(ImageFilter.GaussianBlur(side / 60))
        ink.paste(foot, (0, 0), foot)
    shade = ink.resize(sheet.size, Image.Resampling.BILINEAR)
    # Pasting a sheet through a mask is three times as fast as pouring a colour.
    sheet.paste(Image.new("RGB", sheet.size, (46, 50, 76)), (0, 0), shade)


def wordmark(brand: str) -> Image.Image:
    """A brand's logo: its name in capitals on white, its initial before it."""
    sheet = Image.new("RGB", WORDMARK_SIZE, WHITE)
    seal = LOGO_INKS[sum(map(ord, brand)) % len(LOGO_INKS)]
    ImageDraw.Draw(sheet).rounded_rectangle((36, 76, 124, 164), 26, fill=seal)
    for words, middle, ink in ((brand[0], 80, WHITE), (brand, 295, dark(seal, 0.6))):
        mask = lettering(words, 4)
        corner = (middle - mask.width // 2, 120 - mask.height // 2)
        sheet.paste(Image.new("RGB", mask.size, ink), corner, mask)
    return sheet
