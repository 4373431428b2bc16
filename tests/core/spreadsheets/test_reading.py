"""What people save is read as they mean it, from .xlsx and .csv alike."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext_lazy, override
from openpyxl import Workbook

from apps.core.spreadsheets import Column, read, write_csv, write_xlsx
from tests.core.spreadsheets.sheets import (
    COLUMNS,
    HEADER,
    MAIN,
    TITLES,
    book,
    inline,
    problems,
    raw_book,
    rows_of,
    saved,
    text,
    values,
)

ORDER = "202611241200000000011234"
WHOLE = (ORDER, "顺丰", 3, Decimal("19.90"), True)


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with override("en"):
        yield


def test_a_workbook() -> None:
    file = book([ORDER, "顺丰", 3, 19.9, "是"], ["2", None, None, None, None])
    assert values(file) == [WHOLE, ("2", None, None, None, None)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text(delimiter: str, encoding: str, end: str) -> None:
    lines = [
        HEADER,
        [ORDER, "顺丰", "3", "19.90", "是"],
        ["2", "圆通, 申通" if delimiter == ";" else ""],
    ]
    content = end.join(delimiter.join(line) for line in lines)
    assert values(text(content, encoding)) == [
        WHOLE,
        ("2", "圆通, 申通" if delimiter == ";" else None, None, None, None),
    ]


def test_an_upload_is_read_and_stays_open() -> None:
    upload = SimpleUploadedFile("no-name-counts.pdf", book([ORDER, "顺丰"]).getvalue())
    assert [row["order_id"] for row in read(upload, columns=COLUMNS)] == [ORDER]
    assert not upload.closed


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ＳＦ００１２３", "ＳＦ００１２３"),
        ("  SF00123\xa0", "SF00123"),
        ("\u3000SF\u200b00123\ufeff", "SF00123"),
        ('="00123"', "00123"),
        ("'=SUM(A1)", "=SUM(A1)"),
        (123.0, "123"),
        (12.5, "12.5"),
        (123456789012345, "123456789012345"),
    ],
)
def test_texts(written: Any, meant: str) -> None:
    sheet = Workbook()
    sheet.active.append(HEADER)
    sheet.active.append(["1", written])
    sheet.active["B2"].data_type = "s" if isinstance(written, str) else "n"
    assert values(saved(sheet))[0][1] == meant


@pytest.mark.parametrize(
    ("written", "count"),
    [("３", 3), (" 1,234 ", 1234), ("12.0", 12), (12.0, 12), ("-5", -5), ("+5", 5), (0, 0)],
)
def test_numbers(written: Any, count: int) -> None:
    assert values(book(["1", "", written]))[0][2] == count


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ("¥1,234.5", "1234.50"),
        ("19.90元", "19.90"),
        (0.1 + 0.2, "0.30"),
        ("１９．９", "19.90"),
        ("-0", "0.00"),
    ],
)
def test_money(written: Any, price: str) -> None:
    assert str(values(book(["1", "", 1, written]))[0][3]) == price


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("是", True),
        ("否", False),
        ("Yes", True),
        ("下架", False),
        (True, True),
        (0, False),
        ("１", True),
    ],
)
def test_yes_and_no(written: Any, meant: bool) -> None:
    assert values(book(["1", "", 1, 1, written]))[0][4] is meant


LOST = (
    "Excel turned this into the number %s, and its last digits are lost: "
    "format the column as text and enter it again."
)


@pytest.mark.parametrize(
    ("column", "written", "said"),
    [
        (0, 2.0261124001234599e23, LOST % "2.02611240012346e+23"),
        (0, "1.23457E+23", LOST % "1.23457E+23"),
        (0, 1234567890123456, LOST % "1234567890123456"),
        (0, None, "This cell is empty."),
        (0, " \u3000", "This cell is empty."),
        (0, True, "Excel took this for TRUE or FALSE: format the column as text."),
        (
            0,
            "=A1&B1",
            "There is a formula in this cell: copy it and paste it as a value, then save again.",
        ),
        (0, "x" * 201, "Longer than 200 characters."),
        (2, "drei", "“drei” is no number."),
        (2, "1.5", "“1.5” is no whole number."),
        (
            2,
            "１２３４５６７８９０１２３４５６",
            "“１２３４５６７８９０１２３４５６” is too large a number.",
        ),
        (2, "nan", "“nan” is no number."),
        (2, "1e400", "“1e400” is no number."),
        (2, "12,34", "“12,34” is no number."),
        (
            2,
            "=1+1",
            "There is a formula in this cell: copy it and paste it as a value, then save again.",
        ),
        (3, "19.999", "“19.999” has more than two decimals."),
        (3, "#N/A", "There is an error of Excel (#N/A, #REF!) in this cell."),
        (4, "maybe", "“maybe” is neither yes nor no."),
    ],
)
def test_what_cannot_be_meant_is_told_of_its_cell(column: int, written: Any, said: str) -> None:
    row: list[Any] = ["1", "顺丰", 1, 1, "是"]
    row[column] = written
    file = book(["0"], row, ["2"])
    found = problems(file)
    shown = found[0][2].replace("2.02611240012346E+23", "2.02611240012346e+23")
    assert [(*found[0][:2], shown), *found[1:]] == [(3, HEADER[column], said)]


def test_the_rows_beside_a_wrong_one_are_read() -> None:
    rows = rows_of(book(["1", "", "x"], ["2", "", 2]))
    assert [row.is_sound for row in rows] == [False, True]
    assert (rows[0]["order_id"], rows[0]["count"]) == ("1", None)


def test_a_heading_above_and_gaps_between() -> None:
    def move(sheet: Any) -> None:
        sheet.insert_rows(1, amount=3)
        sheet["A1"] = "发货单"
        sheet.merge_cells("A1:E1")
        sheet.insert_rows(6)

    file = book(["1", "a"], ["2", "b"], change=move)
    assert [(row.number, row["order_id"]) for row in rows_of(file)] == [(5, "1"), (7, "2")]
    assert problems(file) == []


def test_titles_in_any_order_language_and_manner() -> None:
    file = book(["x", "顺丰", "9"], header=["note", " carrier ", "＊订单号："])
    assert values(file) == [("9", "顺丰", None, None, None)]


def test_titles_may_be_lazy_translations() -> None:
    columns = [Column("carrier", [gettext_lazy("yes"), "快递"])]
    assert next(iter(read(book(["x"], header=["YES"]), columns=columns)))["carrier"] == "x"


def test_the_first_sheet_with_the_titles_is_read() -> None:
    workbook = Workbook()
    workbook.active.append(["说明", "请填写"])
    hidden = workbook.create_sheet("hidden")
    hidden.append(HEADER)
    hidden.append(["of nobody"])
    hidden.sheet_state = "hidden"
    for name in ("订单", "old"):
        workbook.create_sheet(name).append(HEADER)
        workbook[name].append([name])
    assert values(saved(workbook))[0][0] == "订单"


def test_cells_over_several_lines_count_as_one_row() -> None:
    file = text('订单号,快递公司\n1,"a\nb"\n\n2,"说 ""快"""\n')
    assert [(row.number, row["carrier"]) for row in rows_of(file)] == [(2, "a\nb"), (4, '说 "快"')]


