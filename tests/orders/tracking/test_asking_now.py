"""An operator has a carrier asked at once, but not more often than it bears."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.orders import gateways
from apps.orders.exceptions import (
    AskedRecently,
    NotTracked,
    ParcelUnknown,
    ShipmentDelivered,
    TrackingUnanswered,
)
from apps.orders.gateways import Tracking
from apps.orders.models import Shipment
from apps.orders.services import ask_now
from tests.orders.tracking.conftest import Carriers
from tests.world import unchanged

pytestmark = pytest.mark.django_db

State = Shipment.State


def test_before_its_time(carriers: Carriers, parcel: Callable) -> None:
    shipment = parcel(minutes=-100)
    ask_now(shipment.pk)
    shipment.refresh_from_db()
    assert (shipment.state, len(carriers.asked)) == (State.MOVING, 1)


def test_not_twice_in_half_an_hour(carriers: Carriers, parcel: Callable, later: Callable) -> None:
    shipment = parcel()
    ask_now(shipment.pk)
    later(timedelta(minutes=10))
    with unchanged(), pytest.raises(AskedRecently) as refused:
        ask_now(shipment.pk)
    assert refused.value.extra["minutes"] == 20
    later(timedelta(minutes=21))
    ask_now(shipment.pk)
    assert len(carriers.asked) == 2


def test_not_after_another_order_of_the_same_parcel(carriers: Carriers, parcel: Callable) -> None:
    parcel(number="SF1", asked_at=timezone.now())
    joined = parcel(number="SF1")
    with unchanged(), pytest.raises(AskedRecently):
        ask_now(joined.pk)


def test_not_once_it_is_delivered(carriers: Carriers, parcel: Callable) -> None:
    shipment = parcel(state=State.DELIVERED)
    with unchanged(), pytest.raises(ShipmentDelivered):
        ask_now(shipment.pk)


def test_one_that_was_given_up_is_asked_after_once(carriers: Carriers, parcel: Callable) -> None:
    shipment = parcel(next_query_at=None)
    Shipment.objects.update(create_time=timezone.now() - timedelta(days=40))
    carriers.answers = [Tracking(State.DELIVERING, ())]
    ask_now(shipment.pk)
    shipment.refresh_from_db()
    assert (shipment.state, shipment.next_query_at) == (State.DELIVERING, None)


@pytest.mark.parametrize("news", [ParcelUnknown("500"), TrackingUnanswered("HTTP 502")])
def test_no_news(carriers: Carriers, parcel: Callable, news: Exception) -> None:
    shipment = parcel()
    carriers.answers = [news]
    with pytest.raises(type(news)):
        ask_now(shipment.pk)
    with pytest.raises(AskedRecently):
        ask_now(shipment.pk)


def test_without_a_gateway(parcel: Callable) -> None:
    gateways.tracking.cache_clear()
    shipment = parcel()
    with unchanged(), pytest.raises(NotTracked):
        ask_now(shipment.pk)
