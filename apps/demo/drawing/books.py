"""Books: one volume, a motif on its cover."""

from collections.abc import Callable

from apps.demo.drawing.colours import (
    CREAM,
    GOLD,
    RGB,
    dark,
    light,
    lit,
    pair,
    text_on,
)
from apps.demo.drawing.outlines import arc, curve, frame, oval, slab
from apps.demo.drawing.sketch import Look, Sketch


def mountains(s: Sketch, ink: RGB, accent: RGB) -> None:
    s.fill(oval(60, 39, 6), accent)
    for peak, depth in (((40, 44), 0.45), ((58, 50), 0.7), ((46, 57), 1)):
        x, y = peak
        s.fill([(max(x - 22, 32), 72), peak, (min(x + 22, 73), 72)], ink, depth)


def moon(s: Sketch, ink: RGB, accent: RGB) -> None:
    s.fill(oval(52, 46, 11), accent)
    s.fill(oval(48, 43.6, 2), dark(accent, 0.12))
    s.fill(oval(55, 50, 2.8), dark(accent, 0.12))
    for row in range(4):
        y = 62 + row * 4
        wave = [(34 + step * 6, y + (1.4 if step % 2 else -1.4)) for step in range(7)]
        s.line(curve(wave, closed=False), 0.9, ink, 0.8)


def leaves(s: Sketch, ink: RGB, accent: RGB) -> None:
    s.line(curve([(52, 74), (50, 56), (54, 36)], closed=False), 0.9, ink)
    for step in range(4):
        y = 42 + step * 8
        for side in (-1, 1):
            tip = [(52, y + 6), (52 + side * 6, y - 2), (52 + side * 14, y - 4)]
            s.fill(curve([*tip, (52 + side * 9, y + 4)]), ink if (step + side) % 2 else accent)


def whale(s: Sketch, ink: RGB, accent: RGB) -> None:
    body = [
        (35, 57),
        (42, 48),
        (56, 48),
        (64, 56),
        (68, 50),
        (73, 48),
        (70, 58),
        (62, 66),
        (46, 66),
    ]
    s.fill(curve(body), ink)
    s.fill(curve([(36, 60), (46, 61), (56, 65), (46, 66), (38, 64)]), light(accent, 0.5))
    s.fill(oval(41.5, 56, 0.9), dark(ink, 0.7))
    for lean in (-4, 0, 4):
        s.line(curve([(48, 45), (48 + lean, 39), (48 + lean * 2, 40)], closed=False), 0.9, accent)


def rocket(s: Sketch, ink: RGB, accent: RGB) -> None:
    s.fill(curve([(52, 34), (58, 45), (57, 60), (47, 60), (46, 45)]), ink)
    for side in (-1, 1):
        s.fill([(52 + side * 5, 52), (52 + side * 10, 63), (52 + side * 4, 60)], accent)
    s.fill(oval(52, 47, 2.6), accent)
    s.fill(curve([(49, 61), (52, 73), (55, 61)]), GOLD)
    for x, y in ((37, 40), (67, 44), (40, 64), (66, 66)):
        s.fill(oval(x, y, 0.8), ink)


def code(s: Sketch, ink: RGB, accent: RGB) -> None:
    s.line([(45, 46), (38, 54), (45, 62)], 1.8, ink)
    s.line([(60, 46), (67, 54), (60, 62)], 1.8, ink)
    s.line([(55, 43), (50, 65)], 1.8, accent)


def bowl(s: Sketch, ink: RGB, accent: RGB) -> None:
    s.fill([*arc((52, 54), 15, 15, 0, 180)], ink)
    s.fill(oval(52, 54, 15, 2.6), accent)
    s.fill(slab(46, 67, 58, 70, 1), ink)
    for x in (46, 52, 58):
        s.line(
            curve([(x, 49), (x + 1.6, 45), (x - 1, 41), (x + 1, 37)], closed=False), 0.9, ink, 0.8
        )


def compass(s: Sketch, ink: RGB, accent: RGB) -> None:
    s.line(arc((52, 54), 15, 15), 1.2, ink)
    s.line(arc((52, 54), 12, 12), 0.4, ink)
    s.fill([(52, 42), (55, 54), (52, 57), (49, 54)], accent)
    s.fill([(52, 66), (55, 54), (52, 51), (49, 54)], ink)


def lines(s: Sketch, ink: RGB, accent: RGB) -> None:
    for step in range(9):
        s.fill(slab(37 + (step * 7) % 12, 38 + step * 4, 67 - (step * 5) % 14, 39.4 + step * 4, 0.7),
               accent if step % 3 == 1 else ink, 0.9)  # fmt: skip


MOTIFS: tuple[Callable[[Sketch, RGB, RGB], None], ...] = (
    mountains,
    moon,
    leaves,
    whale,
    rocket,
    code,
    bowl,
    compass,
    lines,
)


def book(s: Sketch, look: Look) -> None:
    """Its pages show at the right and below; the motif is chosen by the variant."""
    s.fill(slab(30, 18, 79, 88, 1.4), dark(look.tint, 0.45))
    s.fill(slab(30, 16, 77.4, 86), CREAM)
    for y in (82.4, 83.6, 84.8):
        s.line([(30, 82.4 + (y - 82.4)), (77, y)], 0.25, dark(CREAM, 0.25))
    s.fill(slab(25, 14, 76, 82, 1.4), lit(look.tint, 0.18))
    s.fill(slab(25, 14, 29.6, 82, 1.4), pair(dark(look.tint, 0.35), look.tint, across=True))
    ink = text_on(look.tint)
    s.line(frame(32, 18, 73, 78, 0.6), 0.3, ink, 0.6)
    s.line([(44, 27), (61, 27)], 0.7, ink, 0.9)
    s.line([(47, 30), (58, 30)], 0.5, ink, 0.6)
    MOTIFS[look.variant % len(MOTIFS)](s, ink, look.accent)
    s.text(look.brand, (52.5, 22.4), 1.9, ink, 0.85)