def test_merged_cells_are_told() -> None:
    file = book(["1", "a"], ["2"], ["3", "c"], change=lambda it: it.merge_cells("B2:B3"))
    said = "Cells are merged here: unmerge them and fill in every row."
    assert problems(file) == [(2, "", said), (3, "", said)]


def test_merged_cells_beside_the_columns_do_not_matter() -> None:
    file = book(["1", "a"], ["2"], change=lambda it: it.merge_cells("G2:H3"))
    assert problems(file) == []


def test_hidden_rows_are_told() -> None:
    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True

    file = book(["1"], ["2"], change=hide)
    assert problems(file) == [(3, "", "This row is hidden: show it, or delete it.")]


def test_rows_that_are_there_twice_are_told() -> None:
    file = book(["1", "a"], ["2", "a"], [1, "b"], ["1", "a"])
    assert problems(file, unique=["order_id"]) == [
        (4, "订单号", "The same as in row 2."),
        (5, "订单号", "The same as in row 2."),
    ]
    assert problems(file, unique=["order_id", "carrier"]) == [
        (5, "订单号、快递公司", "The same as in row 2.")
    ]


def test_strings_in_pieces_without_how_they_are_pronounced() -> None:
    strings = f'<sst xmlns="{MAIN}"><si><r><t>顺</t></r><r><t>丰</t></r><rPh sb="0" eb="1"><t>shun</t></rPh></si></sst>'
    file = raw_book(
        f'{TITLES}<row><c t="inlineStr"><is><t>1</t></is></c><c t="s"><v>0</v></c></row>',
        strings=strings,
    )
    assert values(file)[0][:2] == ("1", "顺丰")


def test_prefixes_and_the_strict_namespace() -> None:
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    rows = (TITLES + f"<row>{inline('1')}</row>").replace("<", "<x:").replace("<x:/", "</x:")
    file = raw_book(
        "", sheet=f'<x:worksheet xmlns:x="{strict}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    )
    assert values(file)[0][0] == "1"


def test_a_dimension_that_lies_and_a_million_empty_rows() -> None:
    empty = "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(3, 20_000))
    last = f'<row r="1048576">{inline("2").replace("<c", "<c r=" + chr(34) + "A1048576" + chr(34))}</row>'
    file = raw_book(f"{TITLES}<row>{inline('1')}</row>{empty}{last}")
    assert [(row.number, row["order_id"]) for row in rows_of(file)] == [(2, "1"), (1048576, "2")]


def test_a_cell_at_the_far_end_is_not_waited_for() -> None:
    file = raw_book(f'{TITLES}<row>{inline("1")}<c r="XFD2"><v>1</v></c></row>')
    assert values(file)[0][0] == "1"


def test_messages_are_in_the_reader_s_language() -> None:
    with override("zh-hans"):
        assert problems(book([None, "a"]))[0][2] == "这个单元格是空的。"


def test_it_reads_again_what_it_wrote(tmp_path: Path) -> None:
    rows = [[ORDER, "=顺丰", 3, Decimal("19.90"), True], ["2", "-", None, None, False]]
    workbook = io.BytesIO()
    write_xlsx(HEADER, rows, workbook)
    plain = io.BytesIO(b"".join(write_csv(HEADER, rows)))
    expected = [(ORDER, "=顺丰", 3, Decimal("19.90"), True), ("2", "-", None, None, False)]
    assert values(workbook) == values(plain) == expected
