"""Two workers count the same day at once: one waits for the other, and the day is right."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.payment.models import Payment
from apps.payment.services import settle_cash
from apps.reports import services
from apps.reports.models import BestSKU, DayFigures, SKUSales
from apps.reports.models import DayFiguresQuerySet as Days
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory
from tests.races.conftest import together
from tests.reports.conftest import DAY, NOON

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 8
SKUS = 30


def not_at_all(days: Days, day: date) -> None:
    days.get_or_create(day=day)


@pytest.mark.parametrize(("lock", "is_safe"), [(Days.lock, True), (not_at_all, False)])
def test_two_workers_count_one_day(
    lock: Callable[[Days, date], None], is_safe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Days, "lock", lock)
    order = OrderInfoFactory(skus=[SKUFactory() for _ in range(SKUS)])
    payment = settle_cash(order.pk, by=UserFactory())

    def work(day: date) -> Any:
        counted = services.count_days([day])
        services.rank_best_sellers(last=day)
        return counted

    went_well = []
    for number in range(ROUNDS):
        Payment.objects.filter(pk=payment.pk).update(paid_at=NOON + timedelta(days=number))
        day = DAY + timedelta(days=number)
        DayFigures.objects.create(day=day)  # a new row would be a lock by itself
        done = together(*[lambda day=day: work(day)] * 3)
        went_well.append(done == [1, 1, 1])
    assert all(went_well) is is_safe
    if is_safe:
        last = DAY + timedelta(days=ROUNDS - 1)
        assert set(SKUSales.objects.values_list("day", "pieces", "amount")) == {
            (DAY + timedelta(days=number), 1, Decimal("50.00")) for number in range(ROUNDS)
        }
        assert SKUSales.objects.count() == SKUS * ROUNDS
        assert DayFigures.objects.get(day=last).paid_amount == order.total_amount
        assert BestSKU.objects.filter(last=last, days=30, place=1).count() == 1
