"""What is worn, and what things are carried in."""

from apps.demo.drawing.colours import (
    CREAM,
    GOLD,
    INK,
    STEEL,
    WHITE,
    WOOD,
    Blend,
    dark,
    is_pale,
    light,
    lit,
    pair,
    text_on,
)
from apps.demo.drawing.outlines import arc, curve, mirrored, oval, slab
from apps.demo.drawing.sketch import Look, Point, Sketch


def cloth(look: Look) -> Blend:
    return Blend((light(look.tint, 0.14), look.tint, dark(look.tint, 0.12)))


def fold_line(s: Sketch, path: list[Point], look: Look, width: float = 0.6) -> None:
    s.line(path, width, dark(look.tint, 0.35), 0.55)


def long_sleeves(s: Sketch, look: Look, cuff: float = 0) -> None:
    for side in (-1, 1):
        sleeve = [(32, 22), (20, 30), (13, 68), (15, 73), (23, 74), (31, 44)]
        placed = [(50 + side * (50 - x), y) for x, y in sleeve]
        s.fill(placed, Blend((light(look.tint, 0.05), dark(look.tint, 0.16))))
        if cuff:
            ends = [(14, 68), (15, 74), (23, 74.6), (24.4, 69)]
            s.fill([(50 + side * (50 - x), y) for x, y in ends], dark(look.tint, cuff))


def tee(s: Sketch, look: Look) -> None:
    side = [(59, 20), (67, 22.6), (86, 36), (79, 50), (70.4, 44.6), (71, 85)]
    s.fill(mirrored(side), cloth(look))
    s.fill([(41, 20), (59, 20), *arc((50, 20), 9, 8, 0, 180)], dark(look.tint, 0.45))
    s.line(arc((50, 20), 9, 8, 0, 180), 1.8, light(look.tint, 0.16))
    for edge in (-1, 1):
        fold_line(s, [(50 + edge * 20.4, 45), (50 + edge * 17.6, 36)], look)
        fold_line(s, curve([(50 + edge * 20, 58), (50 + edge * 14, 64)], closed=False), look)
    ink = text_on(look.tint)
    if look.variant % 3 == 0:
        s.fill(slab(37, 42, 63, 53, 0.8), ink, 0.85)
        s.text(look.brand, (50, 47.5), 3.4, look.tint)
    elif look.variant % 3 == 1:
        s.fill(oval(50, 50, 9.4), look.accent, 0.9)
        s.fill([(38, 59), (46, 48), (51, 54), (56, 46), (63, 59)], ink, 0.85)
    else:
        s.text(look.brand, (61, 38), 1.7, ink, 0.8)


def shirt(s: Sketch, look: Look) -> None:
    long_sleeves(s, look, cuff=0.22)
    s.fill(mirrored([(60, 19), (68, 22), (72, 44), (71, 84), (62, 87)]), cloth(look))
    if look.variant % 2 == 0:
        for x in range(33, 69, 5):
            s.line([(x, 30), (x, 84)], 0.4, text_on(look.tint), 0.22)
    s.fill(slab(48, 26, 52, 86), light(look.tint, 0.2), 0.6)
    for y in range(34, 84, 9):
        s.fill(oval(50, y, 0.9), CREAM if not is_pale(look.tint) else dark(look.tint, 0.45))
    s.fill([(42, 18), (58, 18), (50, 28)], dark(look.tint, 0.45))
    for side in (-1, 1):
        collar = [(50, 28), (50 + side * 9, 16), (50 + side * 12.6, 21), (50 + side * 6, 31)]
        s.fill(collar, lit(light(look.tint, 0.22), 0.16))
    s.fill(slab(55, 38, 64, 48, 0.8), dark(look.tint, 0.1))
    fold_line(s, [(55, 40), (64, 40)], look, 0.4)


def coat(s: Sketch, look: Look) -> None:
    long_sleeves(s, look, cuff=0.3)
    s.fill(arc((50, 23), 13, 12, 180, 360), lit(dark(look.tint, 0.22), 0.3))
    s.fill(mirrored([(60, 20), (69, 23), (73, 46), (74, 86)]), cloth(look))
    s.fill([(42, 19), (58, 19), (50, 32)], dark(look.tint, 0.5))
    s.line([(50, 30), (50, 86)], 1.1, STEEL)
    for side in (-1, 1):
        lapel = [(50, 34), (50 + side * 9, 17), (50 + side * 15, 23), (50 + side * 7, 38)]
        s.fill(lapel, lit(light(look.tint, 0.12), 0.2))
        pocket = [(50 + side * 8, 66), (50 + side * 19, 62), (50 + side * 19.4, 65)]
        s.fill([*pocket, (50 + side * 8.4, 69)], dark(look.tint, 0.3))
    if look.variant % 2 == 0:
        for y in (45, 55, 75):
            fold_line(s, [(28, y), (72, y)], look, 0.7)
    s.fill(slab(57, 44, 65, 47.4, 0.6), look.accent)


