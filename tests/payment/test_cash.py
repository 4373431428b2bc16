"""A CASH order is settled by the operator who took its money in, once, and given back by hand."""

from decimal import Decimal

import pytest
from django.core.management import call_command

from apps.orders.models import OrderInfo
from apps.payment.exceptions import OrderNotPayable
from apps.payment.models import PaymentEvent
from apps.payment.services import request_refund, send_due_refunds, settle_cash
from apps.users.models import User
from tests.factories import OrderInfoFactory, SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

Status = OrderInfo.Status


@pytest.fixture
def cash(buyer: User) -> OrderInfo:
    """An order over 50.00."""
    return OrderInfoFactory(user=buyer, skus=[SKUFactory()], status=Status.UNRECEIVED)


@pytest.mark.parametrize(
    "status", [Status.UNSEND, Status.UNRECEIVED, Status.UNCOMMENT, Status.FINISHED]
)
def test_it_is_settled_once(cash: OrderInfo, stranger: User, status: int) -> None:
    OrderInfo.objects.update(status=status)
    payment = settle_cash(cash.pk, by=stranger)
    with unchanged():
        assert settle_cash(cash.pk, by=stranger) == payment
    assert (payment.state, payment.settles, payment.amount) == ("succeeded", cash, 50)
    assert (payment.provider, payment.out_trade_no) == ("cash", f"{cash.pk}01")
    event = PaymentEvent.objects.get()
    assert (event.kind, event.verdict, event.amount) == ("operator", "settled", 50)
    assert event.payload == {"by": stranger.pk, "username": "stranger"}
    cash.refresh_from_db()
    assert cash.status == status


@pytest.mark.parametrize(
    "state",
    [{"status": Status.CANCELED}, {"status": Status.UNPAID}, {"pay_method": 2}],
    ids=["canceled", "unpaid", "on line"],
)
def test_what_is_not_to_be_settled_so(cash: OrderInfo, stranger: User, state: dict) -> None:
    OrderInfo.objects.update(**state)
    with unchanged(), pytest.raises(OrderNotPayable):
        settle_cash(cash.pk, by=stranger)


def test_an_order_that_is_not_there(stranger: User) -> None:
    with unchanged(), pytest.raises(OrderNotPayable):
        settle_cash("1" * 24, by=stranger)


def test_it_is_given_back_by_hand_at_once(cash: OrderInfo, stranger: User) -> None:
    settle_cash(cash.pk, by=stranger)
    refund = request_refund(cash.pk, amount=Decimal("20.00"), reason="破损", by=stranger, key="k")
    assert (refund.state, refund.channel, refund.requested_by) == ("succeeded", "cash", stranger)
    event = refund.events.get()
    assert (event.kind, event.verdict, event.amount) == ("operator", "refunded", 20)
    with unchanged():
        again = request_refund(
            cash.pk, amount=Decimal("20.00"), reason="破损", by=stranger, key="k"
        )
        assert again == refund
        assert send_due_refunds() == 0
    call_command("audit")
