"""docs/after-sales.md draws every step that the models take, and no other."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from apps.after_sales.models import AfterSale
from apps.after_sales.models.after_sales import State
from apps.orders.models import OrderInfo
from apps.payment.services import request_refund
from apps.users.models import User
from tests.after_sales.conftest import paid_order

PAGE = Path(__file__).resolve().parents[2] / "docs" / "after-sales.md"
STEPS = ["approve", "reject", "withdraw", "receive", "refund", "settle"]


def drawn() -> set[tuple[str, str]]:
    return set(re.findall(r"(\w+) --> (\w+):", PAGE.read_text())) - {("*", "requested")}


def put(request: AfterSale, state: State) -> bool:
    """Give the request this state as if it had come there; False if one of its kind never does."""
    if state == State.REFUNDED or (state == State.RECEIVED and request.kind != "return"):
        return (
            False  # of what is refunded the refund stands in the row; a constraint holds it there
        )
    amount = None if state == State.REQUESTED else Decimal("1.00")
    AfterSale.objects.filter(pk=request.pk).update(state=state, amount_approved=amount, refund=None)
    return True


@pytest.mark.django_db
def test_the_drawing_is_the_machine(buyer: User, operator: User) -> None:
    order: OrderInfo = paid_order(buyer, operator)
    refund = request_refund(order.pk, amount=Decimal("1.00"), reason="x", by=operator)
    taken = set()
    for kind in AfterSale.Kind:
        request = AfterSale.objects.create(
            number=f"{order.pk}{kind}"[-32:],
            order=order,
            user=buyer,
            kind=kind,
            reason="other",
            amount_asked=Decimal("1.00"),
        )
        more = {"approve": [Decimal("1.00")], "refund": [refund]}
        for state in State:
            for step in STEPS:
                if put(request, state) and getattr(AfterSale.objects, step)(
                    request.pk, *more.get(step, [])
                ):
                    reached = AfterSale.objects.values_list("state", flat=True).get(pk=request.pk)
                    taken.add((str(state), reached))
        put(request, State.REJECTED)
    assert taken == drawn()


@pytest.mark.django_db
def test_what_was_refunded_stays_so(returned: AfterSale, operator: User) -> None:
    refund = request_refund(returned.order_id, amount=Decimal("1.00"), reason="x", by=operator)
    AfterSale.objects.filter(pk=returned.pk).update(
        state="refunded", amount_approved=Decimal("1.00"), refund=refund
    )
    more = {"approve": [Decimal("1.00")], "refund": [refund]}
    for step in STEPS:
        assert not getattr(AfterSale.objects, step)(returned.pk, *more.get(step, [])), step
