"""Whatever has a page in the back office is recorded before and after, or it is said why not."""

from typing import Any

import pytest
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib import admin
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.orders.models import Carrier, OrderInfo, Shipment
from apps.users.models import User
from tests.admin.forms import change_page, save
from tests.factories import AddressFactory, OrderInfoFactory, ReviewFactory, UserFactory

pytestmark = pytest.mark.django_db

# Pages of rows that no operator edits: each step has a record of its own, or the rows are a record themselves.
KEPT_ELSEWHERE = {
    "after_sales.AfterSaleEvent": "is the record of the after-sale",
    "after_sales.AfterSaleLine": "is written once, with the request; what is sellable, by a movement of stock",
    "auditlog.LogEntry": "is the record",
    "exports.Export": "is the record of exports",
    "goods.StockMovement": "is the record of the stock",
    "invoices.InvoiceEvent": "is the record of the invoice",
    "invoices.InvoiceTitle": "is the buyers'",
    "notifications.Message": "keeps its tries",
    "operators.LoginEvent": "is the record of logins",
    "orders.OrderEvent": "is the record of the order",
    "orders.OrderGoods": "is written once, with the order",
    "orders.OrderInfo": "has OrderEvent",
    "orders.TrackingEvent": "is what carriers said",
    "payment.AuditRun": "is the record of the audit",
    "payment.CashOrder": "has OrderEvent and PaymentEvent",
    "payment.Payment": "has PaymentEvent",
    "payment.PaymentEvent": "is the record of payments and refunds",
    "payment.Refund": "has PaymentEvent",
    "payment.Statement": "is what a provider said",
    "payment.StatementLine": "is what a provider said",
    "reports.DayFigures": "is counted by a job",
    "users.Favourite": "is the buyers'",
}
SECRETS = {
    "notifications.WebhookEndpoint": {"secret", "previous_secret"},
    "otp_totp.TOTPDevice": {"key"},
    "users.OAuthAccount": {"openid", "unionid"},
    "users.User": {"password"},
}


@pytest.fixture
def desk(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


def shown() -> dict[str, Any]:
    """Every model that has a page, or a table below another's."""
    pages = admin.site._registry.items()
    inlines = [inline.model for _, page in pages for inline in page.inlines]
    return {model._meta.label: model for model in [*dict(pages), *inlines]}


def test_every_page_is_recorded_or_says_why_not() -> None:
    recorded = {label for label, model in shown().items() if auditlog.contains(model)}
    assert shown().keys() - recorded == KEPT_ELSEWHERE.keys()


@pytest.mark.parametrize("label", sorted(SECRETS))
def test_no_secret_is_recorded(label: str) -> None:
    left_out = auditlog.get_model_fields(shown()[label])["exclude_fields"]
    assert SECRETS[label] <= {*left_out}


def changes(label: str) -> list[dict]:
    model = label.split(".")[1].lower()
    found = LogEntry.objects.filter(content_type__model=model).order_by("pk")
    return list(found.values_list("changes", flat=True))


def test_a_corrected_number(desk: Client, operator: User) -> None:
    carrier = Carrier.objects.create(code="x", name="某某")
    order = OrderInfoFactory(status=OrderInfo.Status.UNRECEIVED)
    shipment = Shipment.objects.create(
        order=order, carrier=carrier, number="SF1234567", shipped_by=operator
    )
    save(desk, change_page(shipment), number="SF7654321")
    assert changes("orders.Shipment") == [{"number": ["SF1234567", "SF7654321"]}]
    assert LogEntry.objects.get().actor == operator


def test_a_review_hidden_and_answered(desk: Client) -> None:
    review = ReviewFactory()
    chosen = {"_selected_action": [review.pk], "action": "hide"}
    desk.post("/admin/orders/review/", chosen)
    save(desk, change_page(review), reply="谢谢")
    hidden, answered = changes("orders.Review")
    assert hidden["status"] == ["1", "2"]
    assert answered["reply"] == ["", "谢谢"]


def test_an_address(desk: Client) -> None:
    address = AddressFactory(place="旧")
    save(desk, change_page(address), place="新")
    assert changes("users.Address") == [{"place": ["旧", "新"]}]


def test_a_second_factor_and_its_end(desk: Client, operator: User) -> None:
    device = TOTPDevice.objects.create(user=UserFactory(), key="ab" * 20)
    desk.post(change_page(device).replace("change", "delete"), {"post": "yes"})
    entry = LogEntry.objects.get()
    assert (entry.action, entry.actor) == (LogEntry.Action.DELETE, operator)
    assert "ab" * 20 not in str(entry.changes)
