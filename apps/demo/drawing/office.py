"""Computers, what is plugged into them, and what lies on a desk."""

from apps.demo.drawing.colours import (
    CREAM,
    GLASS,
    GOLD,
    INK,
    STEEL,
    WHITE,
    dark,
    light,
    lit,
    pair,
    text_on,
    tube,
)
from apps.demo.drawing.digital import wallpaper
from apps.demo.drawing.outlines import arc, curve, oval, slab
from apps.demo.drawing.sketch import Look, Sketch


def laptop(s: Sketch, look: Look) -> None:
    s.fill(slab(19, 24, 81, 70, 3), pair(light(look.tint, 0.2), dark(look.tint, 0.3)))
    s.fill(slab(20, 25, 80, 69, 2.4), GLASS)
    wallpaper(s, 21.6, 26.8, 78.4, 66.6, look)
    s.fill(slab(48.9, 25.5, 51.1, 26.3, 0.4), (70, 76, 92))
    s.fill([(19, 70), (81, 70), (90, 78.4), (10, 78.4)], lit(look.tint, 0.34))
    s.fill([(24, 71.2), (76, 71.2), (79.4, 74.6), (20.6, 74.6)], dark(look.tint, 0.5))
    s.fill([(41, 75.4), (59, 75.4), (60, 77.6), (40, 77.6)], light(look.tint, 0.3))
    s.fill(slab(10, 78.4, 90, 81, 1.3), dark(look.tint, 0.3))
    s.fill(slab(43, 78.4, 57, 79.4, 0.5), dark(look.tint, 0.5))


def tablet(s: Sketch, look: Look) -> None:
    s.fill(slab(17, 27, 83, 77, 4.4), dark(look.tint, 0.25))
    s.fill(slab(17.8, 27.8, 82.2, 76.2, 3.8), GLASS)
    wallpaper(s, 20.4, 30.4, 79.6, 73.6, look)
    for place in range(5):
        icon = slab(33 + place * 7, 66, 38 + place * 7, 71, 1.3)
        s.fill(icon, light(look.accent, 0.25 + place * 0.14))
    if look.variant % 2 == 0:
        s.fill(slab(20, 80, 76, 82.6, 1.3), tube(light(STEEL, 0.4)))
        s.fill([(76, 80), (80, 81.3), (76, 82.6)], dark(STEEL, 0.4))


def monitor(s: Sketch, look: Look) -> None:
    s.fill(slab(44, 68, 56, 83), tube(STEEL))
    s.fill(slab(31, 82, 69, 86, 2), lit(STEEL, 0.3))
    s.fill(slab(12, 22, 88, 71, 2.4), pair(light(look.tint, 0.1), dark(look.tint, 0.3)))
    wallpaper(s, 13.4, 23.4, 86.6, 66, look)
    s.text(look.brand, (50, 68.5), 1.8, text_on(look.tint), 0.85)


def computer(s: Sketch, look: Look) -> None:
    """All in one: a screen with a chin, keyboard and mouse before it."""
    s.fill(slab(45, 66, 55, 78), tube(light(STEEL, 0.3)))
    s.fill(slab(36, 76.4, 64, 79, 1.3), lit(light(STEEL, 0.3), 0.2))
    s.fill(slab(18, 18, 82, 68, 2.6), lit(look.tint, 0.3))
    s.fill(slab(18.8, 18.8, 81.2, 59, 2), GLASS)
    wallpaper(s, 20.2, 20.2, 79.8, 57.6, look)
    s.text(look.brand, (50, 63.4), 2.2, text_on(look.tint), 0.8)
    s.fill(slab(24, 82, 66, 87, 1.5), lit(light(look.tint, 0.55), 0.2))
    for row in range(2):
        for column in range(13):
            x, y = 25.4 + column * 3.06, 82.8 + row * 1.8
            s.fill(slab(x, y, x + 2.4, y + 1.3, 0.3), WHITE, 0.8)
    s.fill(oval(74, 84.6, 3, 2.6), lit(light(look.tint, 0.55), 0.2))


def keyboard(s: Sketch, look: Look) -> None:
    s.fill(slab(11, 35, 89, 72, 3.4), dark(look.tint, 0.4))
    s.fill(slab(11, 34, 89, 70, 3.4), lit(look.tint, 0.22))
    s.fill(slab(13, 36, 87, 68, 2), dark(look.tint, 0.34))
    rows = ((1,) * 14, (1.4, *(1,) * 11, 1.6), (1.8, *(1,) * 10, 2.2), (2.3, *(1,) * 9, 2.7))
    for row, widths in enumerate((*rows, (1.3, 1.3, 1.3, 5.8, 1.3, 1.3, 1.7))):
        x = 14.0
        for place, width in enumerate(widths):
            step = width * 72 / 14
            is_marked = (row, place) in {(0, 0), (2, len(widths) - 1), (4, 3)}
            cap = look.accent if is_marked else light(look.tint, 0.6)
            y = 37.2 + row * 6.1
            s.fill(slab(x + 0.3, y, x + step - 0.3, y + 5.5, 0.9), dark(cap, 0.28))
            s.fill(slab(x + 0.7, y, x + step - 0.7, y + 4.5, 0.8), pair(light(cap, 0.3), cap))
            x += step


