"""An order that was paid in hand, so that refunds of it succeed at once, and the titles it may be invoiced to."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.invoices.models import Invoice, InvoiceTitle
from apps.invoices.models.tax_numbers import credit_check, organisation_check
from apps.invoices.services import record_issued
from apps.orders.models import OrderInfo
from apps.payment.models import Refund
from apps.payment.services import request_refund, settle_cash
from apps.users.models import User
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory

TITLES = "/api/v1/invoice_titles/"
# The example of GB 32100-2015, with the check character that its rule gives.
TAX_NUMBER = "91350100M000100Y43"
NUMBER = "25312000000012345678"


def tax_number(organisation: str = "MA000000") -> str:
    """Another one whose check characters are right."""
    seventeen = f"91350100{organisation}{organisation_check(organisation)}"
    return seventeen + credit_check(seventeen)


def pdf(
    content: bytes = b"%PDF-1.7\n...\n%%EOF\n", name: str = "invoice.pdf"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(username="operator", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(operator: User) -> Client:
    """A browser the operator is logged in with."""
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def title(buyer: User) -> InvoiceTitle:
    return InvoiceTitle.objects.create(
        user=buyer, kind="company", name="示例（北京）公司", tax_number=TAX_NUMBER
    )


@pytest.fixture
def order(buyer: User, operator: User) -> OrderInfo:
    """Two SKUs for 100.00 altogether, paid in cash at the door."""
    return paid_order(buyer, operator)


def paid_order(buyer: User, operator: User, **columns: Any) -> OrderInfo:
    skus = [SKUFactory(), SKUFactory()]
    order: OrderInfo = OrderInfoFactory(user=buyer, skus=skus, **columns)
    settle_cash(order.pk, by=operator)
    return order


@pytest.fixture
def ask(shop: APIClient, order: OrderInfo, title: InvoiceTitle) -> Callable[..., Response]:
    """Ask over HTTP for the order's invoice."""

    def post(**changed: Any) -> Response:
        return shop.post(f"/api/v1/orders/{order.pk}/invoice/", {"title": title.pk} | changed)

    return post


@pytest.fixture
def requested(ask: Callable) -> Invoice:
    return Invoice.objects.get(pk=ask().json()["id"])


@pytest.fixture
def issue(operator: User) -> Callable[..., Invoice]:
    """Record a request as issued over the amount that it says."""

    def issue(invoice: Invoice, number: str = NUMBER, **changed: Any) -> Invoice:
        written = {"number": number, "amount": invoice.amount, "by": operator} | changed
        return record_issued(invoice.pk, **written)

    return issue


@pytest.fixture
def give_back(order: OrderInfo, operator: User) -> Callable[..., Refund]:
    """Refund so much of the order; it has succeeded when this returns."""

    def refund(amount: str) -> Refund:
        return request_refund(order.pk, amount=Decimal(amount), reason="包装破损", by=operator)

    return refund
