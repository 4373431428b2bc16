"""What was sold on a day, by SKU, and the lists of best sellers that are made of it."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.clock import BEIJING
from apps.goods.models import SKU
from apps.orders.models import OrderGoods, OrderInfo, Status
from apps.payment.models import Payment
from apps.payment.services import request_refund
from apps.reports import services
from apps.reports.models import BestCategory, BestSKU, DayFigures, SKUSales
from apps.users.models import User
from tests.factories import SKUFactory
from tests.reports.conftest import DAY, NOON

pytestmark = pytest.mark.django_db


def sales(day: date = DAY) -> dict[int, tuple[int, Decimal]]:
    services.count_days([day])
    rows = SKUSales.objects.filter(day=day).values_list("sku", "pieces", "amount")
    return {sku_id: (pieces, amount) for sku_id, pieces, amount in rows}


def test_pieces_and_amount_of_each_sku(place: Callable, take_in: Callable) -> None:
    tea, cup = SKUFactory(price=Decimal("0.10")), SKUFactory(price=Decimal("20.00"))
    first = place(NOON, skus=[tea, cup])
    OrderGoods.objects.filter(order=first, sku=tea).update(count=3, price=Decimal("0.20"))
    take_in(first, NOON)
    take_in(place(NOON, skus=[tea]), NOON)
    assert sales() == {tea.pk: (4, Decimal("0.70")), cup.pk: (1, Decimal("20.00"))}


def test_they_count_on_the_day_the_money_came_in(place: Callable, take_in: Callable) -> None:
    sku = SKUFactory()
    take_in(place(NOON - timedelta(days=1), skus=[sku]), NOON)
    assert [len(sales(DAY + timedelta(days=days))) for days in (-1, 0, 1)] == [0, 1, 0]


def test_a_day_begins_and_ends_at_midnight_in_beijing(place: Callable, take_in: Callable) -> None:
    sku = SKUFactory()
    midnight = NOON - timedelta(hours=12)
    for at in (
        midnight - timedelta(microseconds=1),
        midnight,
        midnight + timedelta(days=1) - timedelta(microseconds=1),
        midnight + timedelta(days=1),
    ):
        take_in(place(NOON, skus=[sku]), at)
    pieces = [sales(DAY + timedelta(days=days))[sku.pk][0] for days in (-1, 0, 1)]
    assert pieces == [1, 2, 1]


def test_what_is_not_paid_does_not_count(place: Callable) -> None:
    for status in Status:
        place(NOON, status=status)
    assert sales() == {}


def test_what_is_given_back_or_canceled_later_still_counts(
    place: Callable, take_in: Callable, operator: User
) -> None:
    order = place(NOON)
    take_in(order, NOON)
    request_refund(order.pk, amount=Decimal("50.00"), reason="破损", by=operator)
    OrderInfo.objects.filter(pk=order.pk).update(status=Status.CANCELED)
    assert list(sales().values()) == [(1, Decimal("50.00"))]


def test_with_freight_the_amounts_are_what_was_paid(place: Callable, take_in: Callable) -> None:
    for freight in ("10.00", "0.00"):
        columns = {"freight": Decimal(freight), "total_amount": Decimal(freight)}
        take_in(place(NOON, skus=[SKUFactory(), SKUFactory()], **columns), NOON)
    sold = sum(amount for _pieces, amount in sales().values())
    assert sold + Decimal("10.00") == DayFigures.objects.get(day=DAY).paid_amount


def test_counting_again_writes_only_what_has_changed(place: Callable, take_in: Callable) -> None:
    tea, cup, gone = SKUFactory(), SKUFactory(), SKUFactory()
    take_in(place(NOON, skus=[tea]), NOON)
    take_in(place(NOON, skus=[cup]), NOON)
    SKUSales.objects.create(day=DAY, sku=gone, pieces=1, amount=Decimal("1.00"))
    SKUSales.objects.create(day=DAY + timedelta(days=1), sku=gone, pieces=1, amount=1)
    assert sales() == {tea.pk: (1, Decimal("50.00")), cup.pk: (1, Decimal("50.00"))}
    take_in(place(NOON, skus=[tea]), NOON)
    with CaptureQueriesContext(connection) as captured:
        assert sales() == {tea.pk: (2, Decimal("100.00")), cup.pk: (1, Decimal("50.00"))}
    written = [each["sql"] for each in captured if "INTO" in each["sql"] and "sales" in each["sql"]]
    assert len(written) == 1
    assert "50.00" not in written[0]
    assert SKUSales.objects.filter(sku=gone).count() == 1  # of the other day


class TestBestSellers:
    @pytest.fixture
    def today(self) -> date:
        return timezone.now().astimezone(BEIJING).date()

    @pytest.fixture
    def sell(self, today: date) -> Callable[..., None]:
        def sell(sku: SKU, pieces: int, *, ago: int = 0) -> None:
            day = today - timedelta(days=ago)
            SKUSales.objects.create(day=day, sku=sku, pieces=pieces, amount=pieces * sku.price)

        return sell

    def ranked(self, today: date) -> dict[int, list[tuple[int, int]]]:
        services.rank_best_sellers(last=today)
        rows = BestSKU.objects.values_list("days", "sold", "pieces")
        return {
            days: [(sku, pieces) for of, sku, pieces in rows if of == days] for days in (1, 7, 30)
        }

    def test_by_period_and_pieces(self, today: date, sell: Callable) -> None:
        first, second, third = SKUFactory(), SKUFactory(), SKUFactory()
        sell(second, 2)
        sell(first, 2)
        sell(first, 1, ago=6)
        sell(second, 8, ago=7)
        sell(third, 4, ago=29)
        sell(third, 9, ago=30)
        sell(third, 9, ago=-1)
        assert self.ranked(today) == {
            1: [(first.pk, 2), (second.pk, 2)],
            7: [(first.pk, 3), (second.pk, 2)],
            30: [(second.pk, 10), (third.pk, 4), (first.pk, 3)],
        }

    def test_ten_at_most_and_none_twice(self, today: date, sell: Callable) -> None:
        for pieces in range(1, 12):
            sell(SKUFactory(), pieces)
        assert self.ranked(today) == self.ranked(today)
        assert list(BestSKU.objects.filter(days=7).values_list("place", "pieces")) == [
            (place, 12 - place) for place in range(1, 11)
        ]

    def test_categories_are_those_the_skus_stand_in_now(self, today: date, sell: Callable) -> None:
        first, second = SKUFactory(), SKUFactory()
        sell(first, 1)
        sell(second, 2)
        SKU.objects.filter(pk=first.pk).update(category=second.category)
        services.rank_best_sellers(last=today)
        rows = BestCategory.objects.filter(days=30).values_list("sold", "pieces", "amount", "last")
        assert list(rows) == [(second.category_id, 3, Decimal("150.00"), today)]

    def test_the_job_ranks_what_it_has_counted(
        self, today: date, place: Callable, take_in: Callable
    ) -> None:
        def pieces() -> list[int]:
            return list(BestSKU.objects.order_by("days").values_list("pieces", flat=True))

        take_in(place(timezone.now()), timezone.now())
        services.update_recent_figures()
        assert pieces() == [1, 1, 1]
        Payment.objects.update(paid_at=F("paid_at") - timedelta(days=3))
        services.update_recent_figures()
        # Three days ago is not recent, and the month is ranked at night.
        assert pieces() == [1]
        services.recount_figures()
        assert pieces() == [1, 1]
