"""An operator records what the tax software issued."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.invoices import services
from apps.invoices.exceptions import (
    AmountChanged,
    NotInvoiceable,
    NotIssued,
    NotWaiting,
    NumberTaken,
)
from apps.invoices.models import Deduction, Invoice
from apps.orders.models import OrderInfo
from apps.users.models import User
from tests.invoices.conftest import NUMBER, paid_order, pdf
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def files() -> set[Path]:
    return set(settings.PRIVATE_ROOT.rglob("*.pdf"))


def test_it_is_issued(requested: Invoice, issue: Callable, operator: User) -> None:
    before = timezone.now()
    invoice = issue(requested, code="", pdf=pdf())
    assert (invoice.state, invoice.number, invoice.amount) == ("issued", NUMBER, Decimal("100.00"))
    assert invoice.issued_by == operator
    assert before <= invoice.issued_at <= timezone.now()
    assert invoice.pdf.open().read() == b"%PDF-1.7\n...\n%%EOF\n"
    assert list(invoice.events.values_list("kind", "by__username", "note"))[1:] == [
        ("issued", "operator", NUMBER)
    ]


def test_who_comes_second_sees_who_was_first(
    requested: Invoice, issue: Callable, stranger: User
) -> None:
    issue(requested)
    kept = files()
    with unchanged(), pytest.raises(NotWaiting) as refusal:
        issue(requested, number="1" * 20, by=stranger, pdf=pdf())
    assert refusal.value.extra == {"state": "issued", "number": NUMBER, "by": "operator"}
    assert files() == kept


def test_a_canceled_one_is_not_issued(requested: Invoice, issue: Callable, buyer: User) -> None:
    services.withdraw_request(requested.order, by=buyer)
    with unchanged(), pytest.raises(NotWaiting):
        issue(requested)


def test_a_refund_meanwhile_makes_it_another_amount(
    requested: Invoice, issue: Callable, give_back: Callable
) -> None:
    refund = give_back("30.00")
    with unchanged(), pytest.raises(AmountChanged) as refusal:
        issue(requested)
    assert refusal.value.extra == {"amount": "70.00"}
    assert issue(requested, amount=Decimal("70.00")).amount == Decimal("70.00")
    assert list(Deduction.objects.values_list("refund", "invoice")) == [(refund.pk, requested.pk)]


def test_nothing_is_issued_when_nothing_is_left(
    requested: Invoice, issue: Callable, give_back: Callable
) -> None:
    give_back("100.00")
    with unchanged(), pytest.raises(NotInvoiceable):
        issue(requested, amount=Decimal("0.00"))


def test_nor_for_a_canceled_order(requested: Invoice, issue: Callable) -> None:
    OrderInfo.objects.update(status=OrderInfo.Status.CANCELED)
    with unchanged(), pytest.raises(NotInvoiceable):
        issue(requested)


def test_a_number_is_one_invoices(
    requested: Invoice, issue: Callable, buyer: User, operator: User
) -> None:
    issue(requested)
    order = paid_order(buyer, operator)
    title = buyer.invoice_titles.get()
    other, _ = services.request_invoice(order, title=title, by=buyer)
    kept = files()
    with pytest.raises(NumberTaken):
        issue(other, pdf=pdf())
    other.refresh_from_db()
    assert (other.state, files()) == ("requested", kept)
    assert issue(other, code="1100000000").number == NUMBER  # another code, another invoice


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF",
        b"%PDF-1.7 and no end",
        b"\n%PDF-1.7\n%%EOF",
        b"<html>%PDF-1.7 %%EOF</html>",
        b"MZ\x90%PDF-1.7%%EOF",
        b"%PDF-1.7 %%EOF" + b"x" * 1100,
        b"%PDF-1.7" + b"0" * 5 * 1024 * 1024 + b"%%EOF",
    ],
    ids=["empty", "torn", "endless", "late", "html", "exe", "tail", "large"],
)
def test_what_is_no_pdf(content: bytes, requested: Invoice, issue: Callable) -> None:
    kept = files()
    with unchanged(), pytest.raises(ValidationError):
        issue(requested, pdf=pdf(content))
    assert files() == kept


def test_a_hostile_name_is_nothing_to_us(requested: Invoice, issue: Callable) -> None:
    upload = SimpleUploadedFile("../../../../etc/passwd\x00.html", b"%PDF-1.4\n%%EOF", "text/html")
    name = issue(requested, pdf=upload).pdf.name
    assert name.startswith("invoices/")
    assert name.endswith(".pdf")
    assert (settings.PRIVATE_ROOT / name).exists()


def test_the_pdf_may_come_later_and_be_replaced(
    requested: Invoice, issue: Callable, operator: User
) -> None:
    with unchanged(), pytest.raises(NotIssued):
        services.attach_pdf(requested.pk, pdf(), by=operator)
    issue(requested)
    for content in (b"%PDF-1.7 one %%EOF", b"%PDF-1.7 two %%EOF"):
        services.attach_pdf(requested.pk, pdf(content), by=operator)
        requested.refresh_from_db()
        assert requested.pdf.open().read() == content
    assert [event.kind for event in requested.events.all()][-2:] == ["pdf", "pdf"]


class TestTheDatabase:
    """What no service would write, it does not take either."""

    @pytest.mark.parametrize(
        "columns",
        [
            {"amount": 0},
            {"state": "issued"},
            {"number": NUMBER},
            {"live_of": None},
            {"kind": "red"},
            {"state": "canceled"},
        ],
        ids=str,
    )
    def test_refuses(self, columns: dict[str, Any], requested: Invoice) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Invoice.objects.update(**columns)

    def test_refuses_a_second_live_one(self, requested: Invoice) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Invoice.objects.create(
                order=requested.order, live_of=requested.order, amount=1, title_kind="personal"
            )
