"""What the database itself refuses, and what it has room for."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.orders.models import OrderInfo
from apps.payment.models import Payment, Refund
from apps.payment.services import settle_cash
from apps.users.models import User
from tests.factories import OrderInfoFactory

pytestmark = pytest.mark.django_db

MANY = 2_000_000_000


@pytest.fixture
def payment(stranger: User) -> Payment:
    order = OrderInfoFactory(status=OrderInfo.Status.UNRECEIVED)
    return settle_cash(order.pk, by=stranger)


def test_a_succeeded_payment_settles_its_order_and_no_other_does(payment: Payment) -> None:
    own, other = payment.order_id, OrderInfoFactory().pk
    for state, settles in [("succeeded", None), ("succeeded", other), ("surplus", own)]:
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.update(state=state, settles=settles)


def test_a_payment_that_is_asked_after_and_a_refund_that_is_tried_for_years(
    payment: Payment,
) -> None:
    now = timezone.now()
    Payment.objects.update(state="pending", settles=None, queries=MANY, next_query_at=now)
    payment.refresh_from_db()
    assert Payment.objects.claim(payment, at=now, next_query_at=now)
    assert Payment.objects.claim_question(payment, at=now, unless_since=now)
    refund = Refund.objects.create(
        payment=payment, amount=Decimal("1.00"), next_try_at=now, tries=MANY
    )
    assert Refund.objects.claim(refund, at=now, next_try_at=now + timedelta(minutes=1))
