"""Invoices that buyers have asked for, so that the operator has some to issue."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from apps.demo.opinions import Purchase
from apps.demo.rows import Rows, times
from apps.invoices.models import Invoice, InvoiceEvent, InvoiceTitle
from apps.invoices.models.tax_numbers import credit_check, organisation_check
from apps.orders.models import OrderInfo, Status

REQUESTS = 12
ASKED_AFTER = timedelta(hours=2)
COMPANIES = ("示例科技有限公司", "样品贸易（北京）有限公司", "演示文化传媒有限公司")
NOWHERE = "91000000"
"""How a code begins that nobody has: there is no area with these digits."""


def write_requests(rows: Rows, purchases: Iterable[Purchase], *, now: datetime) -> int:
    """Have the latest of those asked for whose order was received and of which nothing was refunded; how many.

    One in four is a company's. The demo buyer's own order is the last of them that is to be reviewed.
    """
    received = [each.order for each in purchases if each.order.status == Status.UNCOMMENT]
    latest = sorted(received, key=lambda order: order.create_time)[-REQUESTS:]
    orders = {order.pk: order for order in [*latest, *received[-1:]]}
    for serial, order in enumerate(orders.values()):
        _write_request(rows, order, serial, at=min(order.update_time + ASKED_AFTER, now))
    return len(orders)


def _write_request(rows: Rows, order: OrderInfo, serial: int, *, at: datetime) -> None:
    title = InvoiceTitle(user_id=order.user_id, **_title_of(order, serial), **times(at))
    invoice = Invoice(
        order_id=order.pk,
        live_of_id=order.pk,
        amount=order.total_amount,
        **title.snapshot,
        **times(at),
    )
    rows.add(title)
    rows.add(invoice)
    asked = {"kind": InvoiceEvent.Kind.REQUESTED, "by_id": order.user_id, "create_time": at}
    rows.add(InvoiceEvent(invoice_id=invoice.pk, note=str(invoice.amount), **asked))


def _title_of(order: OrderInfo, serial: int) -> dict[str, str]:
    if serial % 4:
        return {"kind": InvoiceTitle.TitleKind.PERSONAL, "name": order.receiver}
    organisation = f"MADEM{serial:03d}"
    seventeen = f"{NOWHERE}{organisation}{organisation_check(organisation)}"
    return {
        "kind": InvoiceTitle.TitleKind.COMPANY,
        "name": COMPANIES[serial // 4 % len(COMPANIES)],
        "tax_number": seventeen + credit_check(seventeen),
    }
