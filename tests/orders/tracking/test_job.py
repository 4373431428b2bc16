"""The carriers are asked in good time, each parcel by one, and never too often."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.tasks import run_command
from apps.orders import gateways, services
from apps.orders.exceptions import ParcelUnknown, TrackingRefused, TrackingUnanswered
from apps.orders.gateways import Scan, Tracking
from apps.orders.models import Carrier, OrderInfo, Shipment, Status, TrackingEvent
from apps.orders.services import refresh_tracking, tracking
from tests.factories import OrderInfoFactory
from tests.orders.tracking.conftest import Carriers
from tests.world import unchanged

pytestmark = pytest.mark.django_db

State = Shipment.State
COLLECTED = Scan(datetime(2026, 11, 1, 1, tzinfo=UTC), "已揽收")
ARRIVED = Scan(datetime(2026, 11, 1, 3, tzinfo=UTC), "到达北京")
MINUTE = timedelta(minutes=1)


def pause_of(shipment: Shipment) -> timedelta:
    """Until it is asked after again."""
    shipment.refresh_from_db()
    assert shipment.next_query_at
    return shipment.next_query_at - timezone.now()


def test_what_the_carrier_says_is_kept(carriers: Carriers, parcel: Callable) -> None:
    shipment = parcel()
    parcel(minutes=-5)
    carriers.answers = [Tracking(State.MOVING, (ARRIVED, COLLECTED))]
    run_command("refresh_tracking")
    assert carriers.asked == [("shunfeng", shipment.number, "13812345678")]
    shipment.refresh_from_db()
    assert (shipment.state, shipment.queries) == (State.MOVING, 1)
    assert list(shipment.events.values_list("at", "description")) == [
        (ARRIVED.at, "到达北京"),
        (COLLECTED.at, "已揽收"),
    ]
    with unchanged():
        call_command("refresh_tracking")
    assert len(carriers.asked) == 1


def test_what_was_said_before_is_not_said_twice(
    carriers: Carriers, parcel: Callable, later: Callable
) -> None:
    shipment = parcel()
    same_second = Scan(ARRIVED.at, "离开北京")
    carriers.answers = [
        Tracking(State.MOVING, (COLLECTED,)),
        Tracking(State.MOVING, (same_second, ARRIVED, COLLECTED, COLLECTED)),
    ]
    refresh_tracking()
    later(timedelta(hours=5))
    refresh_tracking()
    assert shipment.events.count() == 3


@pytest.mark.parametrize(
    ("state", "hours"),
    [("shipped", 2), ("moving", 4), ("delivering", 1), ("troubled", 6), ("returned", 12)],
)
def test_the_pause_follows_the_state(
    carriers: Carriers, parcel: Callable, state: str, hours: int
) -> None:
    shipment = parcel()
    carriers.answers = [Tracking(State(state), (COLLECTED,))]
    refresh_tracking()
    assert pause_of(shipment) == pytest.approx(timedelta(hours=hours), abs=MINUTE)


@pytest.mark.parametrize("state", ["delivered", "returned"])
def test_what_is_over_is_not_asked_after_again(
    carriers: Carriers, parcel: Callable, later: Callable, state: str
) -> None:
    shipment = parcel()
    carriers.answers = [Tracking(State(state), (COLLECTED,), is_over=True)]
    refresh_tracking()
    shipment.refresh_from_db()
    assert (shipment.state, shipment.next_query_at) == (state, None)
    later(timedelta(days=3))
    assert refresh_tracking() == 0
    # When the order counts as received is not the carrier's to say.
    assert shipment.order.status == Status.UNRECEIVED


def test_signed_for_after_it_was_sent_back_is_not_delivered(
    carriers: Carriers, parcel: Callable
) -> None:
    shipment = parcel(state=State.RETURNED)
    carriers.answers = [Tracking(State.DELIVERED, (COLLECTED,), is_over=True)]
    refresh_tracking()
    shipment.refresh_from_db()
    assert (shipment.state, shipment.next_query_at) == (State.RETURNED, None)


def test_a_state_that_nobody_knows_changes_none(carriers: Carriers, parcel: Callable) -> None:
    shipment = parcel(state=State.DELIVERING)
    carriers.answers = [Tracking(None, (ARRIVED,))]
    refresh_tracking()
    shipment.refresh_from_db()
    assert (shipment.state, shipment.events.count()) == (State.DELIVERING, 1)


class TestNoNews:
    def test_unknown_is_asked_again_at_growing_pauses(
        self, carriers: Carriers, parcel: Callable
    ) -> None:
        fresh, lost = parcel(), parcel(queries=tracking.LOST_AFTER_QUERIES)
        carriers.answers = [ParcelUnknown("500")]
        assert refresh_tracking() == 2
        assert pause_of(fresh) == pytest.approx(timedelta(hours=2), abs=MINUTE)
        assert pause_of(lost) == pytest.approx(timedelta(hours=12), abs=MINUTE)

    def test_unknown_ones_do_not_end_the_run(self, carriers: Carriers, parcel: Callable) -> None:
        for _ in range(5):
            parcel()
        carriers.answers = [ParcelUnknown("500")]
        assert refresh_tracking() == 5

    def test_no_answer_leaves_everything_for_half_an_hour(
        self, carriers: Carriers, parcel: Callable, later: Callable
    ) -> None:
        shipment = parcel(state=State.DELIVERING)
        carriers.answers = [
            TrackingUnanswered("ReadTimeoutError"),
            Tracking(State.MOVING, (ARRIVED,)),
        ]
        assert refresh_tracking() == 1
        assert pause_of(shipment) == pytest.approx(timedelta(minutes=30), abs=MINUTE)
        assert (shipment.state, shipment.queries) == (State.DELIVERING, 0)
        later(timedelta(minutes=29))
        assert refresh_tracking() == 0
        later(timedelta(minutes=2))
        assert refresh_tracking() == 1
        assert shipment.events.count() == 1

    @pytest.mark.parametrize("failure", [TrackingUnanswered("HTTP 502"), RuntimeError("a bug")])
    def test_three_in_a_row_end_the_run(
        self, carriers: Carriers, parcel: Callable, failure: Exception
    ) -> None:
        for _ in range(5):
            parcel()
        carriers.answers = [failure]
        assert refresh_tracking() == 3
        assert refresh_tracking() == 2
        assert refresh_tracking() == 0

    def test_one_that_fails_holds_up_no_other(
        self, carriers: Carriers, parcel: Callable, caplog: pytest.LogCaptureFixture
    ) -> None:
        for _ in range(6):
            parcel()
        fine = Tracking(State.MOVING, (ARRIVED,))
        carriers.answers = [
            RuntimeError("x"),
            TrackingUnanswered("y"),
            fine,
            RuntimeError("z"),
            fine,
        ]
        assert refresh_tracking() == 6
        assert Shipment.objects.filter(state=State.MOVING).count() == 3
        assert "could not be asked after" in caplog.text

    def test_refused_ends_the_run_at_once_and_is_told(
        self, carriers: Carriers, parcel: Callable, caplog: pytest.LogCaptureFixture
    ) -> None:
        for _ in range(5):
            parcel()
        carriers.answers = [TrackingRefused("601 key已过期")]
        assert refresh_tracking() == 1
        (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
        assert "601 key已过期" in record.getMessage()
        assert Shipment.objects.filter(next_query_at__lte=timezone.now()).count() == 4


class TestEnds:
    def test_after_thirty_days(self, carriers: Carriers, parcel: Callable) -> None:
        old = parcel()
        Shipment.objects.update(create_time=timezone.now() - timedelta(days=31))
        assert refresh_tracking() == 0
        old.refresh_from_db()
        assert (carriers.asked, old.next_query_at) == ([], None)

    def test_after_so_many_questions(self, carriers: Carriers, parcel: Callable) -> None:
        asked_often = parcel(queries=tracking.MOST_QUERIES)
        assert refresh_tracking() == 0
        asked_often.refresh_from_db()
        assert (carriers.asked, asked_often.next_query_at) == ([], None)

    def test_a_run_has_an_end(self, carriers: Carriers, parcel: Callable) -> None:
        for _ in range(5):
            parcel()
        ticks = count(step=20)
        # Begun at 0, it ends at 50: two parcels were looked at at 20 and 40.
        assert refresh_tracking(clock=lambda: next(ticks)) == 2
        assert refresh_tracking() == 3

    def test_in_batches_the_longest_due_first(
        self, carriers: Carriers, parcel: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tracking, "BATCH", 2)
        parcels = [parcel(minutes=minutes) for minutes in (1, 5, 3, 4, 2)]
        assert refresh_tracking() == 5
        in_turn = [parcels[place].number for place in (1, 3, 2, 4, 0)]
        assert [number for _, number, _ in carriers.asked] == in_turn


class TestOneParcelOfSeveralOrders:
    def test_it_is_asked_after_once_and_all_are_told(
        self, carriers: Carriers, parcel: Callable
    ) -> None:
        orders = [parcel(number="SF1"), parcel(number="SF1"), parcel(number="SF1", minutes=-50)]
        other = parcel(number="SF1", carrier=Carrier.objects.get(code="jd"), minutes=-50)
        carriers.answers = [Tracking(State.DELIVERING, (ARRIVED,))]
        assert refresh_tracking() == 1
        for shipment in orders:
            shipment.refresh_from_db()
            assert (shipment.state, shipment.events.count()) == (State.DELIVERING, 1)
        other.refresh_from_db()
        assert other.asked_at is None

    def test_one_that_joins_them_waits(self, carriers: Carriers, parcel: Callable) -> None:
        asked_at = timezone.now() - timedelta(minutes=10)
        parcel(number="SF1", asked_at=asked_at, next_query_at=None, state=State.RETURNED)
        joined = parcel(number="SF1")
        assert refresh_tracking() == 0
        assert carriers.asked == []
        assert pause_of(joined) == pytest.approx(timedelta(minutes=20), abs=MINUTE)


class TestMeanwhile:
    def test_corrected_while_the_carrier_was_asked(
        self, carriers: Carriers, parcel: Callable
    ) -> None:
        """What was told of the wrong number is not kept."""
        shipment = parcel()

        def correct() -> Tracking:
            services.correct_shipment(shipment.pk, carrier=shipment.carrier, number="SF99999")
            return Tracking(State.DELIVERED, (ARRIVED,), is_over=True)

        carriers.answers = [correct]
        refresh_tracking()
        shipment.refresh_from_db()
        assert (shipment.number, shipment.state) == ("SF99999", State.SHIPPED)
        assert shipment.events.count() == 0
        assert shipment.next_query_at

    def test_corrected_before_the_carrier_was_asked(
        self, carriers: Carriers, parcel: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shipment = parcel()
        stale = Shipment.objects.select_related("order", "carrier").get()
        services.correct_shipment(shipment.pk, carrier=shipment.carrier, number="SF99999")
        monkeypatch.setattr(tracking, "_in_turn", lambda now: [stale])
        with unchanged():
            assert refresh_tracking() == 0
        assert carriers.asked == []

    def test_whoever_dies_over_it_leaves_it_to_the_next_one(
        self, carriers: Carriers, parcel: Callable, later: Callable
    ) -> None:
        shipment = parcel()
        carriers.answers = [KeyboardInterrupt(), Tracking(State.MOVING, (ARRIVED,))]
        with pytest.raises(KeyboardInterrupt):
            refresh_tracking()
        assert refresh_tracking() == 0
        later(timedelta(minutes=31))
        assert refresh_tracking() == 1
        assert shipment.events.count() == 1

    def test_the_database_is_gone_when_it_is_to_be_written_down(
        self, carriers: Carriers, parcel: Callable, later: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shipment = parcel()
        carriers.answers = [Tracking(State.MOVING, (ARRIVED,))]

        def gone(*args: Any, **kwargs: Any) -> None:
            raise OperationalError(2006, "Server has gone away")

        with monkeypatch.context() as outage:
            outage.setattr("apps.orders.models.shipping.TrackingEventQuerySet.write_down", gone)
            assert refresh_tracking() == 1
        shipment.refresh_from_db()
        # All or nothing.
        assert (shipment.state, shipment.queries) == (State.SHIPPED, 0)
        later(timedelta(minutes=31))
        assert refresh_tracking() == 1
        assert shipment.events.count() == 1


def test_a_sandbox_is_asked_a_hundred_times_as_often(
    carriers: Carriers, parcel: Callable, operator: Any
) -> None:
    carriers.pace = 0.01
    shipment = parcel()
    refresh_tracking()
    assert pause_of(shipment) == pytest.approx(timedelta(minutes=2.4), abs=timedelta(seconds=5))
    order: OrderInfo = OrderInfoFactory(status=Status.UNSEND)
    shipped = services.ship_order(order.pk, carrier=shipment.carrier, number="SF77777", by=operator)
    assert pause_of(shipped) == pytest.approx(timedelta(seconds=36), abs=timedelta(seconds=5))


def test_without_a_gateway_nobody_is_asked(parcel: Callable, settings: Any) -> None:
    settings.TRACKING_GATEWAY = ""
    gateways.tracking.cache_clear()
    parcel()
    with unchanged():
        assert refresh_tracking() == 0


def test_how_many_statements(
    carriers: Carriers, parcel: Callable, django_assert_num_queries: type[CaptureQueriesContext]
) -> None:
    """However many events; savepoints count, as tests run inside a transaction."""
    parcel()
    many = tuple(Scan(ARRIVED.at + timedelta(seconds=n), "x") for n in range(50))
    carriers.answers = [Tracking(State.MOVING, many)]
    # Due; when it was last asked after; the claim; the savepoint, whose they are, state, events, its end; due again.
    with django_assert_num_queries(9):
        refresh_tracking()
    assert TrackingEvent.objects.count() == 50
