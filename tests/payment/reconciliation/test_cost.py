"""A bill of thousands of rows is compared in batches: so many statements per batch, however many rows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from apps.orders.models import OrderInfo
from apps.payment.models import Payment, Refund
from apps.payment.services.reconciliation import days, reconcile
from apps.users.models import User
from tests.payment.reconciliation.conftest import found
from tests.payment.reconciliation.fake import (
    DAY,
    FakeGateway,
    noon,
    paid_line,
    payment_of,
    refund_line,
)

pytestmark = pytest.mark.django_db


def statements(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def copy_of(row: Model, **changed: object) -> Any:
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**columns | changed)


@pytest.fixture
def sell(buyer: User) -> Callable[[int], list[Payment]]:
    """So many more payments of one day, each with a refund, made in a few statements."""
    first = payment_of(buyer, "P", paid_at=noon())
    Payment.objects.all().delete()

    def more(count: int) -> list[Payment]:
        numbers = [f"{Payment.objects.count() + number:024d}" for number in range(1, count + 1)]
        orders = OrderInfo.objects.bulk_create(
            copy_of(first.order, order_id=number, cart_stamp=number) for number in numbers
        )
        payments = Payment.objects.bulk_create(
            copy_of(
                first,
                id=None,
                order_id=order.pk,
                settles_id=order.pk,
                out_trade_no=order.pk,
                trade_no=f"T{order.pk}",
                refunded_amount=Decimal("10.00"),
            )
            for order in orders
        )
        Refund.objects.bulk_create(
            Refund(
                payment=payment,
                out_request_no=f"{payment.out_trade_no}R01",
                amount=Decimal("10.00"),
                reason="少发一件",
                cause="operator",
                state="succeeded",
                succeeded_at=noon(),
            )
            for payment in payments
        )
        return payments

    return more


def test_a_thousand_rows(fake: FakeGateway, sell: Callable) -> None:
    sell(500)
    fake.bills[DAY] = [
        *(paid_line(payment) for payment in Payment.objects.all()),
        *(refund_line(refund) for refund in Refund.objects.select_related("payment")),
    ]
    # SQLite takes 999 parameters: storing a batch of 500 rows is six insertions there.
    assert statements(lambda: reconcile("fake", DAY)) <= 60
    statement = reconcile("fake", DAY)
    assert found(statement) == []
    assert (statement.our_payments, statement.our_refunds) == (500, 500)


class TestBatches:
    """So small that ten times as many rows are ten times as many batches."""

    PER_BATCH = 10

    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(days, "BATCH", 20)

    def cost(self, sell: Callable, bill: Callable[[], int]) -> tuple[int, int]:
        """Of one batch of payments and one of refunds, and of six."""
        sell(20)
        few = bill()
        sell(100)
        return few, bill()

    def test_of_a_day_that_agrees(self, fake: FakeGateway, sell: Callable) -> None:
        def bill() -> int:
            fake.bills[DAY] = [
                *(paid_line(payment) for payment in Payment.objects.all()),
                *(refund_line(refund) for refund in Refund.objects.select_related("payment")),
            ]
            return statements(lambda: reconcile("fake", DAY))

        few, many = self.cost(sell, bill)
        assert many - few <= 10 * self.PER_BATCH

    def test_of_a_day_of_which_nothing_agrees(self, fake: FakeGateway, sell: Callable) -> None:
        """The second run, to which every difference is known."""

        def bill() -> int:
            fake.bills[DAY] = [
                replace(paid_line(payment), out_trade_no=f"X{payment.out_trade_no}")
                for payment in Payment.objects.all()
            ]
            reconcile("fake", DAY)
            return statements(lambda: reconcile("fake", DAY))

        few, many = self.cost(sell, bill)
        # Five batches of lines, and of payments and refunds of ours, and fifteen in the pool.
        assert many - few <= 15 * self.PER_BATCH

    def test_of_the_pool(self, fake: FakeGateway, sell: Callable) -> None:
        """The day after, whose bill has all that was missing."""
        next_day = DAY + timedelta(days=1)

        def bill() -> int:
            fake.bills = {DAY: [], next_day: []}
            reconcile("fake", next_day, is_early=True)
            statement = reconcile("fake", DAY)
            assert {state for *_, state in found(statement)} == {"waiting"}
            fake.bills[next_day] = [
                *(paid_line(payment) for payment in Payment.objects.all()),
                *(refund_line(refund) for refund in Refund.objects.select_related("payment")),
            ]
            count = statements(lambda: reconcile("fake", next_day, is_early=True))
            assert {state for *_, state in found(statement)} == {"resolved"}
            return count

        few, many = self.cost(sell, bill)
        assert many - few <= 20 * self.PER_BATCH
