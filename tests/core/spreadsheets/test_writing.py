"""What is written opens in Excel as it is meant, and does nothing there."""

import csv
import io
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook

from apps.core.spreadsheets import write_csv, write_xlsx
from tests.core.spreadsheets.memory import peak_of

HEADER = ["订单号", "金额", "时间", "已付"]
ORDER = "202611241200000000011234"
ROW = [ORDER, Decimal("19.9"), datetime(2026, 11, 23, 16, 30, tzinfo=UTC), True]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "=cmd|' /C calc'!A0"]
MB = 1024 * 1024


def written(header: list[str], rows: Any) -> Any:
    file = io.BytesIO()
    write_xlsx(header, rows, file)
    file.seek(0)
    return load_workbook(file)


def csv_rows(header: list[str], rows: Any) -> list[list[str]]:
    content = b"".join(write_csv(header, rows))
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_workbook() -> None:
    sheet = written(HEADER, [ROW, [None, None, date(2026, 11, 24), False]]).active
    midnight = datetime(2026, 11, 24)  # noqa: DTZ001  Excel knows no zones
    assert [cell.value for cell in sheet[1]] == HEADER
    assert [cell.value for cell in sheet[2]] == [
        ORDER,
        19.9,
        midnight + timedelta(minutes=30),
        "是",
    ]
    formats = [cell.number_format for cell in sheet[2]]
    assert formats == ["@", "0.00", "yyyy-mm-dd hh:mm:ss", "@"]
    assert sheet["C3"].value == midnight
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert sheet.column_dimensions["A"].width == 26
    assert sheet.column_dimensions["B"].width == 7


def test_a_text() -> None:
    assert csv_rows(HEADER, [ROW, [None, 3, date(2026, 11, 24), False]]) == [
        HEADER,
        [ORDER, "19.90", "2026-11-24 00:30:00", "是"],
        ["", "3", "2026-11-24", "否"],
    ]


@pytest.mark.parametrize("text", FORMULAS)
def test_nothing_is_a_formula(text: str) -> None:
    sheet = written([text], [[text], [gettext_lazy(text)]]).active
    assert [(row[0].data_type, row[0].value[0]) for row in sheet.iter_rows()] == [("s", "'")] * 3
    assert [row[0][0] for row in csv_rows([text], [[text], [gettext_lazy(text)]])] == ["'"] * 3


def test_negative_numbers_stay_numbers() -> None:
    sheet = written(["n", "m"], [[-5, Decimal("-1.50")]]).active
    assert [cell.value for cell in sheet[2]] == [-5, -1.5]
    assert csv_rows(["n"], [[-5]])[1] == ["-5"]


def test_long_numbers_are_texts() -> None:
    assert written(["n"], [[123456789012345678]]).active["A2"].value == "123456789012345678"


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert written(["n"], [["a\x00b\x0bc"]]).active["A2"].value == "abc"


def test_without_rows_there_are_titles() -> None:
    assert [cell.value for cell in written(HEADER, []).active[1]] == HEADER
    assert csv_rows(HEADER, []) == [HEADER]


def test_more_rows_than_a_sheet_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.core.spreadsheets.writing.ROWS_OF_A_SHEET", 3)
    monkeypatch.setattr("apps.core.spreadsheets.writing.ROWS_TO_MEASURE", 2)
    sheets = written(["n"], [[n] for n in range(7)]).worksheets
    found = [[cell.value for cell in sheet["A"]] for sheet in sheets]
    assert found == [["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]]


def test_what_breaks_off_leaves_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows() -> Iterator[list[int]]:
        yield from ([n] for n in range(1000))
        raise LookupError

    with pytest.raises(LookupError):
        written(["n"], rows())
    assert os.listdir(tmp_path) == []


def test_a_hundred_thousand_rows_are_written_in_little_memory(tmp_path: Path) -> None:
    rows = [[f"{n:024d}", Decimal(n), n, "顺丰"] for n in range(100)]
    many = (rows[n % 100] for n in range(100_000))
    with peak_of() as peak:
        size = sum(map(len, write_csv(HEADER, many)))
    assert size > 3 * MB
    assert peak.bytes < MB
    # Under tracemalloc a cell of an .xlsx takes long: as many as show that nothing is kept.
    many = (rows[n % 100] for n in range(20_000))
    with peak_of() as peak, open(tmp_path / "many.xlsx", "wb") as file:
        write_xlsx(HEADER, many, file)
    assert peak.bytes < 3 * MB
