"""The figures of today and of the last days, each beside the period before, and how they came day by day."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin import AMOUNTS
from apps.reports.models import DayFigures
from apps.reports.selectors import LOOKED_AT, PERIODS, Totals, by_day, last_days, totals

CHARTED = 30


@dataclass(frozen=True)
class Figure:
    """As it is read. ``change`` is by how many percent it grew, None where that cannot be said."""

    label: Any
    value: str
    before: str
    change: Decimal | None

    @property
    def sign(self) -> str:
        return "" if not self.change else "up" if self.change > 0 else "down"


@dataclass(frozen=True)
class Period:
    title: str
    before: Any
    figures: list[Figure]


def figures(request: HttpRequest) -> dict[str, Any] | None:
    """In one statement, of a row for each day."""
    if not request.user.has_perm("reports.view_dayfigures"):
        return None
    sees_amounts = request.user.has_perm(AMOUNTS)
    days = by_day(last=last_days(1)[0], days=LOOKED_AT)
    charted = days[-CHARTED:]
    return {
        "periods": [_period(days, length, sees_amounts) for length in PERIODS],
        "charts": _charts(charted, sees_amounts),
        "days": [(each.day, _row(each, sees_amounts)) for each in reversed(charted)],
        "sees_amounts": sees_amounts,
        "counted_at": days[-1].counted_at,
    }


def period_title(days: int) -> str:
    if days == 1:
        return str(_("Today"))
    return ngettext("Last %(days)d day", "Last %(days)d days", days) % {"days": days}


def _row(day: DayFigures, sees_amounts: bool) -> list[str]:
    amounts = [day.paid_amount, day.refunded_amount] if sees_amounts else []
    counts = [count_text(each) for each in (day.orders, day.paid_orders, day.new_users)]
    return [*counts, *map(money_text, amounts)]


def _period(days: Sequence[DayFigures], length: int, sees_amounts: bool) -> Period:
    now, earlier = days[-length:], days[-2 * length : -length]
    # Days that nobody has counted are no zeros to compare with.
    before = totals(earlier) if all(each.pk for each in earlier) else None
    return Period(
        period_title(length),
        _("yesterday, the whole day") if length == 1 else _("the same time before"),
        _figures(totals(now), before, sees_amounts),
    )


def _figures(now: Totals, before: Totals | None, sees_amounts: bool) -> list[Figure]:
    lines: list[tuple[Any, str, Callable[[Any], str], bool]] = [
        (_("Orders"), "orders", count_text, False),
        (_("Paid, CNY"), "paid_amount", money_text, True),
        (_("Refunds"), "refunds", count_text, False),
        (_("Refunded, CNY"), "refunded_amount", money_text, True),
        (_("Average order, CNY"), "average_order", money_text, True),
        (_("Conversion"), "conversion", _percent, False),
        (_("New users"), "new_users", count_text, False),
    ]
    return [
        _figure(label, getattr(now, name), before and getattr(before, name), written)
        for label, name, written, is_amount in lines
        if sees_amounts or not is_amount
    ]


def _figure(label: Any, now: Any, before: Any, written: Callable[[Any], str]) -> Figure:
    return Figure(
        label,
        "–" if now is None else written(now),
        "" if before is None else written(before),
        _change(now, before),
    )


def _change(now: Any, before: Any) -> Decimal | None:
    if now is None or not before:
        return None
    grown = (Decimal(now) - Decimal(before)) * 100 / Decimal(before)
    return grown.quantize(Decimal("0.1"), ROUND_HALF_UP)


def count_text(number: int) -> str:
    """By thousands, as books are kept in China, too; Django would group by ten thousands there."""
    return f"{number:,}"


def money_text(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _percent(share: Decimal) -> str:
    return f"{share} %"


def _charts(days: Sequence[DayFigures], sees_amounts: bool) -> list[dict[str, Any]]:
    """For Chart.js, as unfold draws it."""
    orders = _bars(_("Orders by day"), days, "orders")
    return [_bars(_("Paid by day, CNY"), days, "paid_amount"), orders] if sees_amounts else [orders]


def _bars(title: Any, days: Sequence[DayFigures], column: str) -> dict[str, Any]:
    dataset = {
        "label": str(title),
        "data": [float(getattr(each, column)) for each in days],
        "backgroundColor": "var(--color-primary-600)",
        "displayYAxis": True,
        "maxTicksXLimit": 8,
    }
    drawn = {"labels": [_day(each.day) for each in days], "datasets": [dataset]}
    return {"title": title, "data": json.dumps(drawn)}


def _day(day: date) -> str:
    return date_format(day, "m-d")