def sweater(s: Sketch, look: Look) -> None:
    long_sleeves(s, look, cuff=0.18)
    s.fill(mirrored([(60, 19), (68, 22), (72, 44), (72, 80)]), cloth(look))
    for row in range(7):
        y = 34 + row * 6
        zigzag = [(29 + step * 3.5, y + (1.6 if step % 2 else 0)) for step in range(13)]
        s.line(zigzag, 0.8, look.accent if row in {1, 2} else light(look.tint, 0.3), 0.75)
    s.fill(slab(28, 79, 72, 86, 1), lit(dark(look.tint, 0.15), 0.2))
    for x in range(30, 72, 2):
        s.line([(x, 80), (x, 85)], 0.35, dark(look.tint, 0.4), 0.5)
    s.fill([(40, 19), (60, 19), *arc((50, 19), 10, 6, 0, 180)], dark(look.tint, 0.45))
    s.line(arc((50, 19), 10, 6.4, 0, 180), 2.6, light(look.tint, 0.14))


def dress(s: Sketch, look: Look) -> None:
    s.fill(mirrored([(58, 15), (62, 16), (66, 31), (61, 46), (75, 86)]), cloth(look))
    s.fill([(42, 15), (58, 15), *arc((50, 15), 8, 12, 0, 180)], WHITE, 0.55)
    s.fill(mirrored([(61, 44), (61.8, 48.6)]), look.accent)
    for x, foot in ((43, 35), (50, 50), (57, 65)):
        fold_line(s, [(x, 52), (foot, 85)], look)
    if look.variant % 2 == 0:
        for row in range(4):
            for place in range(3 + row):
                flower = 50 + (place - (2 + row) / 2) * 8, 56 + row * 8
                s.fill(oval(*flower, 1.3), WHITE, 0.7)
                s.fill(oval(*flower, 0.5), GOLD)
    s.fill([(25, 86), (75, 86), (74, 83), (26, 83)], light(look.tint, 0.3), 0.5)


def skirt(s: Sketch, look: Look) -> None:
    s.fill(mirrored([(64, 24), (82, 82), (70, 85)]), cloth(look))
    for x, foot in ((39, 26), (44, 38), (50, 50), (56, 62), (61, 74)):
        fold_line(s, [(x, 30), (foot, 84)], look, 0.8)
        s.fill([(x, 30), (foot, 84), (foot - 5, 84)], dark(look.tint, 0.3), 0.3)
    s.fill(slab(35.6, 21, 64.4, 29, 1.2), lit(dark(look.tint, 0.2), 0.2))
    s.fill(slab(46.6, 22.4, 53.4, 27.6, 0.8), GOLD)


def sneaker(s: Sketch, look: Look) -> None:
    upper = [(12, 44), (20, 42), (30, 48), (44, 36), (50, 32), (60, 47), (76, 57), (89, 62),
             (92, 70), (50, 74), (12, 71), (10, 57)]  # fmt: skip
    s.fill(curve(upper), cloth(look))
    s.fill(curve([(74, 57), (86, 60), (92, 69), (80, 71), (70, 68)]), dark(look.tint, 0.2))
    s.fill(curve([(11, 45), (20, 43), (26, 58), (22, 71), (12, 70)]), dark(look.tint, 0.28))
    for step in range(4):
        x, y = 47 + step * 5.6, 40 + step * 4.4
        s.line([(x - 5, y + 4), (x + 2.6, y - 0.6)], 1.4, CREAM)
    s.fill(curve([(26, 62), (40, 60), (56, 52), (44, 66), (30, 68)]), look.accent)
    s.fill(curve([(16, 44), (30, 48.6), (45, 36), (30, 43)]), dark(look.tint, 0.55))
    sole = [(9, 69), (50, 73), (93, 69), (93, 75), (88, 79.4), (50, 80), (13, 79.4), (9, 76)]
    s.fill(sole, pair(WHITE, (214, 218, 224)))
    s.line([(12, 76.4), (90, 76.4)], 0.7, look.accent)


def backpack(s: Sketch, look: Look) -> None:
    s.line(arc((50, 21), 7, 7, 180, 360), 2.4, dark(look.tint, 0.5))
    for x in (25, 75):
        s.fill(slab(x - 5, 54, x + 5, 82, 4), dark(look.tint, 0.3))
    body = [*arc((50, 42), 25, 25, 180, 360), (75, 82), (71, 87), (29, 87), (25, 82)]
    s.fill(body, cloth(look))
    s.line(arc((50, 44), 19, 19, 180, 360), 0.9, dark(look.tint, 0.5))
    s.fill(slab(30, 53, 70, 82, 5), lit(light(look.tint, 0.08), 0.2))
    s.line([(33, 60), (67, 60)], 0.9, dark(look.tint, 0.5))
    s.fill(slab(64, 59.4, 66, 65, 0.8), look.accent)
    s.fill(slab(42, 36, 58, 43, 1), WOOD)
    s.text(look.brand, (50, 39.5), 1.9, CREAM)


def tote(s: Sketch, look: Look) -> None:
    s.line(curve([(37, 44), (39, 17), (61, 17), (63, 44)], closed=False), 2.2, WOOD)
    s.fill(mirrored([(74, 38), (79, 84), (77, 87)]), cloth(look))
    s.fill(mirrored([(74, 38), (74.6, 43)]), dark(look.tint, 0.2), 0.6)
    for x in (37, 63):
        s.fill(slab(x - 1.8, 38, x + 1.8, 50, 1.4), WOOD)
        s.fill(oval(x, 47.6, 0.7), GOLD)
    s.fill(oval(50, 65, 11), light(look.tint, 0.5), 0.7)
    s.text(look.brand, (50, 65), 2.9, INK, 0.85)
