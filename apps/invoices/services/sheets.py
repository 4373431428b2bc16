"""Issued numbers of many requests at once, from a spreadsheet: looked at first, then recorded one by one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.exceptions import DomainError, Unavailable
from apps.core.spreadsheets import Column, Kind, Row, read
from apps.invoices.exceptions import AmountChanged, NotWaiting, NumberTaken
from apps.invoices.models import Invoice
from apps.invoices.models.invoices import code_validator, number_validator
from apps.invoices.selectors import with_due
from apps.invoices.services.issuing import record_issued
from apps.users.models import User

MOST_ROWS = 500
"""Each is a transaction of its own, and a browser waits."""

TITLES: dict[str, Sequence[Any]] = {
    "invoice_id": (gettext_lazy("request number"), "申请编号", "request number"),
    "order_id": (gettext_lazy("order number"), "订单号", "order number"),
    "amount": (gettext_lazy("amount"), "金额", "价税合计", "amount"),
    "number": (gettext_lazy("invoice number"), "发票号码", "invoice number"),
    "code": (gettext_lazy("invoice code"), "发票代码", "invoice code"),
}


@dataclass(frozen=True)
class Entry:
    """One row: which request is to be recorded as what; or ``refusal``, why not. ``row`` is the one Excel shows."""

    row: int
    order_id: str
    number: str = ""
    code: str = ""
    amount: Decimal = Decimal("0.00")
    invoice_id: int = 0
    refusal: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.code, self.number


def columns() -> list[Column]:
    kinds = {"invoice_id": Kind.INTEGER, "amount": Kind.MONEY}
    optional = {"invoice_id", "code"}
    return [
        Column(
            key,
            [str(title) for title in titles],
            kinds.get(key, Kind.TEXT),
            required=key not in optional,
            blank=key == "number",
        )
        for key, titles in TITLES.items()
    ]


def read_sheet(file: File) -> list[Entry]:
    """What each row would do; rows without an invoice number are left out. Raises SpreadsheetRefused.

    A request is told by its own number, which the exported sheet has, or by its order's if only one of that waits.
    """
    rows = [row for row in read(file, columns=columns(), most_rows=MOST_ROWS) if _is_filled_in(row)]
    entries = [_entry(row) for row in rows]
    asked = {row.number: row.values["invoice_id"] for row in rows}
    find = _finder(entries, [each for each in asked.values() if each])
    entries = [each if each.refusal else find(each, asked[each.row]) for each in entries]
    return _refuse_taken(_refuse_repeated(entries))


def record_sheet(entries: Iterable[Entry], *, by: User) -> list[Entry]:
    """Record them one by one; those that were refused come back with why. Sent twice, it records once."""
    done = []
    for entry in entries:
        try:
            record_issued(
                entry.invoice_id, number=entry.number, code=entry.code, amount=entry.amount, by=by
            )
        except NotWaiting as refusal:
            is_done = refusal.extra["number"] == entry.number
            done.append(entry if is_done else replace(entry, refusal=str(refusal.detail)))
        except (DomainError, Unavailable) as refusal:
            done.append(replace(entry, refusal=str(refusal.detail)))
        else:
            done.append(entry)
    return done


def _is_filled_in(row: Row) -> bool:
    title = str(TITLES["number"][0])
    return bool(row["number"]) or any(problem.column == title for problem in row.problems)


def _entry(row: Row) -> Entry:
    entry = Entry(
        row=row.number,
        order_id=row["order_id"] or "",
        number=row["number"] or "",
        code=row["code"] or "",
        amount=row["amount"] or Decimal("0.00"),
    )
    if row.problems:
        said = "; ".join(f"{each.column}: {each.message}" for each in row.problems)
        return replace(entry, refusal=said)
    try:
        number_validator(entry.number)
        if entry.code:
            code_validator(entry.code)
    except ValidationError as exc:
        return replace(entry, refusal=" ".join(exc.messages))
    return entry


def _finder(entries: Sequence[Entry], ids: Sequence[int]) -> Callable[[Entry, int | None], Entry]:
    """The requests that the rows speak of are read in two statements."""
    by_order: dict[str, list[Any]] = defaultdict(list)
    orders = {each.order_id for each in entries}
    for invoice in with_due(Invoice.objects.requested().filter(order_id__in=orders)):
        by_order[invoice.order_id].append(invoice)
    known = Invoice.objects.filter(pk__in=ids).in_bulk()

    def find(entry: Entry, asked: int | None) -> Entry:
        waiting = by_order[entry.order_id]
        if asked:
            waiting = [invoice for invoice in waiting if invoice.pk == asked]
            if asked not in known or known[asked].order_id != entry.order_id:
                return replace(entry, refusal=_("This order has no request with this number."))
        if not waiting:
            return replace(entry, refusal=_("Nothing of this order waits to be issued."))
        if len(waiting) > 1:
            return replace(
                entry, refusal=_("Several of this order wait: write the request number.")
            )
        (invoice,) = waiting
        due = invoice.amount if invoice.due is None else invoice.due
        if due != entry.amount:
            return replace(entry, refusal=str(AmountChanged(due).detail))
        return replace(entry, invoice_id=invoice.pk)

    return find


def _refuse_repeated(entries: list[Entry]) -> list[Entry]:
    sound = [each for each in entries if not each.refusal]
    numbers = Counter(each.key for each in sound)
    invoices = Counter(each.invoice_id for each in sound)

    def repeated(entry: Entry) -> bool:
        return not entry.refusal and (numbers[entry.key] > 1 or invoices[entry.invoice_id] > 1)

    said = _("Another row has the same request or the same invoice number.")
    return [replace(each, refusal=said) if repeated(each) else each for each in entries]


def _refuse_taken(entries: list[Entry]) -> list[Entry]:
    numbers = [each.number for each in entries if not each.refusal]
    taken = set(Invoice.objects.filter(number__in=numbers).values_list("code", "number"))
    said = str(NumberTaken.title)
    return [
        replace(each, refusal=said) if not each.refusal and each.key in taken else each
        for each in entries
    ]
