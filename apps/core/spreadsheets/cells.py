"""What a cell holds, as a value of its column's kind."""

import enum
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from apps.core.spreadsheets.columns import Column, Kind
from apps.core.spreadsheets.exceptions import CellRefused

MOST_DIGITS = 15
"""Excel keeps no more of a number."""
YES = {"yes", "y", "true", "1", "是", "有", "真", "√", "对", "上架", "在售", "on"}
NO = {"no", "n", "false", "0", "否", "无", "假", "×", "错", "下架", "off"}
INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2060\ufeff]")
SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}")
KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
"""How other shops' exports keep Excel from taking a number for one."""
MADE_HARMLESS = re.compile(r"'(?=[=+\-@＝＋－＠])")


class Number(str):
    """A number, as it is written in the file."""

    __slots__ = ()


class Odd(enum.Enum):
    FORMULA = "formula"
    ERROR = "error"


Raw = str | bool | Odd | None


def is_empty(raw: Raw) -> bool:
    return raw is None or (isinstance(raw, str) and not tidy(raw))


def tidy(text: str) -> str:
    """Without what nobody sees: spaces around, no-break and full-width ones too, marks of direction, control codes."""
    return INVISIBLE.sub("", text).replace("\xa0", " ").replace("\u3000", " ").strip()


def title_of(raw: Raw) -> str:
    """A title as it is compared: width, case, spaces, stars and colons do not matter."""
    if not isinstance(raw, str):
        return ""
    plain = unicodedata.normalize("NFKC", tidy(raw)).casefold()
    return re.sub(r"[\s*:_]", "", plain)


def value_of(column: Column, raw: Raw) -> Any:
    """Raises CellRefused."""
    if raw is Odd.FORMULA:
        raise CellRefused(
            _("There is a formula in this cell: copy it and paste it as a value, then save again.")
        )
    if raw is Odd.ERROR:
        raise CellRefused(_("There is an error of Excel (#N/A, #REF!) in this cell."))
    if isinstance(raw, str) and not isinstance(raw, Number):
        if kept := KEPT_AS_TEXT.fullmatch(raw.strip()):
            raw = kept[1]
        raw = MADE_HARMLESS.sub("", tidy(raw), count=1)
    if raw is None or raw == "":
        if column.may_be_empty:
            return None
        raise CellRefused(_("This cell is empty."))
    return CONVERSIONS[column.kind](column, raw)


def _text(column: Column, raw: Any) -> str:
    if isinstance(raw, bool):
        raise CellRefused(_("Excel took this for TRUE or FALSE: format the column as text."))
    if isinstance(raw, Number):
        return _number_as_text(raw)
    text: str = raw
    if SCIENTIFIC.fullmatch(text):
        raise _digits_lost(text)
    if len(text) > column.longest:
        raise CellRefused(_("Longer than %(most)d characters.") % {"most": column.longest})
    return text


def _number_as_text(raw: Number) -> str:
    number = _decimal(raw)
    if abs(number) >= 10**MOST_DIGITS:
        raise _digits_lost(raw)
    if number == number.to_integral_value():
        return str(int(number))
    return f"{number:f}"


def _digits_lost(raw: str) -> CellRefused:
    said = _(
        "Excel turned this into the number %(number)s, and its last digits are lost: format the column as text and "
        "enter it again."
    )
    return CellRefused(said % {"number": raw[:30]})


def _decimal(raw: str) -> Decimal:
    """Excel writes 17 digits of the double nearest to a number: 19.9 is 19.899999999999999 in the file."""
    try:
        number = (
            Decimal(f"{float(raw):.{MOST_DIGITS}g}") if isinstance(raw, Number) else Decimal(raw)
        )
    except (ValueError, InvalidOperation):
        raise CellRefused(_("“%(text)s” is no number.") % {"text": raw[:30]}) from None
    if not number.is_finite() or (number and not -MOST_DIGITS <= number.adjusted() <= 300):
        raise CellRefused(_("“%(text)s” is no number.") % {"text": raw[:30]})
    return number


def _number(raw: Any) -> Decimal:
    if isinstance(raw, bool):
        raise CellRefused(_("Excel took this for TRUE or FALSE: format the column as text."))
    plain = raw
    if not isinstance(raw, Number):
        plain = unicodedata.normalize("NFKC", raw).replace(" ", "").replace("'", "")
        plain = re.sub(r"^¥|^CNY|^RMB|元$", "", plain).replace("−", "-")
        if re.fullmatch(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", plain):
            plain = plain.replace(",", "")
        if len(plain) > 40 or not re.fullmatch(
            r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?", plain
        ):
            raise CellRefused(_("“%(text)s” is no number.") % {"text": raw[:30]})
    number = _decimal(plain)
    if abs(number) >= 10**MOST_DIGITS:
        raise CellRefused(_("“%(text)s” is too large a number.") % {"text": raw[:30]})
    return number


def _integer(column: Column, raw: Any) -> int:
    number = _number(raw)
    if number != number.to_integral_value():
        raise CellRefused(_("“%(text)s” is no whole number.") % {"text": raw[:30]})
    return int(number)


def _money(column: Column, raw: Any) -> Decimal:
    number = _number(raw)
    rounded = number.quantize(Decimal("0.01"))
    if rounded != number:
        raise CellRefused(_("“%(text)s” has more than two decimals.") % {"text": raw[:30]})
    return rounded or Decimal("0.00")


def _yes_no(column: Column, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    word = unicodedata.normalize("NFKC", _number_as_text(raw) if isinstance(raw, Number) else raw)
    if word.casefold() in YES:
        return True
    if word.casefold() in NO:
        return False
    raise CellRefused(_("“%(text)s” is neither yes nor no.") % {"text": raw[:30]})


CONVERSIONS: Mapping[Kind, Callable[[Column, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.MONEY: _money,
    Kind.YES_NO: _yes_no,
}
