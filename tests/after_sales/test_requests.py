"""A buyer asks, and takes it back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from apps.after_sales.models import AfterSale
from apps.after_sales.services.requesting import askable_until
from apps.orders.models import OrderGoods, OrderInfo
from apps.payment.models import Payment
from apps.users.models import User
from tests.after_sales.conftest import PATH, paid_order
from tests.conftest import logged_in
from tests.factories import OrderInfoFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

Status = OrderInfo.Status
MOMENT = timedelta(microseconds=1)
DAYS, LONG = timedelta(days=15), timedelta(days=99)


def steps(after_sale: AfterSale) -> list[tuple]:
    return list(after_sale.events.values_list("from_state", "to_state", "by__username", "note"))


def test_a_return_is_asked_for(
    ask: Callable, shop: APIClient, order: OrderInfo, line: OrderGoods
) -> None:
    answer = ask(count=2)
    after_sale = AfterSale.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": after_sale.pk,
        "number": f"{order.pk}A01",
        "order_id": order.pk,
        "kind": "return",
        "kind_text": "退货退款",
        "state": "requested",
        "state_text": "待处理",
        "reason": "damaged",
        "words": "屏幕有划痕",
        "answer": "",
        "amount_asked": "100.00",
        "amount_approved": None,
        "may_be_withdrawn": True,
        "lines": [
            {
                "line": line.pk,
                "sku_id": line.sku_id,
                "name": line.name,
                "price": "50.00",
                "count": 2,
            }
        ],
        "pictures": [],
        "create_time": answer.json()["create_time"],
    }
    assert steps(after_sale) == [("", "requested", "buyer", "屏幕有划痕")]
    assert shop.get(f"{PATH}{after_sale.pk}/").json() == answer.json()
    assert shop.get(PATH).json()["results"] == [answer.json()]


def test_what_can_still_be_asked(
    ask: Callable, shop: APIClient, order: OrderInfo, line: OrderGoods
) -> None:
    ask(count=2)
    shown = shop.get(f"/api/v1/orders/{order.pk}/after_sales/").json()
    assert (shown["kinds"], shown["refundable_amount"]) == (["refund", "return"], "200.00")
    assert [each["askable_count"] for each in shown["lines"]] == [1, 1]


def test_no_more_units_than_were_bought(ask: Callable, line: OrderGoods) -> None:
    ask(count=2)
    with unchanged():
        answer = ask(count=2, words="这件也是")
    assert (answer.status_code, answer.json()["code"]) == (409, "after_sale_too_many_units")
    assert answer.json()["lines"] == [{"line": line.pk, "askable_count": 1}]


def test_what_was_withdrawn_can_be_asked_for_again(ask: Callable, shop: APIClient) -> None:
    first = ask(count=3).json()["id"]
    gone = shop.post(f"{PATH}{first}/withdraw/")
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    assert ask(count=3).status_code == 201
    with unchanged():
        again = shop.post(f"{PATH}{first}/withdraw/")
    assert (again.status_code, again.json()["state"]) == (409, "withdrawn")


@pytest.mark.parametrize("amount", ["50.01", "0.00", "200.00"])
def test_no_more_money_than_the_units_cost(ask: Callable, amount: str) -> None:
    with unchanged():
        answer = ask(amount=amount)
    assert (answer.status_code, answer.json()["most_amount"]) == (400, "50.00")


def test_an_order_is_canceled_as_a_whole(cancellation: AfterSale, waiting: OrderInfo) -> None:
    assert str(cancellation.amount_asked) == "200.00"
    assert sorted(cancellation.lines.values_list("count", flat=True)) == [1, 3]


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (Status.UNSEND, "return", "not_shipped"),
        (Status.UNSEND, "refund", "not_shipped"),
        (Status.UNRECEIVED, "cancel", "shipped"),
        (Status.FINISHED, "cancel", "shipped"),
        (Status.CANCELED, "cancel", "ended"),
        (Status.CANCELED, "refund", "ended"),
    ],
)
def test_not_of_such_an_order(
    status: Status, kind: str, reason: str, ask: Callable, order: OrderInfo
) -> None:
    OrderInfo.objects.filter(pk=order.pk).update(status=status)
    without: dict[str, Any] = {"lines": []} if kind == "cancel" else {}
    with unchanged():
        answer = ask(kind=kind, **without)
    assert (answer.status_code, answer.json()["reason"]) == (409, reason)


def test_not_without_a_payment(ask: Callable, buyer: User) -> None:
    unpaid = OrderInfoFactory(user=buyer)
    with unchanged():
        answer = ask(order_id=unpaid.pk, lines=[{"line": unpaid.skus.get().pk, "count": 1}])
    assert (answer.status_code, answer.json()["reason"]) == (409, "unpaid")


class TestTheWindow:
    """15 days after the order was received, and paid."""

    NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

    @pytest.fixture
    def status_after(
        self, ask: Callable, order: OrderInfo, shop: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[..., int]:
        """What is answered to who asks so long after it was received, and so long after it was paid."""

        def asked(received: timedelta | None, paid: timedelta, changed: timedelta) -> int:
            order.events.all().delete()
            if received is not None:
                order.events.create(step="receive", from_status=3, to_status=4)
                order.events.update(create_time=self.NOW - received)
            Payment.objects.update(paid_at=self.NOW - paid)
            OrderInfo.objects.update(update_time=self.NOW - changed, create_time=self.NOW - LONG)
            monkeypatch.setattr(
                "apps.after_sales.services.requesting.timezone.now", lambda: self.NOW
            )
            shown = shop.get(f"/api/v1/orders/{order.pk}/after_sales/").json()
            answer = ask()
            assert bool(shown["kinds"]) is (answer.status_code == 201)
            return int(answer.status_code)

        return asked

    @pytest.mark.parametrize(
        ("received", "paid", "changed", "status"),
        [
            (DAYS - MOMENT, LONG, LONG, 201),
            (DAYS, LONG, LONG, 409),
            # Cash that the carrier brought weeks later: nothing could be asked before.
            (LONG, DAYS - MOMENT, LONG, 201),
            (LONG, DAYS, LONG, 409),
            # From before events were kept.
            (None, LONG, DAYS - MOMENT, 201),
            (None, LONG, DAYS, 409),
            # Whatever was done to it later does not count where it is known when it was received.
            (DAYS, LONG, MOMENT, 409),
        ],
    )
    def test_ends(
        self,
        received: timedelta | None,
        paid: timedelta,
        changed: timedelta,
        status: int,
        status_after: Callable[..., int],
    ) -> None:
        assert status_after(received, paid, changed) == status

    def test_has_not_begun_before_the_parcel_is_there(
        self, ask: Callable, order: OrderInfo, status_after: Callable[..., int]
    ) -> None:
        OrderInfo.objects.update(status=Status.UNRECEIVED)
        assert status_after(None, LONG, LONG) == 201

    def test_is_the_same_for_what_counts_as_received(self, ask: Callable, order: OrderInfo) -> None:
        OrderInfo.objects.update(status=Status.UNRECEIVED, receive_by=timezone.now())
        OrderInfo.objects.update(update_time=timezone.now() - LONG)
        Payment.objects.update(paid_at=timezone.now() - LONG)
        call_command("receive_overdue_orders")
        order.refresh_from_db()
        at = order.events.get(step="receive").create_time
        assert (order.status, askable_until(order)) == (Status.UNCOMMENT, at + DAYS)
        assert ask().status_code == 201


def test_not_of_a_strangers_order(
    ask: Callable, stranger: User, operator: User, returned: AfterSale
) -> None:
    theirs = paid_order(stranger, operator)
    visitor = logged_in(stranger)
    with unchanged():
        assert ask(order_id=theirs.pk).json()["code"] == "no_such_order"
        assert ask(lines=[{"line": theirs.skus.first().pk, "count": 1}]).status_code == 400
        assert visitor.get(f"{PATH}{returned.pk}/").status_code == 404
        assert visitor.post(f"{PATH}{returned.pk}/withdraw/").status_code == 404
        assert visitor.get(f"/api/v1/orders/{returned.order_id}/after_sales/").status_code == 404
    assert visitor.get(PATH).json()["count"] == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"lines": []},
        {"kind": "cancel"},
        {"kind": "gift"},
        {"reason": "because"},
        {"amount": "1.001"},
        {"lines": [{"line": 1, "count": 0}]},
        {"lines": [{"line": 1, "count": 1}, {"line": 1, "count": 1}]},
    ],
)
def test_what_makes_no_sense(changed: dict[str, Any], ask: Callable) -> None:
    with unchanged():
        assert ask(**changed).status_code == 400


def test_a_list_costs_the_same_with_more_requests(
    ask: Callable, shop: APIClient, django_assert_num_queries: Callable
) -> None:
    for nth in range(3):
        ask(words=f"第 {nth} 件")
    with django_assert_num_queries(7):
        assert shop.get(PATH).json()["count"] == 3
