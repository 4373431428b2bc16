"""Buyers and operators at the same moment: no unit is asked back twice, no request refunded twice."""

from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import QuerySet

from apps.after_sales import services
from apps.after_sales.exceptions import WrongAfterSaleState
from apps.after_sales.models import AfterSale
from apps.after_sales.models.after_sales import AfterSaleLineQuerySet
from apps.goods.models import StockMovement
from apps.orders.exceptions import WrongState
from apps.orders.models import Carrier, OrderInfo, Shipment
from apps.orders.services import ship_order
from apps.payment.models import Refund
from apps.users.models import User
from tests.after_sales.conftest import PATH, paid_order
from tests.conftest import logged_in
from tests.factories import UserFactory
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(username="operator", is_staff=True, is_superuser=True)


@pytest.fixture
def order(buyer: User, operator: User) -> OrderInfo:
    return paid_order(buyer, operator)


def asked(order: OrderInfo, buyer: User, times: int) -> list[Any]:
    """Two of three units, so many times at once."""
    client, line = logged_in(buyer), order.skus.get(count=3)
    wanted = {
        "order_id": order.pk,
        "kind": "return",
        "reason": "damaged",
        "lines": [{"line": line.pk, "count": 2}],
    }
    return together(*[partial(client.post, PATH, wanted, format="json")] * times)


@pytest.fixture
def returned(order: OrderInfo, buyer: User) -> AfterSale:
    counts = {order.skus.get(count=3).pk: 2}
    return services.request_after_sale(
        order.pk, kind="return", reason="damaged", counts=counts, by=buyer
    )


def outcomes(results: list[Any]) -> list[str]:
    return sorted(type(each).__name__ for each in results)


def test_no_more_units_than_were_bought(order: OrderInfo, buyer: User) -> None:
    answers = asked(order, buyer, 8)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert AfterSale.objects.count() == 1


def test_control_without_the_lock_both_see_the_units(
    order: OrderInfo, buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_looked, real, seen = Barrier(2), AfterSaleLineQuerySet.taken, []

    def meeting(self: AfterSaleLineQuerySet, order_id: str) -> dict[int, int]:
        taken = real(self, order_id)
        seen.append(taken)
        both_looked.wait(timeout=30)
        return taken

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self)
    monkeypatch.setattr(AfterSaleLineQuerySet, "taken", meeting)
    answers = asked(order, buyer, 2)
    assert seen == [{}, {}], "this harness would not see two who ask for the same units"
    # Only the number of the request, which is unique, was in the way.
    assert any(isinstance(answer, Exception) for answer in answers)


def test_of_six_operators_one_takes_the_goods_in_and_one_refunds(
    returned: AfterSale, operator: User
) -> None:
    approve = partial(services.approve, returned.pk, by=operator)
    assert outcomes(together(*[approve] * 6)) == ["AfterSale"] + ["WrongAfterSaleState"] * 5
    sellable = {returned.lines.get().pk: 2}
    receive = partial(services.receive_goods, returned.pk, sellable=sellable, by=operator)
    assert outcomes(together(*[receive] * 6)) == ["AfterSale"] + ["WrongAfterSaleState"] * 5
    refund = partial(services.refund_approved, returned.pk, by=operator)
    assert outcomes(together(*[refund] * 6)) == ["AfterSale"] + ["WrongAfterSaleState"] * 5
    assert StockMovement.objects.get().change == 2
    assert Refund.objects.get().amount == Decimal("100.00")
    call_command("audit")


def test_withdrawn_while_it_is_approved(returned: AfterSale, operator: User, buyer: User) -> None:
    """Both may succeed, one after the other: a return that waits for its goods can be withdrawn."""
    approved, withdrawn = together(
        partial(services.approve, returned.pk, by=operator),
        partial(services.withdraw, returned.pk, by=buyer),
    )
    returned.refresh_from_db()
    assert isinstance(withdrawn, AfterSale)
    assert isinstance(approved, AfterSale | WrongAfterSaleState)
    assert returned.state == "withdrawn"


def test_shipped_or_canceled(buyer: User, operator: User) -> None:
    order = paid_order(buyer, operator, OrderInfo.Status.UNSEND)
    request = services.request_after_sale(order.pk, kind="cancel", reason="changed_mind", by=buyer)
    carrier = Carrier.objects.create(code="race", name="竞速快递")
    canceled, shipped = together(
        partial(services.approve, request.pk, by=operator),
        partial(ship_order, order.pk, carrier=carrier, number="SF12345678", by=operator),
    )
    request.refresh_from_db()
    if isinstance(shipped, Shipment):
        assert isinstance(canceled, WrongState)
        assert (request.state, Refund.objects.count()) == ("requested", 0)
    else:
        assert isinstance(shipped, WrongState)
        assert (request.state, Refund.objects.get().amount) == ("refunded", Decimal("200.00"))
    call_command("audit")
