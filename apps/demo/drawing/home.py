"""What stands in a kitchen and what lies about a home."""

from apps.demo.drawing.colours import (
    GLASS,
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
    tube,
)
from apps.demo.drawing.outlines import arc, curve, mirrored, oval, slab
from apps.demo.drawing.sketch import Look, Sketch


def kettle(s: Sketch, look: Look) -> None:
    s.line(curve([(62, 31), (80, 33), (81, 53), (69, 73)], closed=False), 4.4, INK)
    s.fill([(31, 33), (22, 31), (20.6, 35), (33, 46)], lit(look.tint, 0.2))
    body = mirrored([(59, 29), (62, 34), (70, 76), (70, 81)], axis=48)
    s.fill(body, tube(look.tint))
    s.fill(slab(26, 80, 70, 86, 2.4), INK)
    s.fill(curve(mirrored([(48, 22.6), (56, 24.6), (60, 29.6)], axis=48)), tube(look.tint))
    s.fill(oval(48, 21.6, 2.6, 2), tube(GOLD if is_pale(look.tint) else STEEL))
    s.fill(slab(27, 75, 69, 76.4), GOLD, 0.75)
    s.text(look.brand, (48, 60), 2.6, text_on(look.tint), 0.75)


def rice_cooker(s: Sketch, look: Look) -> None:
    s.fill(slab(19, 38, 81, 84, 13), tube(look.tint))
    s.fill(slab(25, 83, 75, 86.4, 1.4), INK)
    s.fill([(20, 44), *arc((50, 44), 30, 19, 180, 360), (80, 44)], lit(light(look.tint, 0.3), 0.3))
    s.fill(slab(19.6, 42, 80.4, 45, 1.4), dark(look.tint, 0.4))
    s.fill(slab(43, 23, 57, 26.6, 1.8), dark(STEEL, 0.2))
    s.fill(slab(35, 51, 65, 74, 5), pair((44, 48, 62), GLASS))
    s.text("0:35", (50, 58.6), 5.4, (160, 230, 255))
    for place, colour in enumerate((look.accent, STEEL, STEEL)):
        s.fill(oval(42 + place * 8, 68, 1.8), light(colour, 0.2))
    s.text(look.brand, (50, 79), 2.1, text_on(look.tint), 0.8)


def blender(s: Sketch, look: Look) -> None:
    jar = [(34, 21), (66, 21), (62, 60), (38, 60)]
    s.line(arc((66, 38), 8, 11, -80, 88), 2.8, dark(look.tint, 0.3))
    s.fill(jar, Blend(((206, 226, 236), WHITE, (196, 216, 228)), across=True))
    s.fill([(36, 37), (64, 37), (62, 60), (38, 60)], lit(look.accent, 0.24))
    for x, y, size in ((43, 46, 2.4), (55, 50, 3), (48, 55, 2)):
        s.fill(oval(x, y, size), light(look.accent, 0.45))
    s.fill([(38, 22), (41.4, 22), (42.4, 58), (40.4, 58)], WHITE, 0.5)
    s.fill(slab(31.6, 16.4, 68.4, 22, 2.2), tube(look.tint))
    s.fill([(37, 61), (63, 61), (69, 86), (31, 86)], tube(look.tint))
    s.fill(slab(36.4, 59, 63.6, 62.4, 1), tube(STEEL))
    s.fill(oval(50, 72, 4.6), pair(light(STEEL, 0.5), dark(STEEL, 0.2)))
    s.line([(50, 72), (50, 68.8)], 0.9, INK)
    s.text(look.brand, (50, 81.4), 2.1, text_on(look.tint), 0.8)


def bottle(s: Sketch, look: Look) -> None:
    s.fill(mirrored([(60, 30), (63.4, 36), (63.4, 84), (61, 87.4)]), tube(look.tint))
    s.fill(slab(40, 15, 60, 30, 2.4), tube(dark(look.tint, 0.45)))
    s.fill(slab(39.2, 28.6, 60.8, 31), tube(STEEL))
    s.fill(slab(36.6, 80.4, 63.4, 82), tube(STEEL))
    if look.variant % 2 == 0:
        s.line(curve([(43, 15), (44, 9.6), (56, 9.6), (57, 15)], closed=False), 1.8, INK)
    s.fill(slab(40.4, 37, 42.4, 76, 1), WHITE, 0.35)
    s.text(look.brand, (51.6, 58), 3.6, text_on(look.tint), 0.8, turn=-90)


