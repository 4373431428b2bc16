"""Files that cannot be used, by mistake or by malice: said plainly, before any row, in little memory."""

import io
import random
import zipfile
import zlib
from typing import Any

import pytest
from django.utils.translation import override
from openpyxl import Workbook

from apps.core.spreadsheets import SpreadsheetRefused, read
from tests.core.spreadsheets.memory import peak_of
from tests.core.spreadsheets.sheets import (
    COLUMNS,
    MAIN,
    TITLES,
    book,
    inline,
    raw_book,
    refusal,
    rows_of,
    saved,
    text,
)

DAMAGED = "The file is damaged: open it in Excel or WPS, save it as .xlsx again, and upload that."
TOO_MUCH = "There is far too much in this workbook: copy the rows into a new one."
SOUND = f"{TITLES}<row>{inline('1', 'a')}</row>"
MB = 1024 * 1024


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with override("en"):
        yield


def two_sheets() -> io.BytesIO:
    workbook = Workbook()
    workbook.active.append(["a", "b"])
    workbook.create_sheet("Zweite").append(["订单号", "x"])
    return saved(workbook)


def ole(content: str) -> io.BytesIO:
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 70_000
    return io.BytesIO(start + content.encode("utf-16-le"))


def zipped(**parts: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file


def broken(file: io.BytesIO, at: int) -> io.BytesIO:
    return io.BytesIO(file.getvalue()[:at])


FILES = {
    "empty": (io.BytesIO(), "The file is empty."),
    "no row": (book(), "There are no rows below the titles."),
    "rows of nothing": (book([" "], ["\xa0"]), "There are no rows below the titles."),
    "no titles": (
        book(header=["x", "y"]),
        "The titles of these columns are missing: 订单号、快递公司. Row 1 has: x、y.",
    ),
    "one title missing": (
        book(["1"], header=["订单号", "数量"]),
        "The titles of these columns are missing: 快递公司. Found in row 1: 订单号、数量.",
    ),
    "no sheet has them": (
        two_sheets(),
        "The titles of these columns are missing: 快递公司. Found in row 1: 订单号. Sheets: Sheet、Zweite.",
    ),
    "a title twice": (
        book(["1"], header=["订单号", "快递公司", "Order"]),
        "More than one column is called 订单号: keep one of them.",
    ),
    "a password": (
        ole("EncryptedPackage"),
        "The file is protected by a password: remove it and save.",
    ),
    "an old one": (
        ole("Workbook"),
        "This is an old .xls file: open it in Excel or WPS and save it as .xlsx.",
    ),
    "a web page": (
        text("<html><table><tr><td>订单号"),
        "This is a web page under another name: open it in Excel and save it as .xlsx.",
    ),
    "a picture": (
        io.BytesIO(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        "This is neither a workbook nor a text: save it as .xlsx, or as CSV UTF-8.",
    ),
    "a quotation mark": (
        text('订单号,快递公司\n1,"a\n2,b\n'),
        "Near line 3 a quotation mark is missing or a cell is far too long.",
    ),
    "a long line": (
        text("订单号,快递公司\n" + "," * 300_000),
        "There is a line that is far too long.",
    ),
    "another zip": (zipped(a=b"b"), DAMAGED),
    "a document": (
        zipped(**{"_rels/.rels": b"<Relationships/>"}),
        "This is no Excel workbook: save it as .xlsx or .csv.",
    ),
    "half of one": (broken(book(["1"]), 3000), DAMAGED),
    "its beginning": (broken(book(["1"]), 4), DAMAGED),
    "an empty zip": (io.BytesIO(b"PK\x05\x06" + b"\0" * 18), DAMAGED),
    "no sheet": (
        raw_book(SOUND, **{"xl/workbook.xml": f'<workbook xmlns="{MAIN}"/>'}),
        "There is no sheet in this workbook.",
    ),
    "a string that is none": (raw_book(f'{TITLES}<row><c t="s"><v>7</v></c></row>'), DAMAGED),
    "a string before the first": (raw_book(f'{TITLES}<row><c t="s"><v>-1</v></c></row>'), DAMAGED),
    "an address of nothing": (raw_book(f'{TITLES}<row><c r="7"><v>1</v></c></row>'), DAMAGED),
    "a column beyond the last": (raw_book(f'{TITLES}<row><c r="XFE2"><v>1</v></c></row>'), DAMAGED),
    "a row beyond the last": (raw_book(f'{TITLES}<row r="1048577"/>'), DAMAGED),
    "rows back and forth": (raw_book(f'{TITLES}<row r="9"/><row r="3"/>'), DAMAGED),
    "a row that is no number": (raw_book(f'{TITLES}<row r="x"/>'), DAMAGED),
    "tags that cross": (raw_book(f"{TITLES}<row></c></row>"), DAMAGED),
    "entities": (
        raw_book("", sheet=f'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet xmlns="{MAIN}"/>'),
        DAMAGED,
    ),
    "a file from outside": (
        raw_book(SOUND, strings='<!DOCTYPE x SYSTEM "file:///etc/passwd"><sst/>'),
        DAMAGED,
    ),
    "a cell longer than any": (raw_book(f"{TITLES}<row>{inline('x' * 40_000)}</row>"), DAMAGED),
    "more merged than can be": (
        raw_book(SOUND, after='<mergeCell ref="A2:B2"/>' * 1001),
        "Too many merged cells: unmerge them all.",
    ),
    "a thousand files": (
        raw_book(SOUND, **{f"xl/media/{n}": "" for n in range(2001)}),
        DAMAGED,
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_it_is_said_what_is_the_matter(kind: str) -> None:
    file, said = FILES[kind]
    assert refusal(file) == said


def test_what_is_too_large_is_not_even_opened() -> None:
    file = io.BytesIO(b"PK\x03\x04" + bytes(50 * MB))
    with peak_of() as peak:
        said = refusal(file)
    assert said == "The file has 50.0 MB; no more than 10 MB are taken: split it."
    assert peak.bytes < MB


@pytest.mark.parametrize(
    "make", [lambda rows: book(*rows), lambda rows: text("订单号,快递公司\n" + "a,b\n" * len(rows))]
)
def test_too_many_rows_are_refused_before_the_first(make: Any) -> None:
    rows = [["1", "a"]] * 11
    assert refusal(make(rows), most_rows=10) == "There are more than 10 rows: split the file."
    assert len(rows_of(make(rows), most_rows=11)) == 11


def test_in_chinese_it_is_said_in_chinese() -> None:
    with override("zh-hans"):
        assert refusal(ole("EncryptedPackage")) == "文件有密码保护：请去掉密码后重新保存。"


def bomb(name: str, megabytes: int, inside: bytes) -> io.BytesIO:
    """A part that is this large, of a few kilobytes in the file."""
    head, _mark, tail = {
        "sheet": f'<worksheet xmlns="{MAIN}"><sheetData>@</sheetData></worksheet>',
        "strings": f'<sst xmlns="{MAIN}">@</sst>',
    }[name].partition("@")
    content = head.encode() + inside * (megabytes * MB // len(inside)) + tail.encode()
    return raw_book(SOUND, **{name: content})


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (bomb("sheet", 130, b"<row/>"), TOO_MUCH),
        (bomb("strings", 17, b"<si><t>a</t></si>"), TOO_MUCH),
        (
            bomb("sheet", 5, b"<row/>"),
            "The titles of these columns are missing: 订单号、快递公司.",
        ),
        (
            bomb("sheet", 5, b"<c><v>1</v></c>"),
            "The titles of these columns are missing: 订单号、快递公司.",
        ),
        (bomb("sheet", 20, b" "), "The titles of these columns are missing: 订单号、快递公司."),
    ],
    ids=["sheet", "strings", "empty rows", "cells", "spaces"],
)
def test_bombs_go_off_in_little_memory(file: io.BytesIO, said: str) -> None:
    with peak_of() as peak:
        assert refusal(file) == said
    assert peak.bytes < 8 * MB


@pytest.mark.parametrize(
    "tag", [b'<row a="%s"/>', b"<!--%s-->", b"<row><c t='inlineStr'><is><t>%s</t></is></c></row>"]
)
def test_a_tag_without_an_end_is_not_waited_for(tag: bytes) -> None:
    file = raw_book(TITLES.encode() + tag % (b"x" * (30 * MB)))
    with peak_of() as peak:
        assert refusal(file) == DAMAGED
    assert peak.bytes < 8 * MB


def test_a_size_that_lies_is_found_out() -> None:
    """The directory of the zip says 100 bytes, and a gigabyte would come out."""
    content = bytearray(raw_book(SOUND).getvalue())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        true_size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    for _n in range(2):
        content = content.replace(true_size.to_bytes(4, "little"), (100).to_bytes(4, "little"), 1)
    assert refusal(io.BytesIO(bytes(content))) == DAMAGED


def test_whatever_is_broken_in_a_workbook_is_refused_or_read() -> None:
    """A bit turned over anywhere, a piece missing anywhere: never another exception than ours."""
    sound = book(["1", "顺丰", 1, 1, "是"], change=lambda it: it.merge_cells("A5:B5")).getvalue()
    draw = random.Random(20261124)
    refused = 0
    for _try in range(1500):
        content = bytearray(sound)
        for _change in range(draw.randint(1, 4)):
            place = draw.randrange(len(content))
            if draw.random() < 0.7:
                content[place] = draw.randrange(256)
            else:
                del content[place : place + draw.randint(1, 200)]
        refused += is_refused(io.BytesIO(bytes(content)))
    assert refused > 500


def test_whatever_is_broken_in_its_markup_is_refused_or_read() -> None:
    """The same, where the checksums are right."""
    rows = f'{TITLES}<row r="2" hidden="0"><c r="A2" t="s"><v>0</v></c><c r="C2"><f>1+1</f><v>2</v></c></row>'
    draw = random.Random(20261125)
    refused = 0
    for _try in range(1500):
        content = bytearray(rows.encode())
        for _change in range(draw.randint(1, 3)):
            place = draw.randrange(len(content))
            content[place : place + draw.randint(0, 6)] = bytes(
                draw.choices(b'<>/="&;0-9AZrctv \x00\xff', k=draw.randint(0, 6))
            )
        strings = f'<sst xmlns="{MAIN}"><si><t>1</t></si></sst>'
        file = raw_book(bytes(content), strings=strings, after='<mergeCell ref="A2:B2"/>')
        refused += is_refused(file)
    assert refused > 500


def test_whatever_bytes_a_text_has_is_refused_or_read() -> None:
    draw = random.Random(20261126)
    start = "订单号,快递公司,数量\n".encode()
    for _try in range(1500):
        content = start[: draw.randrange(len(start) + 1)] + draw.randbytes(draw.randrange(60))
        is_refused(io.BytesIO(content))
        is_refused(io.BytesIO(start + bytes(draw.choices(b'1a,;\t"\r\n=-\xe4', k=40))))


def is_refused(file: io.BytesIO) -> bool:
    try:
        rows_of(file)
    except SpreadsheetRefused as refused:
        return bool(refused.detail)
    return False


def test_the_errors_of_zlib_are_known() -> None:
    """They have a class of their own that is no ValueError."""
    assert zlib.error.__name__ == "error"


HUNDRED_THOUSAND = 100_000


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_hundred_thousand_rows_are_read_in_little_memory(kind: str) -> None:
    if kind == "csv":
        lines = (f"2026{n:020d},顺丰速运,{n}\n" for n in range(HUNDRED_THOUSAND))
        file = text("订单号,快递公司,数量\n" + "".join(lines))
    else:
        rows = (
            f"<row>{inline(f'2026{n:020d}', '顺丰速运')}<c><v>{n}</v></c></row>"
            for n in range(HUNDRED_THOUSAND)
        )
        file = raw_book(TITLES + "".join(rows))
    with peak_of() as peak:
        counted = 0
        for row in read(file, columns=COLUMNS, most_rows=HUNDRED_THOUSAND):
            counted += row["count"]
    assert counted == HUNDRED_THOUSAND * (HUNDRED_THOUSAND - 1) // 2
    assert peak.bytes < 8 * MB
    assert refusal(file) == "There are more than 5000 rows: split the file."
