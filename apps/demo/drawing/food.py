"""What is eaten and drunk, in its packing or fresh."""

from apps.demo.drawing.colours import (
    CREAM,
    GOLD,
    INK,
    LEAF,
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
from apps.demo.drawing.outlines import arc, curve, frame, mirrored, oval, slab
from apps.demo.drawing.sketch import Look, Sketch


def bag(s: Sketch, look: Look) -> None:
    """A stand-up pouch with a label; nuts, beans or dried fruit on it."""
    side = [(70, 16), (71, 22), (68.6, 40), (70, 66), (74, 85), (70, 88)]
    s.fill(mirrored(side), tube(look.tint))
    s.fill(slab(29, 15, 71, 21, 0.8), lit(dark(look.tint, 0.16), 0.2))
    for x in range(31, 71, 2):
        s.line([(x, 16), (x, 20)], 0.3, WHITE, 0.25)
    s.fill(oval(50, 48, 16.6), CREAM)
    s.line(arc((50, 48), 15, 15), 0.5, look.tint)
    s.text(look.brand, (50, 39.6), 2.6, dark(look.tint, 0.5))
    for x, y, lean in ((44, 49, 1.2), (52, 47, -1), (57, 52, 0.6), (48, 55.4, -0.4)):
        nut = [(x - 4, y + lean), (x, y - 3), (x + 4, y - lean), (x, y + 3)]
        s.fill(curve(nut), lit(mix(look.accent, (168, 112, 62), 0.5), 0.34))
        s.line([(x - 2.6, y + lean * 0.6), (x + 2.6, y - lean * 0.6)], 0.4, INK, 0.3)
    s.fill(slab(37, 71, 63, 76.4, 2.7), dark(look.tint, 0.3))
    s.text("100% NATURAL", (50, 73.7), 1.9, WHITE, 0.9)


def coffee(s: Sketch, look: Look) -> None:
    s.fill(slab(30, 18, 70, 87, 2.4), tube(look.tint))
    s.fill(slab(30, 14, 70, 23, 1), lit(dark(look.tint, 0.3), 0.2))
    s.fill(slab(41, 17, 59, 19.6, 1.3), STEEL)
    s.fill(slab(30, 46, 70, 74), CREAM)
    s.text(look.brand, (50, 52), 3.2, dark(look.tint, 0.5))
    s.text("ROASTED COFFEE", (50, 57.4), 1.6, INK, 0.7)
    for x in (43, 50, 57):
        s.fill(oval(x, 66, 2.5, 3.6), lit((112, 70, 46), 0.25))
        s.line(curve([(x, 62.8), (x - 0.8, 66), (x, 69.2)], closed=False), 0.5, (60, 34, 20))
    s.fill(oval(50, 34, 5), dark(look.tint, 0.3))
    s.fill(oval(50, 34, 1.5), light(look.tint, 0.3))


def box(s: Sketch, look: Look) -> None:
    """A carton seen from its corner; biscuits before it."""
    s.fill([(24, 27), (66, 27), (78, 20), (36, 20)], lit(light(look.tint, 0.4), 0.2))
    s.fill([(66, 27), (78, 20), (78, 72), (66, 84)], pair(dark(look.tint), dark(look.tint, 0.4)))
    s.fill(slab(24, 27, 66, 84), lit(look.tint, 0.2))
    s.fill(slab(24, 35, 66, 49), CREAM)
    s.text(look.brand, (45, 40.4), 3.4, dark(look.tint, 0.5))
    s.text("BISCUITS", (45, 45.8), 1.7, INK, 0.6)
    for x, y, size in ((36, 64, 7.4), (52, 70, 8.4), (74, 80, 8.6)):
        s.fill(oval(x, y, size), pair((238, 196, 132), (206, 152, 88)))
        s.line(arc((x, y), size * 0.84, size * 0.84), 0.4, (178, 124, 66))
        for dx, dy in ((-0.4, -0.3), (0.35, -0.4), (0.05, 0.1), (-0.3, 0.45), (0.45, 0.35)):
            s.fill(oval(x + size * dx, y + size * dy, 0.8), mix(look.accent, (92, 54, 34), 0.6))


def chocolate(s: Sketch, look: Look) -> None:
    brown = mix((96, 58, 40), look.accent, 0.12)
    s.fill(slab(28, 14, 72, 52, 2), dark(brown, 0.2))
    for row in range(3):
        for column in range(3):
            x, y = 30 + column * 13.6, 16 + row * 12
            s.fill(slab(x, y, x + 12.4, y + 10.8, 1.2), dark(brown, 0.35))
            s.fill(slab(x + 0.4, y, x + 12, y + 9.8, 1.2), lit(brown, 0.3))
    s.fill([(26, 46), (32, 43), (38, 46), (44, 43), (50, 46), (56, 43), (62, 46), (68, 43),
            (74, 46), (74, 52), (26, 52)], pair(WHITE, STEEL))  # fmt: skip
    s.fill(slab(25, 50, 75, 88, 1.6), tube(look.tint))
    s.fill(slab(25, 60, 75, 76), CREAM, 0.95)
    s.text(look.brand, (50, 66), 3.6, dark(look.tint, 0.5))
    s.text("CHOCOLATE", (50, 71.8), 1.9, INK, 0.65)


def tin(s: Sketch, look: Look) -> None:
    """A tea caddy, leaves on its label."""
    s.fill([(30, 34), (70, 34), (70, 84), *arc((50, 84), 20, 4, 0, 180)], tube(look.tint))
    s.fill(slab(28.6, 20, 71.4, 36), tube(dark(look.tint, 0.12)))
    s.fill(oval(50, 36, 21.4, 3.4), tube(dark(look.tint, 0.22)))
    s.fill(oval(50, 20, 21.4, 4), lit(light(look.tint, 0.3), 0.3))
    s.fill(slab(37, 44, 63, 77, 1.2), CREAM)
    s.line(frame(38.4, 45.4, 61.6, 75.6, 0.6), 0.35, GOLD)
    for lean in (-1, 1):
        leaf = [(50, 64), (50 + lean * 3, 57), (50 + lean * 9, 53), (50 + lean * 7, 61)]
        s.fill(curve(leaf), pair(light(LEAF, 0.1), dark(LEAF, 0.25)))
    s.fill(curve([(50, 64), (47.4, 56), (50, 48.4), (52.6, 56)]), pair(light(LEAF, 0.3), LEAF))
    s.text(look.brand, (50, 70.4), 2.3, INK, 0.85)


def jar(s: Sketch, look: Look) -> None:
    body = mirrored([(66, 33), (70, 40), (70, 80), (66, 86)])
    s.fill(body, tube(look.tint))
    s.fill([(31, 43), (35, 43), (35, 78), (32, 80)], WHITE, 0.4)
    s.fill(slab(31.6, 20, 68.4, 33, 2), tube(CREAM))
    s.fill(slab(31.6, 29, 68.4, 34, 1), tube(GOLD))
    s.fill(slab(36, 49, 64, 74, 2), CREAM)
    s.text(look.brand, (50, 68), 2.6, dark(look.tint, 0.6))
    for x, y in ((46, 56), (54, 56), (50, 62.6), (50, 53), (46, 60), (54, 60)):
        cell = [(x - 2, y), (x - 1, y - 1.8), (x + 1, y - 1.8), (x + 2, y), (x + 1, y + 1.8)]
        s.line([*cell, (x - 1, y + 1.8), (x - 2, y)], 0.5, dark(look.tint, 0.1))


def apple(s: Sketch, look: Look) -> None:
    half = [(50, 36), (60, 30), (74, 33), (81, 48), (76, 68), (64, 84), (55, 85), (50, 82)]
    outline = curve([*half, *((100 - x, y) for x, y in reversed(half[1:-1]))])
    s.line(curve([(50, 38), (49, 27), (53, 18)], closed=False), 2, (104, 74, 48))
    s.fill(curve([(52, 27), (60, 17), (73, 17), (66, 27)]), pair(light(LEAF, 0.2), dark(LEAF)))
    s.fill(outline, tube(look.tint))
    s.fill(curve([(44, 37), (50, 41), (56, 37), (50, 39)]), dark(look.tint, 0.5))
    s.fill(curve([(28, 44), (33, 38), (36, 42), (31, 56)]), WHITE, 0.4)
    for x, y in ((44, 62), (58, 55), (63, 70), (49, 74), (38, 70), (69, 58)):
        s.fill(oval(x, y, 0.5), CREAM, 0.6)


def orange(s: Sketch, look: Look) -> None:
    """One whole, one cut open before it."""
    s.fill(oval(44, 49, 26), tube(look.tint))
    s.fill(curve([(45, 25), (53, 14), (66, 15), (58, 24)]), pair(light(LEAF, 0.2), dark(LEAF)))
    s.fill(oval(44.6, 25, 1.6), dark(LEAF, 0.4))
    s.fill(oval(33, 38, 5, 3.6), WHITE, 0.3)
    s.fill(oval(66, 68, 19), lit(dark(look.tint, 0.08), 0.2))
    s.fill(oval(66, 68, 17.4), CREAM)
    for wedge in range(9):
        rim = arc((66, 68), 15.6, 15.6, wedge * 40 + 3, wedge * 40 + 37)
        s.fill([*arc((66, 68), 2, 2, wedge * 40 + 12, wedge * 40 + 28), *reversed(rim)],
               Blend((light(look.tint, 0.35), look.tint)))  # fmt: skip


def grapes(s: Sketch, look: Look) -> None:
    s.line(curve([(50, 32), (49, 22), (55, 14)], closed=False), 2, (112, 82, 54))
    s.fill(
        curve([(52, 27), (60, 15), (80, 16), (78, 30), (62, 33)]),
        pair(light(LEAF, 0.15), dark(LEAF)),
    )
    for row, count in enumerate((5, 6, 5, 4, 3, 2, 1)):
        for place in range(count):
            x, y = 50 + (place - (count - 1) / 2) * 10.4, 35 + row * 8
            s.fill(oval(x, y, 6), pair(light(look.tint, 0.25), dark(look.tint, 0.28)))
            s.fill(oval(x - 1.9, y - 2.1, 1.5), WHITE, 0.55)


def drink(s: Sketch, look: Look) -> None:
    """A glass bottle with a paper label."""
    neck = [(55, 16), (55, 32), (64, 45), (65, 50), (65, 84), (62, 87.6)]
    s.fill(mirrored(neck), tube(look.tint))
    s.fill(slab(43.6, 11, 56.4, 18, 1.4), tube(text_on(look.tint)))
    s.fill(slab(35, 53, 65, 76), tube(light(CREAM, 0.3)))
    s.text(look.brand, (50, 60), 3, dark(look.tint, 0.55))
    for x in (45, 50, 55):
        s.fill(oval(x, 68.6, 2), lit(look.accent, 0.2))
    s.fill(slab(38, 48, 39.6, 84, 0.8), WHITE, 0.4)
