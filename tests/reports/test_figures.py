"""The figures of a day are what happened on that day in Beijing, however often and by whomever they are counted."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.clock import BEIJING
from apps.orders.models import OrderInfo, Status
from apps.payment.models import Payment, Refund
from apps.payment.services import request_refund
from apps.reports import selectors, services
from apps.reports.models import DayFigures
from apps.users.models import User
from tests.factories import UserFactory
from tests.reports.conftest import DAY, NOON

pytestmark = pytest.mark.django_db

ZERO = Decimal("0.00")


def counted(day: date = DAY) -> tuple[int, int, int, Decimal, int, Decimal, int]:
    services.count_days([day])
    found = DayFigures.objects.get(day=day)
    return (
        found.orders, found.paid_orders, found.payments, found.paid_amount,
        found.refunds, found.refunded_amount, found.new_users,
    )  # fmt: skip


def test_a_day_on_which_nothing_happened() -> None:
    assert counted() == (0, 0, 0, ZERO, 0, ZERO, 0)


def test_a_day_begins_and_ends_at_midnight_in_beijing(place: Callable) -> None:
    midnight = datetime(2026, 5, 19, 16, tzinfo=UTC)
    for at in (
        midnight - timedelta(microseconds=1),
        midnight,
        midnight + timedelta(days=1) - timedelta(microseconds=1),
        midnight + timedelta(days=1),
    ):
        place(at)
    assert [counted(DAY + timedelta(days=ago))[0] for ago in (-1, 0, 1)] == [1, 2, 1]


def test_orders_and_those_that_were_paid(place: Callable, take_in: Callable) -> None:
    for status in Status:
        place(NOON, status=status)
    refunded_afterwards = place(NOON)
    take_in(refunded_afterwards, NOON + timedelta(days=2))
    OrderInfo.objects.filter(pk=refunded_afterwards.pk).update(status=Status.CANCELED)
    assert counted()[:2] == (7, 5)


def test_money_counts_on_the_day_it_moved(
    place: Callable, take_in: Callable, operator: User
) -> None:
    order = place(NOON - timedelta(days=1))
    take_in(order, NOON)
    refund = request_refund(order.pk, amount=Decimal("20.00"), reason="破损", by=operator)
    Refund.objects.filter(pk=refund.pk).update(succeeded_at=NOON + timedelta(days=1))
    assert counted(DAY - timedelta(days=1))[:4] == (1, 1, 0, ZERO)
    assert counted(DAY)[2:6] == (1, Decimal("50.00"), 0, ZERO)
    assert counted(DAY + timedelta(days=1))[2:6] == (0, ZERO, 1, Decimal("20.00"))


def test_surplus_is_neither_income_nor_refund(place: Callable, take_in: Callable) -> None:
    payment = take_in(place(NOON), NOON)
    surplus = Payment.objects.get(pk=payment.pk)
    surplus.pk, surplus.settles, surplus.out_trade_no = None, None, "surplus"
    surplus.state, surplus.trade_no = Payment.State.SURPLUS, "T2"
    surplus.refunded_amount = surplus.amount
    surplus.save()
    Refund.objects.create(
        payment=surplus,
        out_request_no="surplusR01",
        amount=surplus.amount,
        reason="重复付款",
        cause=Refund.Cause.SURPLUS,
        state=Refund.State.SUCCEEDED,
        succeeded_at=NOON,
    )
    assert counted()[2:6] == (1, Decimal("50.00"), 0, ZERO)


def test_new_users() -> None:
    UserFactory(date_joined=NOON)
    UserFactory(date_joined=NOON - timedelta(days=1))
    assert counted()[6] == 1


def test_counting_again_counts_what_has_changed_since(place: Callable) -> None:
    order = place(NOON, status=Status.UNPAID)
    assert counted()[:2] == (1, 0)
    OrderInfo.objects.filter(pk=order.pk).update(status=Status.UNSEND)
    assert counted()[:2] == (1, 1)
    assert DayFigures.objects.count() == 1


@pytest.mark.parametrize(("command", "days"), [("update_figures", 3), ("recount_figures", 60)])
def test_the_jobs_count_the_last_days(command: str, days: int) -> None:
    call_command("update_figures")
    DayFigures.objects.update(orders=9)
    call_command(command)
    today = timezone.now().astimezone(BEIJING).date()
    expected = [today - timedelta(days=ago) for ago in range(days)]
    assert list(DayFigures.objects.filter(orders=0).values_list("day", flat=True)) == expected


def test_what_nobody_counted_is_counted_once() -> None:
    assert (services.update_recent_figures(), services.update_recent_figures()) == (60, 3)
    DayFigures.objects.order_by("day")[0].delete()
    assert services.update_recent_figures() == 4


def test_a_day_costs_the_same_however_much_happened(place: Callable, take_in: Callable) -> None:
    counted()

    def costs() -> int:
        with CaptureQueriesContext(connection) as captured:
            services.count_days([DAY])
        return len(captured)

    take_in(place(NOON), NOON)
    of_one = costs()
    for _ in range(5):
        take_in(place(NOON), NOON)
    assert costs() == of_one <= 11


class TestTotals:
    def figures(self, ago: int, **columns: Any) -> None:
        DayFigures.objects.create(day=DAY - timedelta(days=ago), **columns)

    def test_of_some_days(self) -> None:
        self.figures(0, orders=3, paid_orders=2, payments=3, paid_amount=Decimal("100.00"))
        self.figures(6, orders=3, paid_orders=2, new_users=1)
        self.figures(7, orders=100)
        with CaptureQueriesContext(connection) as captured:
            found = selectors.totals(selectors.by_day(last=DAY, days=7))
        assert len(captured) == 1
        assert (found.orders, found.paid_orders, found.new_users) == (6, 4, 1)
        assert found.conversion == Decimal("66.7")
        assert found.average_order == Decimal("33.33")

    def test_of_nothing(self) -> None:
        found = selectors.totals(selectors.by_day(last=DAY, days=30))
        assert (found.orders, found.paid_amount, found.conversion) == (0, ZERO, None)
        assert found.average_order is None

    def test_a_row_for_every_day(self) -> None:
        self.figures(1, orders=5)
        found = selectors.by_day(last=DAY, days=3)
        assert [each.orders for each in found] == [0, 5, 0]
        assert [each.day.day for each in found] == [18, 19, 20]