def cup(s: Sketch, look: Look) -> None:
    s.line(arc((67, 57), 14, 13.4, -98, 98), 4.6, pair(light(look.tint, 0.12), dark(look.tint)))
    wall = [(25, 36), (69, 36), (67.6, 72), (62, 82), (32, 82), (26.4, 72)]
    s.fill(wall, tube(look.tint))
    s.fill(oval(47, 36, 22, 4.6), light(look.tint, 0.4))
    s.fill(oval(47, 36.6, 19.6, 3.6), pair((92, 60, 42), (138, 94, 64)))
    if look.variant % 2:
        s.fill([(25.4, 58), (68.4, 58), (67.6, 72), (62, 82), (32, 82), (26.4, 72)], WHITE, 0.22)
    for x in (40, 47, 54):
        steam = curve([(x, 29), (x + 2, 24), (x - 1.4, 19), (x + 1, 14)], closed=False)
        s.line(steam, 1.2, WHITE, 0.65)
    s.text(look.brand, (47, 56), 2.7, text_on(look.tint), 0.75)


def pot(s: Sketch, look: Look) -> None:
    for side in (-1, 1):
        grip = curve(
            [(50 + side * x, y) for x, y in ((30, 51), (39, 51), (39, 58), (30, 58))], closed=False
        )
        s.line(grip, 3, dark(look.tint, 0.45))
    wall = mirrored([(82, 46), (81, 74), (76, 82), (68, 84)])
    s.fill(wall, tube(look.tint))
    s.fill(slab(17, 43.6, 83, 48, 2), tube(dark(look.tint, 0.22)))
    s.fill([(20, 44), *arc((50, 44), 30, 12.5, 180, 360), (80, 44)], lit(look.tint, 0.36))
    s.fill(slab(47, 27, 53, 33), tube(STEEL))
    s.fill(slab(42.6, 23.6, 57.4, 28.4, 2.4), tube(WOOD))
    s.text(look.brand, (50, 66), 3, text_on(look.tint), 0.75)


def lamp(s: Sketch, look: Look) -> None:
    s.fill(oval(50, 54, 40, 34), (255, 236, 186), 0.22)
    s.fill(oval(50, 85, 15, 3.4), lit(WOOD, 0.3))
    s.line([(50, 84), (50, 48)], 2.6, tube(WOOD))
    s.fill([(36, 20), (64, 20), (76, 55), (24, 55)], tube(light(look.tint, 0.2)))
    s.fill(oval(50, 55, 26, 3.6), (255, 246, 214))
    s.fill(oval(50, 20, 14, 2), light(look.tint, 0.5))
    s.line([(66, 56), (66, 68)], 0.4, dark(STEEL, 0.3))
    s.fill(oval(66, 69, 1.1), GOLD)


def pillow(s: Sketch, look: Look) -> None:
    top = [(20, 27), (34, 30.4), (50, 31), (66, 30.4), (80, 27), (80.6, 28.6)]
    side = [(78.4, 41), (78, 54), (78.4, 67), (80.6, 79.4), (80, 81)]
    below = [(66, 77.6), (50, 77), (34, 77.6), (20, 81), (19.4, 79.4)]
    outline = curve([*top, *side, *below, (21.6, 67), (22, 54), (21.6, 41), (19.4, 28.6)])
    s.fill(outline, Blend((light(look.tint, 0.3), look.tint, dark(look.tint, 0.22))))
    if look.variant % 2 == 0:
        for x in (34, 42, 50, 58, 66):
            s.line(
                curve([(x, 33), (x + (x - 50) * 0.05, 54), (x, 75)], closed=False), 0.9, WHITE, 0.4
            )
    else:
        for x, y in ((38, 42), (62, 42), (50, 53), (38, 64), (62, 64)):
            for turn in range(3):
                across, down = ((1.2, 4.6), (4.6, 1.2), (2, 2))[turn]
                s.fill(oval(x, y, across, down), WHITE, 0.45)
    s.fill(slab(74, 63, 79, 67.6, 0.6), WHITE, 0.8)


def towel(s: Sketch, look: Look) -> None:
    """A folded stack of three."""
    shades = (dark(look.tint, 0.14), look.tint, light(look.tint, 0.3))
    for place, shade in enumerate(shades):
        top = 66 - place * 17
        s.fill(slab(22 + place, top, 78 - place, top + 17, 7.4), lit(shade, 0.24))
        s.line([(30 + place, top + 9.4), (77 - place, top + 9.4)], 0.8, dark(shade, 0.3), 0.6)
        s.fill(slab(66, top + 1, 69, top + 16.2), WHITE, 0.5)
        s.fill(slab(70.4, top + 1, 71.4, top + 16.2), WHITE, 0.5)
    s.fill(slab(32, 50, 47, 58, 1), WHITE, 0.9)
    s.text(look.brand, (39.5, 54), 1.8, INK, 0.8)
