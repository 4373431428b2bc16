"""What was paid and refunded, kept from an operator who may do everything but see amounts."""

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry as Recorded
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.invoices.models import Invoice
from apps.payment.models import Payment, Refund
from apps.users.models import User
from tests.admin.conftest import stock_up as stock_up
from tests.admin.forms import change_page
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

# Every amount of the shop, as no other figure of a page is.
AMOUNT = "31.41"
COLUMNS = {
    "orders.OrderInfo": ["total_amount"],
    "payment.Payment": ["amount"],
    "payment.Refund": ["amount"],
    "payment.PaymentEvent": ["amount"],
    "payment.Difference": ["ours", "theirs"],
    "payment.StatementLine": ["amount", "fee"],
    "payment.Statement": ["their_payment_amount", "our_payment_amount", "their_fee"],
    "invoices.Invoice": ["amount"],
    "after_sales.AfterSale": ["amount_asked"],
}


@pytest.fixture(autouse=True)
def shop(stock_up: Callable[[int], None]) -> None:
    stock_up(1)
    for label, columns in COLUMNS.items():
        apps.get_model(label).objects.update(**dict.fromkeys(columns, AMOUNT))
    apps.get_model("payment.PaymentEvent").objects.update(payload={"total_amount": AMOUNT})


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def clerk(db: None) -> Client:
    """Everything but the amounts."""
    user: User = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(codename="view_amounts"))
    return browser_of(user)


def pages(row: Any) -> list[str]:
    change = change_page(row)
    return [change, change.replace("/change/", "/history/")]


@pytest.mark.parametrize("label", sorted(COLUMNS))
def test_no_page_tells_them(label: str, clerk: Client, operator: User) -> None:
    """Beside it a superuser, who finds them on the same pages: the test can fail."""
    model = apps.get_model(label)
    listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    addresses = [listed, *pages(model.objects.first())]
    told = [it for it in addresses if AMOUNT in clerk.get(it).content.decode()]
    assert told == []
    desk = browser_of(operator)
    assert [it for it in addresses if AMOUNT in desk.get(it).content.decode()]


def test_what_cannot_be_done_without_them_is_shut(clerk: Client, operator: User) -> None:
    payment, refund = Payment.objects.first(), Refund.objects.first()
    invoice = Invoice.objects.first()
    assert payment
    assert refund
    assert invoice
    shut = [
        reverse("admin:payment_payment_refund", args=[payment.pk]),
        reverse("admin:payment_refund_replace", args=[refund.pk]),
        reverse("admin:invoices_invoice_record", args=[invoice.pk]),
        reverse("admin:invoices_invoice_pdf", args=[invoice.pk]),
        reverse("admin:invoices_invoice_sheet"),
    ]
    assert {clerk.get(it).status_code for it in shut} == {403}
    assert clerk.post(reverse("admin:invoices_invoice_export")).status_code == 403
    for it in (shut[0], shut[2]):
        assert browser_of(operator).get(it).status_code == 200
    html = clerk.get(change_page(payment)).content.decode()
    assert shut[0] not in html


def test_no_entry_of_a_log_tells_them(operator: User) -> None:
    payment = Payment.objects.first()
    assert payment
    Payment.objects.update(state="succeeded", provider="cash", settles=payment.order_id)
    page = reverse("admin:payment_payment_refund", args=[payment.pk])
    desk = browser_of(operator)
    form = desk.get(page).context["form"]
    typed = {name: form[name].value() for name in ("seen", "key")}
    typed |= {"amount": "3.14", "reason": "x", "confirmed": "1"}
    assert desk.post(page, typed).status_code == 302
    assert LogEntry.objects.count() == 1
    assert "3.14" not in LogEntry.objects.get().change_message
    assert not Recorded.objects.filter(changes__icontains="3.14").exists()
