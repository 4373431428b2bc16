"""Spreadsheets that people fill in and read: .xlsx and .csv, row by row, in bounded memory."""

from apps.core.spreadsheets.columns import Column, Kind, Problem, Row
from apps.core.spreadsheets.exceptions import SpreadsheetRefused
from apps.core.spreadsheets.reading import MOST_BYTES, MOST_ROWS, read
from apps.core.spreadsheets.writing import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx

__all__ = [
    "CSV_TYPE",
    "MOST_BYTES",
    "MOST_ROWS",
    "XLSX_TYPE",
    "Column",
    "Kind",
    "Problem",
    "Row",
    "SpreadsheetRefused",
    "read",
    "write_csv",
    "write_xlsx",
]
