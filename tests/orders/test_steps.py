"""Every step of an order's life: legal from one state, illegal from all others, written down once."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from apps.orders import services
from apps.orders.exceptions import CarrierUnknown, NoSuchOrder, TrackingNumberInvalid, WrongState
from apps.orders.models import MOVES, Carrier, OrderEvent, OrderInfo, Shipment, Status, Step
from apps.orders.services import take_step
from apps.users.models import User
from tests.factories import OrderInfoFactory, UserFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

DRAWING = Path(__file__).resolve().parents[2] / "docs" / "orders.md"
ILLEGAL = [(step, each) for step in Step for each in Status if each != MOVES[step].source]


@pytest.fixture
def operator() -> User:
    return UserFactory(username="operator")


def events(order: OrderInfo) -> list[tuple[str, int, int, int | None, str]]:
    columns = ("step", "from_status", "to_status", "actor_id", "reason")
    return list(order.events.values_list(*columns))


def test_the_drawing_shows_every_step_and_no_other() -> None:
    drawn = re.findall(r"^    (\w+) --> (\w+): (\w+)$", DRAWING.read_text(), re.MULTILINE)
    moves = [(move.source.name, move.target.name, step.value) for step, move in MOVES.items()]
    assert sorted(drawn) == sorted(moves)
    assert set(MOVES) == set(Step)


@pytest.mark.parametrize("step", Step)
def test_a_legal_step_is_taken_and_written_down(step: Step, operator: User) -> None:
    source, target = MOVES[step]
    order = OrderInfoFactory(status=source)
    other = OrderInfoFactory(status=source)
    with transaction.atomic():
        assert take_step(order.pk, step, by_id=operator.pk, reason="因为") is True
    order.refresh_from_db()
    assert order.status == target
    assert events(order) == [(step, source, target, operator.pk, "因为")]
    other.refresh_from_db()
    assert (other.status, events(other)) == (source, [])


@pytest.mark.parametrize(("step", "status"), ILLEGAL)
def test_an_illegal_step_changes_nothing(step: Step, status: Status, operator: User) -> None:
    order = OrderInfoFactory(status=status)
    with unchanged():
        assert take_step(order.pk, step, by_id=operator.pk) is False


def test_a_step_taken_twice_is_refused_by_the_database_too() -> None:
    order = OrderInfoFactory(status=Status.UNPAID)
    take_step(order.pk, Step.PAY, by_id=None)
    OrderInfo.objects.filter(pk=order.pk).update(status=Status.UNPAID)
    with unchanged(), pytest.raises(IntegrityError), transaction.atomic():
        take_step(order.pk, Step.PAY, by_id=None)


def test_what_has_happened_is_not_changed_afterwards() -> None:
    order = OrderInfoFactory(status=Status.UNPAID)
    take_step(order.pk, Step.PAY, by_id=None)
    event = OrderEvent.objects.get()
    event.reason = "不是这样"
    with unchanged(), pytest.raises(TypeError):
        event.save()


def test_a_reason_that_is_too_long_is_cut() -> None:
    order = OrderInfoFactory(status=Status.UNPAID)
    take_step(order.pk, Step.PAY, by_id=None, reason="长" * 300)
    assert OrderEvent.objects.get().reason == "长" * 200


class TestShipping:
    def test_carrier_and_number_are_kept(self, operator: User) -> None:
        order = OrderInfoFactory(status=Status.UNSEND)
        carrier = Carrier.objects.get(code="shunfeng")
        shipped = services.ship_order(order.pk, carrier=carrier, number="SF1234567", by=operator)
        order.refresh_from_db()
        assert order.status == Status.UNRECEIVED
        assert order.receive_by - shipped.create_time > timedelta(days=9, hours=23)
        assert (order.shipment.carrier, order.shipment.number) == (carrier, "SF1234567")
        assert events(order) == [
            (Step.SHIP, Status.UNSEND, Status.UNRECEIVED, operator.pk, "顺丰速运 SF1234567")
        ]

    @pytest.mark.parametrize("status", [each for each in Status if each != Status.UNSEND])
    def test_only_what_is_to_be_shipped(self, status: Status, operator: User) -> None:
        order = OrderInfoFactory(status=status)
        carrier = Carrier.objects.get(code="shunfeng")
        with unchanged(), pytest.raises(WrongState) as refused:
            services.ship_order(order.pk, carrier=carrier, number="SF1234567", by=operator)
        assert refused.value.extra == {"order_status": status, "status_text": str(status.label)}

    def test_not_what_does_not_exist(self, operator: User) -> None:
        carrier = Carrier.objects.get(code="shunfeng")
        with unchanged(), pytest.raises(NoSuchOrder):
            services.ship_order("1" * 24, carrier=carrier, number="SF1234567", by=operator)

    @pytest.mark.parametrize("number", ["", "SF12", "顺丰12345", "SF 12345", "SF12345\n", "1" * 41])
    def test_not_with_what_is_no_number(self, number: str, operator: User) -> None:
        order = OrderInfoFactory(status=Status.UNSEND)
        carrier = Carrier.objects.get(code="shunfeng")
        with unchanged(), pytest.raises(TrackingNumberInvalid):
            services.ship_order(order.pk, carrier=carrier, number=number, by=operator)

    def test_not_by_a_carrier_that_is_not_in_use(self, operator: User) -> None:
        Carrier.objects.filter(code="ems").update(is_active=False)
        order = OrderInfoFactory(status=Status.UNSEND)
        with unchanged(), pytest.raises(CarrierUnknown):
            services.ship_order(
                order.pk,
                carrier=Carrier.objects.get(code="ems"),
                number="SF12345",
                by=operator,
            )


@pytest.mark.parametrize("by", [lambda order: order.user, lambda order: None])
def test_what_has_arrived(by: Callable) -> None:
    order = OrderInfoFactory(status=Status.UNRECEIVED)
    who = by(order)
    assert services.receive_order(order.pk, by=who) is True
    with unchanged():
        assert services.receive_order(order.pk, by=who) is False
    assert events(order) == [
        (Step.RECEIVE, Status.UNRECEIVED, Status.UNCOMMENT, who.pk if who else None, "")
    ]
    assert not Shipment.objects.exists()
