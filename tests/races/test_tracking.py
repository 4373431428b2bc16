"""Many workers at the same parcel: its carrier is asked once, whichever of its orders they came for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.orders import gateways
from apps.orders.gateways import Tracking
from apps.orders.models import Carrier, Shipment, Status
from apps.orders.models.shipping import ShipmentQuerySet
from apps.orders.services import refresh_tracking, tracking
from tests.factories import OrderInfoFactory, UserFactory
from tests.orders.tracking.conftest import Carriers
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WORKERS = 8


def unconditional(self: ShipmentQuerySet, shipment: Shipment, **at: Any) -> bool:
    """The control: whoever has seen the parcel asks."""
    self.same_parcel(shipment).update(asked_at=at["at"], next_query_at=at["until"])
    return True


@pytest.mark.parametrize(
    ("claim", "is_right"), [(ShipmentQuerySet.claim, True), (unconditional, False)]
)
@pytest.mark.parametrize("orders", [1, 3])
def test_one_parcel_many_workers(
    orders: int, claim: Callable, is_right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    carriers = Carriers(answers=[Tracking(Shipment.State.MOVING, ())])
    monkeypatch.setattr(gateways, "tracking", lambda: carriers)
    # All have read what is due, and when it was last asked after, before anybody claims it.
    monkeypatch.setattr(ShipmentQuerySet, "claim", claim)
    packer, carrier = UserFactory(), Carrier.objects.get(code="shunfeng")
    for _ in range(orders):
        Shipment.objects.create(
            order=OrderInfoFactory(status=Status.UNRECEIVED),
            carrier=carrier,
            number="SF1234567",
            shipped_by=packer,
            next_query_at=timezone.now() - timedelta(minutes=1),
        )
    seen = list(Shipment.objects.select_related("order", "carrier"))
    turns = iter([[seen[n % orders]] for n in range(WORKERS)])
    monkeypatch.setattr(tracking, "_in_turn", lambda now: next(turns))
    monkeypatch.setattr(tracking, "_free_at", lambda gateway, shipment: shipment.create_time)
    results = together(*[refresh_tracking] * WORKERS)
    assert not [each for each in results if isinstance(each, Exception)]
    assert (len(carriers.asked) == 1) is is_right
    assert (sum(results) == 1) is is_right
    if is_right:
        assert set(Shipment.objects.values_list("state", "queries")) == {("moving", 1)}
