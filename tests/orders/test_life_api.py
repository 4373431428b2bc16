"""What buyers see of the life of their orders, and the step that is theirs."""

from datetime import UTC, datetime

import pytest
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.orders import services
from apps.orders.models import Carrier, OrderInfo, Shipment, Status, Step, TrackingEvent
from apps.users.models import User
from tests.conftest import logged_in
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

ORDERS = "/api/v1/orders/"


@pytest.fixture
def operator() -> User:
    return UserFactory(username="gunter-the-operator")


@pytest.fixture
def shipped(buyer: User, operator: User) -> OrderInfo:
    order = OrderInfoFactory(user=buyer, status=Status.UNSEND)
    carrier = Carrier.objects.get(code="shunfeng")
    services.ship_order(order.pk, carrier=carrier, number="SF1234567", by=operator)
    return order


def numbers(answer: dict) -> list[str]:
    return [order["order_id"] for order in answer["results"]]


class TestReceiving:
    def test_the_buyer_says_so(self, shop: APIClient, shipped: OrderInfo, buyer: User) -> None:
        answer = shop.post(f"{ORDERS}{shipped.pk}/receive/")
        assert (answer.status_code, answer.json()["status"]) == (200, Status.UNCOMMENT)
        assert [event["step"] for event in answer.json()["events"]] == ["ship", "receive"]
        event = shipped.events.get(step=Step.RECEIVE)
        assert (event.actor, event.to_status) == (buyer, Status.UNCOMMENT)

    @pytest.mark.parametrize("status", [each for each in Status if each != Status.UNRECEIVED])
    def test_of_nothing_else(self, shop: APIClient, buyer: User, status: Status) -> None:
        order = OrderInfoFactory(user=buyer, status=status)
        with unchanged():
            answer = shop.post(f"{ORDERS}{order.pk}/receive/")
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
        assert (answer.json()["order_status"], answer.json()["status_text"]) == (
            status,
            str(status.label),
        )

    def test_not_of_others(self, shipped: OrderInfo, stranger: User, api: APIClient) -> None:
        with unchanged():
            answer = logged_in(stranger).post(f"{ORDERS}{shipped.pk}/receive/")
            assert answer.status_code == 404
            assert api.post(f"{ORDERS}{shipped.pk}/receive/").status_code == 401


class TestTracking:
    def test_newest_first(self, shop: APIClient, shipped: OrderInfo) -> None:
        shipment = Shipment.objects.get(order=shipped)
        for hour, text in ((1, "已揽收"), (3, "派送中"), (2, "到达北京")):
            at = datetime(2026, 11, 1, hour, tzinfo=UTC)
            TrackingEvent.objects.create(shipment=shipment, at=at, description=text, digest=text)
        assert shop.get(f"{ORDERS}{shipped.pk}/tracking/").json() == {
            "carrier": "顺丰速运",
            "number": "SF1234567",
            "state": "shipped",
            "state_text": "已发货",
            "events": [
                {"time": "2026-11-01 11:00:00", "text": "派送中"},
                {"time": "2026-11-01 10:00:00", "text": "到达北京"},
                {"time": "2026-11-01 09:00:00", "text": "已揽收"},
            ],
        }

    def test_empty_before_it_is_shipped(self, shop: APIClient, buyer: User) -> None:
        order = OrderInfoFactory(user=buyer, status=Status.UNSEND)
        answer = shop.get(f"{ORDERS}{order.pk}/tracking/").json()
        empty = {"carrier": "", "number": "", "state": "", "state_text": "", "events": []}
        assert answer == empty

    def test_not_of_others(self, shipped: OrderInfo, stranger: User) -> None:
        assert logged_in(stranger).get(f"{ORDERS}{shipped.pk}/tracking/").status_code == 404


def test_how_many_in_each_state(
    shop: APIClient, buyer: User, django_assert_num_queries: type[CaptureQueriesContext]
) -> None:
    for status in (Status.UNPAID, Status.UNPAID, Status.FINISHED):
        OrderInfoFactory(user=buyer, status=status)
    OrderInfoFactory(status=Status.UNSEND)
    # One of them reads the buyer.
    with django_assert_num_queries(2):
        counts = shop.get(f"{ORDERS}counts/").json()
    assert counts == {
        "unpaid": 2, "unsend": 0, "unreceived": 0, "uncomment": 0, "finished": 1, "canceled": 0,
    }  # fmt: skip


