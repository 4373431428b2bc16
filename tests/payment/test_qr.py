"""QR codes as drawings."""

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
import segno

from apps.payment.serializers.qr import qr_svg

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text",
    [
        "weixin://wxpay/bizpayurl?pr=abcdef1",
        "https://qr.alipay.com/bax03431ljhokirwl38f00a7",
        "1",
        'https://bank.example/?a=1&b="<script>"',
    ],
)
def test_it_is_the_text_drawn_with_a_quiet_zone(text: str) -> None:
    modules = [[bool(module) for module in row] for row in segno.make_qr(text, error="m").matrix]
    side = len(modules) + 8
    drawn = dark_modules(qr_svg(text), side)
    assert [row[4:-4] for row in drawn[4:-4]] == modules
    edge = drawn[:4] + drawn[-4:] + [row[:4] + row[-4:] for row in drawn]
    assert not any(any(row) for row in edge)


def test_it_can_be_put_into_a_page_as_it_is(begin: Callable) -> None:
    svg = begin("code").json()["qr"]["svg"]
    drawing = ElementTree.fromstring(svg)  # noqa: S314
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert drawing.attrib.keys() == {"class", "viewBox"}
    assert {child.tag.partition("}")[2] for child in drawing} == {"path"}
    assert svg.startswith("<svg")
    assert "script" not in svg
    assert "data:" not in svg


def dark_modules(svg: str, side: int) -> list[list[bool]]:
    """What is black in a drawing whose strokes run from left to right, half a module below their row's edge."""
    drawing = ElementTree.fromstring(svg)  # noqa: S314
    assert drawing.attrib["viewBox"] == f"0 0 {side} {side}"
    strokes = next(path for path in drawing if "stroke" in path.attrib)
    assert strokes.attrib["stroke"] == "#000"
    modules = [[False] * side for _ in range(side)]
    x, y = 0.0, 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", strokes.attrib["d"]):
        first, *rest = (float(number) for number in numbers.split())
        if command == "h":
            for column in range(int(x), int(x + first)):
                modules[int(y)][column] = True
            x += first
        else:
            x, y = (first, rest[0]) if command == "M" else (x + first, y + rest[0])
    return modules
