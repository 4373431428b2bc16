"""A buyer reviews what was received: once, own lines only, and with the last one the order is finished."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.goods.models import SKU, Goods
from apps.orders.models import OrderGoods, OrderInfo, Review
from apps.users.models import User
from tests.conftest import logged_in
from tests.core.refusals import invalid, refused
from tests.factories import OrderInfoFactory, SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

PRAISE = "做工很好，用着顺手"
EVERY_STATUS_BUT_UNCOMMENT = [
    status for status in OrderInfo.Status if status != OrderInfo.Status.UNCOMMENT
]

# fmt: off
BAD: dict[str, list[Any]] = {
    "comment": [
        "", None, "好评四字", "     ", "\u3000" * 9, "\u200b" * 9, "\u3164" * 9, " 好 好 ", "好" * 501,
        "很好\x00很好很好", "很好\x07很好很好", "很好\x85很好很好", "很好\u202e很好很好", "很好\ud800很好",
        [PRAISE], {"text": PRAISE}, True,
    ],
    "score": [-1, 6, 10**30, 4.5, "好", "", None, [5], True],
    "is_anonymous": ["maybe", None, [], {}, 2],
    "sku": [None, "", 0, -1, "杯子", 10**30, [1], True, 1.5],
    "order": [None, "", [], {}, True, "1", "1\x00"],
    "images": [None, "1", [0], ["x"], [None], [10**30], [7, 7], list(range(1, 11)), {"0": 1}, 5],
}
# fmt: on


@pytest.fixture
def cup() -> SKU:
    return SKUFactory(name="杯子", default_image="skus/cup.jpg")


@pytest.fixture
def pot() -> SKU:
    return SKUFactory(name="茶壶")


@pytest.fixture
def order(buyer: User, cup: SKU, pot: SKU) -> OrderInfo:
    """Received, of a cup and a pot."""
    return OrderInfoFactory(user=buyer, skus=[cup, pot])


@pytest.fixture
def review(shop: APIClient) -> Callable[..., Response]:
    """Review a line; the body may be changed."""

    def submit(order: OrderInfo, sku: SKU, /, **body: Any) -> Response:
        body = {"order": order.pk, "sku": sku.pk, "comment": PRAISE, "score": 5, **body}
        path = f"/api/v1/orders/{order.pk}/comments/"
        # Not encoded by the client, which refuses a lone surrogate itself.
        return shop.post(path, json.dumps(body), content_type="application/json")

    return submit


def status_of(order: OrderInfo) -> int:
    order.refresh_from_db()
    return order.status


def unreviewed(client: APIClient, order: OrderInfo) -> Response:
    return client.get(f"/api/v1/orders/{order.pk}/uncommentgoods/")


class TestWhatIsThereToReview:
    def test_every_line_that_was_received(self, shop: APIClient, order: OrderInfo) -> None:
        cup, pot = order.skus.all()
        answer = unreviewed(shop, order)
        assert (answer.status_code, [line["id"] for line in answer.json()]) == (
            200,
            [cup.pk, pot.pk],
        )
        assert answer.json()[0] == {
            "id": cup.pk,
            "count": 1,
            "price": "50.00",
            "sku": {
                "id": cup.sku_id,
                "name": "杯子",
                "default_image_url": "http://testserver/media/skus/cup.jpg",
                "specification": "",
            },
        }

    def test_no_line_that_was_reviewed(
        self, shop: APIClient, order: OrderInfo, review: Callable, cup: SKU, pot: SKU
    ) -> None:
        review(order, cup)
        assert [line["sku"]["id"] for line in unreviewed(shop, order).json()] == [pot.pk]
        review(order, pot)
        assert unreviewed(shop, order).json() == []

    @pytest.mark.parametrize("status", EVERY_STATUS_BUT_UNCOMMENT)
    def test_nothing_before_it_was_received_and_after_it_is_finished(
        self, shop: APIClient, order: OrderInfo, status: int
    ) -> None:
        OrderInfo.objects.update(status=status)
        answer = unreviewed(shop, order)
        assert (answer.status_code, answer.json()) == (200, [])

    def test_others_orders_do_not_exist(
        self, api: APIClient, stranger: User, order: OrderInfo
    ) -> None:
        refused(unreviewed(logged_in(stranger), order), status=404, code="not_found")
        refused(unreviewed(api, order), status=401, code="not_authenticated")


class TestAReview:
    def test_is_answered_as_everybody_sees_it(
        self, order: OrderInfo, cup: SKU, review: Callable
    ) -> None:
        OrderGoods.objects.update(specification="颜色: 白色")
        answer = review(order, cup, score=4)
        body = answer.json()
        written = Review.objects.get()
        assert answer.status_code == 201
        assert body.pop("create_time").endswith("+08:00")
        assert body == {
            "id": written.pk,
            "sku": cup.pk,
            "specification": "颜色: 白色",
            "username": "buyer",
            "is_anonymous": False,
            "comment": PRAISE,
            "score": 4,
            "images": [],
            "reply": "",
            "replied_at": None,
        }
        assert (written.line, written.goods) == (order.skus.get(sku=cup), cup.goods)

    def test_is_seen_at_once_by_everybody(
        self, api: APIClient, order: OrderInfo, cup: SKU, review: Callable
    ) -> None:
        pages = [f"/api/v1/skus/{cup.pk}/{page}" for page in ("comments/", "reviews/")]
        before = [api.get(page).json() for page in pages]
        review(order, cup)
        comments, reviews = (api.get(page).json() for page in pages)
        assert (before[0], [each["comment"] for each in comments]) == ([], [PRAISE])
        assert (before[1]["count"], reviews["count"]) == (0, 1)

    def test_leaves_the_catalogue_in_the_cache(
        self,
        order: OrderInfo,
        cup: SKU,
        review: Callable,
        django_capture_on_commit_callbacks: Callable,
    ) -> None:
        """Buyers write all day: were each to empty it, there would be no cache."""
        with django_capture_on_commit_callbacks() as callbacks:
            review(order, cup)
        assert callbacks == []

    def test_is_counted(self, order: OrderInfo, cup: SKU, pot: SKU, review: Callable) -> None:
        review(order, cup, score=2)
        for row in (SKU.objects.get(pk=cup.pk), Goods.objects.get(pk=cup.goods_id)):
            assert (row.comments, row.score_total) == (1, 2)
        assert SKU.objects.get(pk=pot.pk).comments == 0

    def test_writes_nothing_of_a_sku_but_its_counters(
        self, order: OrderInfo, cup: SKU, review: Callable
    ) -> None:
        """A saved row would give back the stock that others bought meanwhile."""
        with CaptureQueriesContext(connection) as captured:
            review(order, cup)
        table, goods = SKU._meta.db_table, Goods._meta.db_table
        updates = [each["sql"] for each in captured if each["sql"].startswith("UPDATE")]
        counting = [sql for sql in updates if table in sql or goods in sql]
        assert len(counting) == 2
        for sql in counting:
            written = sql.split("WHERE")[0]
            assert "comments" in written
            assert not any(name in written for name in ("stock", "sales", "price", "desc_detail"))

    def test_costs_the_same_for_an_order_of_many_lines(
        self, buyer: User, cup: SKU, review: Callable
    ) -> None:
        def costs(order: OrderInfo) -> int:
            with CaptureQueriesContext(connection) as captured:
                assert review(order, cup).status_code == 201
            return len(captured)

        few = costs(OrderInfoFactory(user=buyer, skus=[cup]))
        many = costs(OrderInfoFactory(user=buyer, skus=[cup, *(SKUFactory() for _ in range(6))]))
        # The last line finishes the order, and that is written down.
        assert few - 1 == many <= 17

    @pytest.mark.parametrize(("sent", "kept"), [(0, 5), (1, 1), ("3", 3), (5, 5), (None, 5)])
    def test_no_star_clicked_is_five(
        self, order: OrderInfo, cup: SKU, review: Callable, sent: Any, kept: int
    ) -> None:
        body = {} if sent is None else {"score": sent}
        answer = review(order, cup, **{"score": 0, **body})
        assert answer.json()["score"] == Review.objects.get().score == kept

    @pytest.mark.parametrize(
        "text",
        [
            "<script>alert('好')</script>",
            "{{ 7*7 }} {% debug %}",
            "'; DROP TABLE orders_review; --",
            "👍👍👍👍👍",
            "👨‍👩‍👧都很喜欢",
            "第一行\n\n第二行",
            "12345",
            "好" * 500,
        ],
    )
    def test_is_kept_as_it_was_written(
        self, api: APIClient, order: OrderInfo, cup: SKU, review: Callable, text: str
    ) -> None:
        assert review(order, cup, comment=text).status_code == 201
        assert api.get(f"/api/v1/skus/{cup.pk}/comments/").json()[0]["comment"] == text

    @pytest.mark.parametrize("around", ["  ", "\n\t", "\u3000", "\u200b\ufeff", "\u2800"])
    def test_has_nothing_invisible_around_it(
        self, order: OrderInfo, cup: SKU, review: Callable, around: str
    ) -> None:
        review(order, cup, comment=f"{around}很好 很好{around}")
        assert Review.objects.get().comment == "很好 很好"

    def test_line_breaks_of_windows_are_line_breaks(
        self, order: OrderInfo, cup: SKU, review: Callable
    ) -> None:
        review(order, cup, comment="第一行\r\n第二行\r第三行")
        assert Review.objects.get().comment == "第一行\n第二行\n第三行"


class TestTheOrder:
    def test_of_one_line_is_finished_by_its_review(
        self, buyer: User, cup: SKU, review: Callable
    ) -> None:
        order = OrderInfoFactory(user=buyer, skus=[cup])
        assert review(order, cup).status_code == 201
        assert status_of(order) == OrderInfo.Status.FINISHED

    def test_of_two_lines_by_the_second(
        self, order: OrderInfo, cup: SKU, pot: SKU, review: Callable
    ) -> None:
        review(order, pot)
        assert status_of(order) == OrderInfo.Status.UNCOMMENT
        review(order, cup)
        assert status_of(order) == OrderInfo.Status.FINISHED

    def test_no_other_order_is_touched(
        self, order: OrderInfo, buyer: User, cup: SKU, review: Callable
    ) -> None:
        other = OrderInfoFactory(user=buyer, skus=[cup])
        review(order, cup)
        assert status_of(other) == OrderInfo.Status.UNCOMMENT
        assert not other.skus.get().is_commented


class TestRefusals:
    def test_a_line_is_reviewed_once(self, order: OrderInfo, cup: SKU, review: Callable) -> None:
        review(order, cup)
        with unchanged():
            refused(review(order, cup, score=1), status=409, code="already_reviewed")

    @pytest.mark.parametrize("status", EVERY_STATUS_BUT_UNCOMMENT)
    def test_only_what_was_received(
        self, order: OrderInfo, cup: SKU, review: Callable, status: int
    ) -> None:
        OrderInfo.objects.update(status=status)
        with unchanged():
            refused(review(order, cup), status=409, code="not_received")

    def test_others_orders_do_not_exist(
        self, api: APIClient, stranger: User, order: OrderInfo, cup: SKU
    ) -> None:
        body = {"sku": cup.pk, "comment": PRAISE, "score": 1}
        path = f"/api/v1/orders/{order.pk}/comments/"
        with unchanged():
            refused(logged_in(stranger).post(path, body), status=404, code="not_found")
            refused(api.post(path, body), status=401, code="not_authenticated")

    def test_a_sku_that_was_not_in_the_order(self, order: OrderInfo, review: Callable) -> None:
        other = SKUFactory()
        with unchanged():
            invalid(review(order, other), "sku")

    def test_the_order_of_the_body_is_that_of_the_address(
        self, shop: APIClient, buyer: User, order: OrderInfo, cup: SKU, review: Callable
    ) -> None:
        other = OrderInfoFactory(user=buyer, skus=[cup])
        with unchanged():
            invalid(review(order, cup, order=other.pk), "order")
        body = {"sku": cup.pk, "comment": PRAISE}
        assert shop.post(f"/api/v1/orders/{order.pk}/comments/", body).status_code == 201

    @pytest.mark.parametrize("field", BAD)
    def test_a_field_that_cannot_be(
        self, order: OrderInfo, cup: SKU, review: Callable, field: str
    ) -> None:
        with unchanged():
            for value in BAD[field]:
                invalid(review(order, cup, **{field: value}), field)

    def test_everything_missing(self, shop: APIClient, order: OrderInfo) -> None:
        path = f"/api/v1/orders/{order.pk}/comments/"
        with unchanged():
            invalid(shop.post(path, {}), "sku", "comment")
            for body in ([], "text", 5, None):
                refused(shop.post(path, body), status=400, code="invalid")


class TestByTheAddressOfTheSKU:
    def test_is_the_same(self, shop: APIClient, order: OrderInfo, cup: SKU, pot: SKU) -> None:
        for sku, status in ((cup, OrderInfo.Status.UNCOMMENT), (pot, OrderInfo.Status.FINISHED)):
            body = {"order": order.pk, "comment": PRAISE, "score": 0, "is_anonymous": True}
            answer = shop.post(f"/api/v1/skus/{sku.pk}/comments/", body)
            assert (answer.status_code, answer.json()["sku"]) == (201, sku.pk)
            assert (answer.json()["username"], answer.json()["score"]) == ("b***r", 5)
            assert status_of(order) == status

    def test_others_orders_and_other_skus_do_not_exist(
        self, api: APIClient, shop: APIClient, stranger: User, order: OrderInfo, cup: SKU
    ) -> None:
        body = {"order": order.pk, "comment": PRAISE}
        path = f"/api/v1/skus/{cup.pk}/comments/"
        elsewhere = f"/api/v1/skus/{SKUFactory().pk}/comments/"
        with unchanged():
            invalid(logged_in(stranger).post(path, body), "order")
            invalid(shop.post(elsewhere, body), "order")
            invalid(shop.post(f"/api/v1/skus/{10**30}/comments/", body), "order")
            invalid(shop.post(path, {**body, "order": "1" * 99}), "order")
            invalid(shop.post(path, {}), "order", "comment")
            refused(api.post(path, body), status=401, code="not_authenticated")
