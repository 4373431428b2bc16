"""Phones, sound, cameras and what is worn on the wrist."""

from apps.demo.drawing.colours import (
    GLASS,
    GOLD,
    INK,
    STEEL,
    WHITE,
    Blend,
    dark,
    light,
    lit,
    mix,
    pair,
    text_on,
    tube,
)
from apps.demo.drawing.outlines import arc, oval, slab
from apps.demo.drawing.sketch import Look, Sketch


def lens(s: Sketch, x: float, y: float, radius: float) -> None:
    s.fill(oval(x, y, radius), pair(dark(STEEL, 0.1), dark(STEEL, 0.6)))
    s.fill(oval(x, y, radius * 0.84), GLASS)
    s.fill(oval(x, y, radius * 0.56), pair((58, 74, 120), (20, 24, 40)))
    s.fill(oval(x, y, radius * 0.3), (12, 14, 24))
    s.fill(oval(x - radius * 0.24, y - radius * 0.26, radius * 0.15), WHITE, 0.8)


def wallpaper(s: Sketch, left: float, top: float, right: float, bottom: float, look: Look) -> None:
    """A lit screen: dusk over hills in the product's colours."""
    high, wide = bottom - top, right - left
    dusk = Blend((dark(look.accent, 0.3), look.accent, light(look.accent, 0.55)))
    s.fill(slab(left, top, right, bottom, 2), dusk)
    s.fill(oval(left + wide * 0.66, top + high * 0.36, min(wide, high) * 0.13), WHITE, 0.85)
    for share, depth in ((0.62, 0.12), (0.76, 0.35)):
        y = top + high * share
        hills = [
            (left, y + high * 0.06),
            (left + wide * 0.22, y - high * 0.05),
            (left + wide * 0.45, y + high * 0.05),
            (left + wide * 0.72, y - high * 0.08),
            (right, y + high * 0.02),
            (right, bottom - 1.5),
            (right - 1.5, bottom),
            (left + 1.5, bottom),
            (left, bottom - 1.5),
        ]
        s.fill(hills, dark(mix(look.accent, look.tint, 0.4), depth))


def phone(s: Sketch, look: Look) -> None:
    """The back of one, and the front of another behind it."""
    s.fill(slab(45, 19, 79, 85, 5), pair((72, 76, 88), GLASS))
    wallpaper(s, 46.2, 20.2, 77.8, 83.8, look)
    s.fill(oval(62, 23.4, 1.2), GLASS)
    s.fill(slab(21, 16, 56, 86, 5.4), dark(look.tint, 0.42))
    s.fill(slab(21.7, 16.7, 55.3, 85.3, 4.9), Blend((light(look.tint, 0.32), look.tint)))
    s.fill([(21.7, 50), (55.3, 24), (55.3, 38), (21.7, 66)], WHITE, 0.08)
    if look.variant % 3 == 0:
        s.fill(slab(24.5, 19.5, 42, 37, 4.4), dark(look.tint, 0.18))
        for x, y in ((29, 24), (37.4, 24), (29, 32.4)):
            lens(s, x, y, 3.5)
        s.fill(oval(37.4, 32.4, 1.4), (255, 236, 190))
    elif look.variant % 3 == 1:
        s.fill(oval(38.5, 31, 11.4), pair(dark(look.tint, 0.1), dark(look.tint, 0.4)))
        for x, y in ((34, 27), (43, 27), (34, 35.4), (43, 35.4)):
            lens(s, x, y, 3.3)
    else:
        s.fill(slab(25, 20, 52, 29, 4.5), dark(look.tint, 0.22))
        lens(s, 30.5, 24.5, 3.4)
        lens(s, 39, 24.5, 3.4)
        s.fill(oval(47, 24.5, 1.4), (255, 236, 190))
    s.text(look.brand, (38.5, 77), 2.3, text_on(look.tint), 0.75)


