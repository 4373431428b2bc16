"""Orders that were paid, and the operators who may do something with their money."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from apps.payment.models import Payment
from apps.payment.services import ask_provider, start_payment
from apps.users.models import User
from tests.admin.conftest import place
from tests.factories import UserFactory
from tests.payment.fake_gateway import Bank


def attempt(number: str = "1" * 24) -> Payment:
    """An attempt at an order over 60.00, open at the bank as well."""
    soon = timezone.now() + timedelta(minutes=30)
    order = place(UserFactory(), number, expires_at=soon)
    return start_payment(order.user, order.pk, provider="fake", product="code").payment


def paid(bank: Bank, number: str = "1" * 24) -> Payment:
    payment = attempt(number)
    bank.pay(payment.out_trade_no, Decimal("60.00"))
    ask_provider(payment)
    bank.calls.clear()
    payment.refresh_from_db()
    return payment


def clerk(*rights: str) -> Client:
    """A browser of somebody who has these permissions on payments and no others."""
    user: User = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


def said(answer: Any) -> list[str]:
    """The messages on the next page."""
    return [str(message) for message in answer.context["messages"]]