class TestDetail:
    def test_steps_in_words_and_no_operators_name(
        self, shop: APIClient, shipped: OrderInfo
    ) -> None:
        answer = shop.get(f"{ORDERS}{shipped.pk}/")
        assert [(each["step"], each["text"]) for each in answer.json()["events"]] == [
            ("ship", "已发货")
        ]
        assert set(answer.json()["events"][0]) == {"time", "step", "text", "reason"}
        assert answer.json()["shipment"] == {
            "carrier": "顺丰速运",
            "number": "SF1234567",
            "state": "shipped",
            "state_text": "已发货",
        }
        assert "gunter" not in answer.content.decode()

    def test_why_an_operator_canceled_it_and_nothing_else_that_was_noted(
        self, shop: APIClient, buyer: User, operator: User, shipped: OrderInfo
    ) -> None:
        def reasons(order: OrderInfo) -> list[str]:
            return [each["reason"] for each in shop.get(f"{ORDERS}{order.pk}/").json()["events"]]

        assert shipped.events.get().reason == "顺丰速运 SF1234567"
        assert reasons(shipped) == [""]
        for by, told in ((operator, "缺货"), (buyer, ""), (None, "")):
            order = OrderInfoFactory(user=buyer, status=Status.UNPAID)
            assert services.cancel_unpaid_order(order.pk, by=by, reason="缺货")
            assert reasons(order) == [told]

    def test_four_statements_and_the_buyer(
        self,
        shop: APIClient,
        shipped: OrderInfo,
        django_assert_num_queries: type[CaptureQueriesContext],
    ) -> None:
        services.receive_order(shipped.pk, by=None)
        with django_assert_num_queries(4):
            shop.get(f"{ORDERS}{shipped.pk}/")


class TestFilters:
    def test_by_state(self, shop: APIClient, buyer: User) -> None:
        waiting = OrderInfoFactory(user=buyer, status=Status.UNPAID)
        OrderInfoFactory(user=buyer)
        OrderInfoFactory(status=Status.UNPAID)
        assert numbers(shop.get(ORDERS, {"status": 1}).json()) == [waiting.pk]

    def test_none(self, shop: APIClient, buyer: User) -> None:
        order = OrderInfoFactory(user=buyer)
        assert numbers(shop.get(f"{ORDERS}?status=&q=").json()) == [order.pk]

    def test_by_number_and_by_name(self, shop: APIClient, buyer: User) -> None:
        phone = OrderInfoFactory(user=buyer, skus=[SKUFactory(name="手机 8GB"), SKUFactory()])
        other = OrderInfoFactory(user=buyer, skus=[SKUFactory(name="100%棉_衫")])
        OrderInfoFactory(skus=[SKUFactory(name="手机 8GB")])
        for text, found in {
            "手机": [phone.pk],
            "8gb": [phone.pk],
            " 手机 ": [phone.pk],
            phone.pk: [phone.pk],
            phone.pk[:-1]: [],
            "%": [other.pk],
            "_": [other.pk],
            "": [other.pk, phone.pk],
        }.items():
            assert numbers(shop.get(ORDERS, {"q": text}).json()) == found, text

    @pytest.mark.parametrize("query", ["q=' OR 1=1 --", "q=\\", "q=%ED%A0%80", "q=😀", "q=ß"])
    def test_hostile_text_finds_nothing(self, shop: APIClient, buyer: User, query: str) -> None:
        OrderInfoFactory(user=buyer)
        answer = shop.get(f"{ORDERS}?{query}")
        assert (answer.status_code, numbers(answer.json())) == (200, [])

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("status=7", "status"),
            ("status=1e1", "status"),
            (f"status={'9' * 5000}", "status"),
            ("q=%00", "q"),
            (f"q={'长' * 101}", "q"),
        ],
    )
    def test_what_is_no_filter_is_refused(self, shop: APIClient, query: str, field: str) -> None:
        answer = shop.get(f"{ORDERS}?{query}")
        assert answer.status_code == 400
        assert set(answer.json()["errors"]) == {field}