def fold(s: Sketch, look: Look) -> None:
    """Half open, seen from the inside, with its cover behind."""
    s.fill(slab(16, 27, 50, 83, 3.6), dark(look.tint, 0.3))
    s.fill(slab(50, 27, 84, 83, 3.6), dark(look.tint, 0.5))
    s.fill(slab(17.2, 28.2, 50, 81.8, 2.6), GLASS)
    s.fill(slab(50, 28.2, 82.8, 81.8, 2.6), GLASS)
    wallpaper(s, 18.4, 29.4, 81.6, 80.6, look)
    s.fill(slab(47.2, 29.4, 50, 80.6), pair(WHITE, (60, 60, 80), across=True), 0.13)
    s.fill(slab(50, 29.4, 53.4, 80.6), pair((20, 20, 40), (90, 90, 110), across=True), 0.2)
    s.fill(oval(67, 32.6, 1), GLASS)
    s.fill(slab(48.6, 25.8, 51.4, 84.2, 1.2), tube(look.tint))


def powerbank(s: Sketch, look: Look) -> None:
    s.fill(slab(31, 19, 69, 85, 6), dark(look.tint, 0.36))
    s.fill(slab(31, 19, 67, 84, 6), lit(look.tint, 0.24))
    s.fill([(31, 62), (67, 34), (67, 48), (31, 76)], WHITE, 0.08)
    s.fill(slab(41, 20.4, 57, 23, 1.2), GLASS)
    for place in range(4):
        glow = (116, 224, 160) if place < 3 else dark(look.tint, 0.3)
        s.fill(oval(43 + place * 4, 68, 1), glow)
    s.line([(50.4, 41), (46, 50), (52, 50), (47.6, 59)], 1.6, text_on(look.tint), 0.8)
    s.text(look.brand, (49, 77), 2.6, text_on(look.tint), 0.8)


def headphones(s: Sketch, look: Look) -> None:
    s.line(arc((50, 50), 27, 29, 180, 360), 6, lit(look.tint, 0.3))
    s.line(arc((50, 50.6), 24.6, 26, 192, 348), 2.6, light(look.tint, 0.3), 0.7)
    for side, inner in ((-1, -6), (1, 6)):
        x = 50 + side * 27
        s.line([(x, 47), (x, 56)], 3, STEEL)
        s.fill(slab(x - inner - 5, 49, x - inner + 5, 77, 5), dark(look.tint, 0.62))
        s.fill(slab(x - 6.4, 46.5, x + 6.4, 79.5, 6.4), tube(look.tint))
        s.fill(slab(x - 2.4, 54, x + 2.4, 72, 2.4), light(look.tint, 0.25), 0.55)
    s.text(look.brand, (50, 21.4), 2, text_on(look.tint), 0.8)


def earbuds(s: Sketch, look: Look) -> None:
    """The open case, both buds standing in it."""
    s.fill(slab(25, 20, 75, 52, 13), lit(dark(look.tint, 0.08), 0.3))
    s.fill(slab(28.5, 25, 71.5, 51, 10), dark(look.tint, 0.36))
    for x in (40.5, 59.5):
        s.fill(slab(x - 2.9, 44, x + 2.9, 66, 2.9), tube(light(look.tint, 0.35)))
        s.fill(oval(x, 43, 6.8, 7.6), Blend((light(look.tint, 0.75), light(look.tint, 0.15))))
        s.fill(slab(x - 1.6, 47.4, x + 1.6, 48.6, 0.6), dark(look.tint, 0.5))
    s.fill(slab(24, 54, 76, 84, 13), lit(look.tint, 0.34))
    s.fill(slab(34, 55, 66, 56.4, 0.7), light(look.tint, 0.4), 0.7)
    s.fill(oval(50, 66, 1.1), (110, 220, 150))
    s.text(look.brand, (50, 74), 2.6, text_on(look.tint), 0.75)


