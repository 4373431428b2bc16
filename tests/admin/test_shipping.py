"""An order in the back office leaves the house; its parcel's number is corrected until it is there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from apps.orders import gateways
from apps.orders.exceptions import ParcelUnknown, TrackingRefused, TrackingUnanswered
from apps.orders.gateways import Scan, Tracking
from apps.orders.models import Carrier, OrderInfo, Shipment, Status, TrackingEvent
from apps.users.models import User
from tests.factories import OrderInfoFactory
from tests.operators.conftest import desk_of as desk_of
from tests.orders.tracking.conftest import Carriers
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def carrier() -> Carrier:
    return Carrier.objects.create(code="somecarrier", name="某某快递")


@pytest.fixture
def order() -> OrderInfo:
    return OrderInfoFactory(status=Status.UNSEND)


def ship(desk: Client, order: OrderInfo, carrier: Carrier, number: str = "SF12345") -> Any:
    page = f"/admin/orders/orderinfo/{order.pk}/ship/"
    return desk.post(page, {"carrier": carrier.pk, "number": number}, follow=True)


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


class TestShipping:
    def test_carrier_and_number_and_it_is_under_way(
        self, desk: Client, operator: User, order: OrderInfo, carrier: Carrier
    ) -> None:
        page = f"/admin/orders/orderinfo/{order.pk}/change/"
        assert f'href="/admin/orders/orderinfo/{order.pk}/ship/"' in desk.get(page).content.decode()
        answer = ship(desk, order, carrier)
        assert told(answer) == ["已发货：某某快递 SF12345"]
        order.refresh_from_db()
        assert (order.status, order.shipment.number) == (Status.UNRECEIVED, "SF12345")
        html = answer.content.decode()
        assert "某某快递 SF12345" in html
        assert f"/admin/orders/orderinfo/{order.pk}/ship/" not in html
        logged = LogEntry.objects.get()
        assert (logged.user, logged.object_id) == (operator, order.pk)
        assert logged.change_message == "已发货：某某快递 SF12345"

    @pytest.mark.parametrize("status", [s for s in Status if s != Status.UNSEND])
    def test_in_another_state_it_is_refused_with_that_state(
        self, status: Status, desk: Client, order: OrderInfo, carrier: Carrier
    ) -> None:
        OrderInfo.objects.update(status=status)
        with unchanged():
            answers = [
                ship(desk, order, carrier),
                desk.get(f"/admin/orders/orderinfo/{order.pk}/ship/", follow=True),
            ]
        for answer in answers:
            assert len(told(answer)) == 1
            assert str(status.label) in told(answer)[0]

    @pytest.mark.parametrize("number", ["", "1234", "SF 12345", "<b>12345", "１２３４５", "1" * 41])
    def test_a_bad_number(
        self, number: str, desk: Client, order: OrderInfo, carrier: Carrier
    ) -> None:
        with unchanged():
            assert "number" in ship(desk, order, carrier, number).context["form"].errors

    def test_a_carrier_that_is_not_in_use(
        self, desk: Client, order: OrderInfo, carrier: Carrier
    ) -> None:
        Carrier.objects.update(is_active=False)
        with unchanged():
            assert "carrier" in ship(desk, order, carrier).context["form"].errors

    def test_an_order_that_there_is_not(self, desk: Client) -> None:
        assert desk.get("/admin/orders/orderinfo/x/ship/").status_code == 404

    @pytest.mark.parametrize(
        ("role", "status"),
        [
            ("service", 403),
            ("warehouse", 200),
            ("finance", 403),
            ("catalogue", 403),
            ("manager", 200),
        ],
    )
    def test_who_may(
        self,
        role: str,
        status: int,
        desk_of: Callable[[str], Client],
        order: OrderInfo,
        carrier: Carrier,
    ) -> None:
        desk = desk_of(role)
        assert desk.get(f"/admin/orders/orderinfo/{order.pk}/ship/").status_code == status
        answer = ship(desk, order, carrier)
        assert answer.status_code == status
        assert Shipment.objects.exists() is (status == 200)


class TestCorrecting:
    @pytest.fixture
    def shipment(self, order: OrderInfo, carrier: Carrier, operator: User) -> Shipment:
        shipment = Shipment.objects.create(
            order=order, carrier=carrier, number="SF12345", shipped_by=operator, queries=3
        )
        TrackingEvent.objects.create(
            shipment=shipment, at=timezone.now(), description="已揽收", digest="1"
        )
        return shipment

    def correct(self, desk: Client, shipment: Shipment, **written: Any) -> Any:
        body = {"carrier": shipment.carrier_id, "number": shipment.number, **written}
        formset = {"events-TOTAL_FORMS": 0, "events-INITIAL_FORMS": 0}
        page = f"/admin/orders/shipment/{shipment.pk}/change/"
        return desk.post(page, {**body, **formset})

    def test_the_number_and_what_was_told_of_the_wrong_one_is_gone(
        self, desk: Client, shipment: Shipment
    ) -> None:
        assert self.correct(desk, shipment, number="SF54321").status_code == 302
        shipment.refresh_from_db()
        assert (shipment.number, shipment.queries, shipment.events.count()) == ("SF54321", 0, 0)
        assert shipment.next_query_at > timezone.now()
        assert LogEntry.objects.get().object_id == str(shipment.pk)

    def test_the_same_again_forgets_nothing(self, desk: Client, shipment: Shipment) -> None:
        assert self.correct(desk, shipment).status_code == 302
        assert shipment.events.count() == 1

    def test_not_once_it_is_delivered(self, desk: Client, shipment: Shipment) -> None:
        Shipment.objects.update(state="delivered")
        with unchanged():
            assert self.correct(desk, shipment, number="SF54321").status_code == 403

    def test_a_bad_number(self, desk: Client, shipment: Shipment) -> None:
        with unchanged():
            answer = self.correct(desk, shipment, number="no")
        assert "number" in answer.context["adminform"].form.errors

    def test_service_only_looks(self, desk_of: Callable[[str], Client], shipment: Shipment) -> None:
        desk = desk_of("service")
        with unchanged():
            answer = self.correct(desk, shipment, number="SF54321")
        assert answer.status_code == 403


class TestAskingNow:
    @pytest.fixture
    def shipment(self, order: OrderInfo, operator: User) -> Shipment:
        carrier = Carrier.objects.get(code="jd")
        return Shipment.objects.create(
            order=order, carrier=carrier, number="JD123456", shipped_by=operator
        )

    @pytest.fixture(autouse=True)
    def carriers(self, monkeypatch: pytest.MonkeyPatch) -> Carriers:
        scan = Scan(timezone.now(), "【北京市】快件滞留")
        carriers = Carriers(answers=[Tracking(Shipment.State.TROUBLED, (scan,))])
        monkeypatch.setattr(gateways, "tracking", lambda: carriers)
        return carriers

    def ask(self, desk: Client, shipment: Shipment) -> Any:
        return desk.post(f"/admin/orders/shipment/{shipment.pk}/ask/", follow=True)

    def test_the_parcels_page_shows_what_the_carrier_says(
        self, desk: Client, shipment: Shipment
    ) -> None:
        page = desk.get(f"/admin/orders/shipment/{shipment.pk}/change/").content.decode()
        assert f'formaction="/admin/orders/shipment/{shipment.pk}/ask/"' in page
        answer = self.ask(desk, shipment)
        assert told(answer) == ["物流状态：异常"]
        assert "【北京市】快件滞留" in answer.content.decode()
        assert LogEntry.objects.get().object_id == str(shipment.pk)
        troubled = desk.get("/admin/orders/shipment/?state__exact=troubled").content.decode()
        assert "JD123456" in troubled

    def test_not_twice_in_half_an_hour(
        self, desk: Client, shipment: Shipment, carriers: Carriers
    ) -> None:
        self.ask(desk, shipment)
        assert told(self.ask(desk, shipment)) == ["刚刚查询过物流，请 30 分钟后再试。"]
        assert len(carriers.asked) == 1

    @pytest.mark.parametrize(
        ("news", "said"),
        [
            (ParcelUnknown("500 查询无结果"), "没有查到物流信息：500 查询无结果"),
            (TrackingUnanswered("HTTP 502"), "物流查询失败：HTTP 502"),
            (TrackingRefused("601 key已过期"), "物流查询失败：601 key已过期"),
        ],
    )
    def test_no_news(
        self, desk: Client, shipment: Shipment, carriers: Carriers, news: Exception, said: str
    ) -> None:
        carriers.answers = [news]
        assert told(self.ask(desk, shipment)) == [said]

    @pytest.mark.parametrize(("role", "status"), [("service", 403), ("warehouse", 200)])
    def test_who_may(
        self,
        role: str,
        status: int,
        desk_of: Callable[[str], Client],
        shipment: Shipment,
        carriers: Carriers,
    ) -> None:
        desk = desk_of(role)
        page = desk.get(f"/admin/orders/shipment/{shipment.pk}/change/").content.decode()
        assert ("/ask/" in page) is (status == 200)
        assert self.ask(desk, shipment).status_code == status
        assert len(carriers.asked) == (status == 200)

    def test_a_link_asks_nobody(self, desk: Client, shipment: Shipment, carriers: Carriers) -> None:
        assert desk.get(f"/admin/orders/shipment/{shipment.pk}/ask/").status_code == 405
        assert carriers.asked == []
