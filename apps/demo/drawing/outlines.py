"""Outlines to fill, as lists of points in units."""

import math
from collections.abc import Sequence

from apps.demo.drawing.sketch import Point


def arc(
    centre: Point, across: float, down: float, start: float = 0, stop: float = 360
) -> list[Point]:
    """Points on an ellipse, clockwise; degrees from three o'clock, radii in units."""
    steps = max(6, round(abs(stop - start) / 5))
    angles = (math.radians(start + (stop - start) * step / steps) for step in range(steps + 1))
    return [(centre[0] + across * math.cos(a), centre[1] + down * math.sin(a)) for a in angles]


def oval(x: float, y: float, across: float, down: float | None = None) -> list[Point]:
    """An ellipse about (x, y) with these radii; a circle without the second."""
    return arc((x, y), across, across if down is None else down)


def slab(left: float, top: float, right: float, bottom: float, radius: float = 0) -> list[Point]:
    """A rectangle, its corners rounded."""
    if not radius:
        return [(left, top), (right, top), (right, bottom), (left, bottom)]
    r = min(radius, (right - left) / 2, (bottom - top) / 2)
    corners = (
        (left + r, top + r, 180),
        (right - r, top + r, 270),
        (right - r, bottom - r, 0),
        (left + r, bottom - r, 90),
    )
    return [point for x, y, at in corners for point in arc((x, y), r, r, at, at + 90)]


def frame(left: float, top: float, right: float, bottom: float, radius: float) -> list[Point]:
    """The same as a path to draw along, back to where it began."""
    outline = slab(left, top, right, bottom, radius)
    return [*outline, outline[0]]


def curve(points: Sequence[Point], *, closed: bool = True) -> list[Point]:
    """A smooth line through all points (Catmull-Rom)."""
    count = len(points)
    if not closed:
        points = [points[0], *points, points[-1]]
    spans = range(count) if closed else range(1, count)
    return [
        _between([points[(span + step) % len(points)] for step in (-1, 0, 1, 2)], at / 10)
        for span in spans
        for at in range(10 if closed or span < count - 1 else 11)
    ]


def _between(knots: Sequence[Point], at: float) -> Point:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = knots

    def along(a: float, b: float, c: float, d: float) -> float:
        bend = (2 * a - 5 * b + 4 * c - d) * at + (3 * b - a - 3 * c + d) * at * at
        return b + at / 2 * (c - a + bend)

    return along(ax, bx, cx, dx), along(ay, by, cy, dy)


def mirrored(half: Sequence[Point], axis: float = 50) -> list[Point]:
    """An outline from its right half, given from top to bottom."""
    return [*half, *((2 * axis - x, y) for x, y in reversed(half))]
