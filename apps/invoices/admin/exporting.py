"""What waits to be issued, as a workbook that is typed or imported into the tax software."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.core.clock import BEIJING
from apps.core.spreadsheets import XLSX_TYPE, write_xlsx
from apps.invoices.models import Invoice
from apps.invoices.selectors import with_due
from apps.invoices.services.sheets import TITLES
from apps.orders.models import OrderGoods

# Those that are read again when the sheet comes back are called as there; the last two are to be filled in.
HEADER = [
    TITLES["invoice_id"][0],
    TITLES["order_id"][0],
    gettext_lazy("blue or red"),
    gettext_lazy("number of the blue invoice"),
    gettext_lazy("person or company"),
    pgettext_lazy("invoice", "title"),
    gettext_lazy("tax number"),
    TITLES["amount"][0],
    gettext_lazy("goods"),
    gettext_lazy("freight"),
    gettext_lazy("e-mail"),
    gettext_lazy("bank"),
    gettext_lazy("bank account"),
    gettext_lazy("registered address"),
    gettext_lazy("registered telephone"),
    gettext_lazy("requested at"),
    TITLES["number"][0],
    TITLES["code"][0],
]
IN_MEMORY = 1024 * 1024
AT_ONCE = 500


def requests_workbook(waiting: QuerySet[Invoice]) -> FileResponse:
    """The requests as an .xlsx, the oldest first, each over what is left after refunds at this moment."""
    file = cast("BinaryIO", SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  # the answer closes it
    write_xlsx([str(title) for title in HEADER], _rows(waiting), file)
    file.seek(0)
    name = f"invoices-{timezone.now().astimezone(BEIJING):%Y%m%d-%H%M%S}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)


def _rows(waiting: QuerySet[Invoice]) -> Iterator[list[Any]]:
    with_goods = with_due(waiting).select_related("order", "original")
    invoice: Any  # with its ``due``
    for invoice in with_goods.prefetch_related("order__skus").order_by("pk").iterator(AT_ONCE):
        yield [
            invoice.pk,
            invoice.order_id,
            invoice.get_kind_display(),
            invoice.original.number if invoice.original else "",
            invoice.get_title_kind_display(),
            invoice.name,
            invoice.tax_number,
            invoice.amount if invoice.due is None else invoice.due,
            "\n".join(_goods(line) for line in invoice.order.skus.all()),
            invoice.order.freight,
            invoice.email,
            invoice.bank,
            invoice.account,
            invoice.address,
            invoice.phone,
            invoice.create_time,
            "",
            "",
        ]


def _goods(line: OrderGoods) -> str:
    """One line of an order: what, how many, at how much, together."""
    return _("%(name)s × %(count)d at %(price)s = %(amount)s") % {
        "name": line.name,
        "count": line.count,
        "price": line.price,
        "amount": line.amount,
    }