def camera(s: Sketch, look: Look) -> None:
    body = INK if look.variant % 2 == 0 else (92, 74, 62)
    s.fill([(37, 34), (41, 25), (59, 25), (63, 34)], lit(look.tint, 0.3))
    s.fill(slab(21, 29.6, 33, 34, 1), tube(dark(STEEL, 0.2)))
    s.fill(slab(68, 28, 79, 34, 1.4), tube(dark(STEEL, 0.35)))
    s.fill(slab(15, 33, 85, 79, 6), lit(look.tint, 0.3))
    s.fill(slab(15, 43, 85, 70), pair(body, dark(body, 0.3)))
    for x in (18, 78):
        s.fill(slab(x, 46, x + 4, 67, 2), WHITE, 0.06)
    s.fill(oval(50, 57, 21), pair(light(STEEL, 0.2), dark(STEEL, 0.5)))
    s.fill(oval(50, 57, 19.4), pair((64, 68, 80), INK))
    s.fill(oval(50, 57, 16), pair(INK, (70, 74, 86)))
    lens(s, 50, 57, 13.4)
    s.fill(oval(76, 38, 1.6), GOLD)
    s.text(look.brand, (50, 29.6), 2.3, text_on(look.tint), 0.9)


def watch(s: Sketch, look: Look) -> None:
    strap = tube(look.tint)
    s.fill([(38, 34), (41, 10), (59, 10), (62, 34)], strap)
    s.fill([(38, 68), (41, 93), (59, 93), (62, 68)], strap)
    for y in (80, 84, 88):
        s.fill(oval(50, y, 1), dark(look.tint, 0.45))
    s.fill(slab(74, 46, 78, 55, 1.6), tube(dark(STEEL, 0.1)))
    is_round = look.variant % 2 == 0
    case = oval(50, 51, 25) if is_round else slab(27, 27, 73, 75, 11)
    glass = oval(50, 51, 22) if is_round else slab(29.6, 29.6, 70.4, 72.4, 9)
    s.fill(case, pair(light(STEEL, 0.4), dark(STEEL, 0.45)))
    s.fill(glass, pair((30, 34, 48), (12, 14, 22)))
    for radius, share, colour in ((16.6, 300, (255, 112, 118)), (13.2, 230, (122, 222, 150))):
        s.line(arc((50, 51), radius, radius, -90, -90 + share), 2, colour)
    s.text("10:08", (50, 50), 6, WHITE)
    s.text(look.brand, (50, 57.6), 1.9, WHITE, 0.6)


def band(s: Sketch, look: Look) -> None:
    s.fill([(41, 34), (43.6, 9), (56.4, 9), (59, 34)], tube(look.tint))
    s.fill([(41, 68), (43.6, 93), (56.4, 93), (59, 68)], tube(look.tint))
    for y in (78, 82, 86):
        s.fill(oval(50, y, 0.9), dark(look.tint, 0.45))
    s.fill(slab(38, 25, 62, 77, 12), lit(dark(look.tint, 0.15), 0.3))
    s.fill(slab(40, 27, 60, 75, 10), pair((36, 40, 54), (12, 14, 22)))
    s.text("09:41", (50, 39), 4.6, WHITE)
    for place, colour in enumerate(((255, 112, 118), (250, 196, 90), (122, 222, 150))):
        s.fill(slab(44, 47 + place * 6, 56, 49 + place * 6, 1), WHITE, 0.16)
        s.fill(slab(44, 47 + place * 6, 55 - place * 3, 49 + place * 6, 1), colour)
    s.text(look.brand, (50, 68.6), 1.4, WHITE, 0.7)


def speaker(s: Sketch, look: Look) -> None:
    s.fill(slab(28, 22, 72, 86, 13), tube(look.tint))
    for row in range(12):
        for column in range(11):
            x, y = 32.5 + column * 3.5, 41 + row * 3.3
            s.fill(oval(x, y, 0.75), dark(look.tint, 0.5), 0.7)
    s.fill(oval(50, 27.5, 20, 6), pair(light(look.tint, 0.4), dark(look.tint, 0.1)))
    s.line(arc((50, 27.5), 16, 4.4), 0.9, (132, 220, 255))
    s.fill(slab(39, 34, 61, 38.6, 2.2), dark(look.tint, 0.35))
    s.text(look.brand, (50, 36.3), 2.1, WHITE, 0.9)