def mouse(s: Sketch, look: Look) -> None:
    body = [(50, 21), (66, 28), (70, 50), (68, 72), (50, 86), (32, 72), (30, 50), (34, 28)]
    s.fill(curve(body), tube(look.tint))
    palm = [(50, 50), (61, 54), (64, 68), (50, 82), (36, 68), (39, 54)]
    s.fill(curve(palm), light(look.tint, 0.3), 0.35)
    s.line([(50, 22.4), (50, 47)], 0.7, dark(look.tint, 0.5))
    s.line(curve([(30.6, 48), (50, 47), (69.4, 48)], closed=False), 0.7, dark(look.tint, 0.45))
    s.fill(slab(47.4, 28, 52.6, 41, 2.6), dark(look.tint, 0.6))
    s.fill(slab(48.5, 29.5, 51.5, 39.5, 1.5), pair(light(look.accent, 0.4), look.accent))
    s.text(look.brand, (50, 71), 2.2, text_on(look.tint), 0.7)


def pen(s: Sketch, look: Look) -> None:
    """Two of them, side by side: one capped, one ready to write."""
    for x, is_open in ((41, False), (59, True)):
        top, bottom = (14, 84) if not is_open else (18, 74)
        s.fill(slab(x - 4.2, top, x + 4.2, bottom, 4.2), tube(look.tint))
        s.fill(slab(x - 4.2, 42, x + 4.2, 44.6), tube(GOLD))
        s.fill(slab(x - 4.2, top + 5, x + 4.2, top + 6.4), tube(GOLD))
        if is_open:
            s.fill([(55.6, 74), (62.4, 74), (60.8, 80), (57.2, 80)], tube(INK))
            s.fill([(57, 80), (61, 80), (59, 89)], pair(light(GOLD, 0.3), GOLD, across=True))
            s.line([(59, 82.6), (59, 88)], 0.3, dark(GOLD, 0.6))
        else:
            s.fill(slab(x + 1, 19, x + 3.2, 40, 1.1), pair(light(GOLD, 0.4), GOLD))
    s.text(look.brand, (59, 58), 2.2, text_on(look.tint), 0.8, turn=-90)


def notebook(s: Sketch, look: Look) -> None:
    s.fill(slab(31, 20, 76, 87, 2.6), dark(CREAM, 0.18))
    s.fill(slab(30, 19, 75, 86, 2.6), CREAM)
    s.fill(slab(27, 17, 73, 84, 3), lit(look.tint, 0.2))
    s.fill(slab(27, 17, 34, 84, 3), dark(look.tint, 0.3), 0.5)
    s.fill(slab(64, 17, 67, 84), dark(look.accent, 0.2), 0.9)
    s.fill(slab(40, 32, 60, 43, 1.4), CREAM)
    s.text(look.brand, (50, 37.5), 2.5, INK, 0.8)
    s.fill([(56, 84), (59, 84), (59, 92), (57.5, 90), (56, 92)], look.accent)


def calculator(s: Sketch, look: Look) -> None:
    s.fill(slab(29, 17, 73, 88, 5), dark(look.tint, 0.4))
    s.fill(slab(28, 15, 72, 86, 5), lit(look.tint, 0.2))
    s.fill(slab(33, 23, 67, 37, 2), pair((168, 190, 172), (202, 218, 200)))
    s.text("1288.00", (54.4, 30.5), 5, INK, 0.85)
    s.text(look.brand, (50, 19.4), 1.9, text_on(look.tint), 0.8)
    for row in range(5):
        for column in range(4):
            x, y = 33 + column * 8.9, 42 + row * 8.3
            key = look.accent if column == 3 else light(look.tint, 0.65)
            s.fill(slab(x, y + 0.8, x + 7.2, y + 6.6, 1.8), dark(key, 0.3))
            s.fill(slab(x, y, x + 7.2, y + 5.8, 1.8), pair(light(key, 0.3), key))


def desk_lamp(s: Sketch, look: Look) -> None:
    s.fill(oval(37, 84, 17, 3.6), lit(dark(look.tint, 0.1), 0.3))
    s.fill([(52, 37), (74, 45), (90, 84), (32, 84)], (255, 240, 190), 0.28)
    s.line([(37, 83), (30, 53)], 2, STEEL)
    s.line([(30, 53), (58, 28)], 2, STEEL)
    s.fill(oval(30, 53, 2.8), lit(look.accent, 0.2))
    s.fill(oval(37, 82, 3.4, 2), dark(look.tint, 0.3))
    shade = arc((64, 37), 15, 15, 198, 385)
    s.fill(shade, pair(light(look.tint, 0.35), dark(look.tint, 0.12)))
    s.line([shade[0], shade[-1]], 1.6, dark(look.tint, 0.3))
    s.fill(oval(63.6, 40, 4.4, 3), (255, 244, 206))
