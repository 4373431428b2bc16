from apps.exports.services.handing_out import csv_of, workbook_of
from apps.exports.services.ordering import (
    MOST_UNFINISHED,
    SHORT,
    begin_direct,
    cancel_export,
    check_still_allowed,
    order_export,
)
from apps.exports.services.removing import remove_old_exports
from apps.exports.services.writing import write_exports

__all__ = [
    "MOST_UNFINISHED",
    "SHORT",
    "begin_direct",
    "cancel_export",
    "check_still_allowed",
    "csv_of",
    "order_export",
    "remove_old_exports",
    "workbook_of",
    "write_exports",
]
