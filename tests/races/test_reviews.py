"""Reviews at the same moment: every one counted, each line reviewed once, the order finished by whoever is last."""

from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import QuerySet
from rest_framework.response import Response

from apps.goods.models import SKU, Goods
from apps.goods.models.reviewed import ReviewedQuerySet
from apps.orders import services
from apps.orders.models import OrderGoods, OrderInfo, Review
from apps.orders.services import reviews
from tests.conftest import logged_in
from tests.factories import OrderInfoFactory, ReviewFactory, SKUFactory, UserFactory
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ORDERS = 8


def about_to_review(order: OrderInfo) -> list[partial[Response]]:
    """A tab for each line."""
    path = f"/api/v1/orders/{order.pk}/comments/"
    bodies = [{"sku": line.sku_id, "comment": "做工很好，用着顺手"} for line in order.skus.all()]
    return [partial(logged_in(order.user).post, path, body) for body in bodies]


def test_an_order_whose_last_two_lines_are_reviewed_at_once_is_finished() -> None:
    orders = [OrderInfoFactory(skus=[SKUFactory(), SKUFactory()]) for _ in range(ORDERS)]
    calls = [call for order in orders for call in about_to_review(order)]
    answers = together(*calls)
    assert [answer.status_code for answer in answers] == [201] * 2 * ORDERS
    statuses = list(OrderInfo.objects.values_list("status", flat=True))
    assert statuses == [OrderInfo.Status.FINISHED] * ORDERS
    call_command("audit")


def test_control_without_the_orders_lock_nobody_finishes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both_reviewed, both_looked = Barrier(2), Barrier(2)

    def look_then_finish(order_id: str, *args: Any, **kwargs: Any) -> None:
        """What a beginner writes, in a moment that comes about sooner or later."""
        both_reviewed.wait(timeout=30)
        finished = not OrderGoods.objects.unreviewed().filter(order=order_id).exists()
        both_looked.wait(timeout=30)  # nobody commits before the other has looked
        if finished:
            OrderInfo.objects.filter(pk=order_id).update(status=OrderInfo.Status.FINISHED)

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self)
    monkeypatch.setattr(reviews, "take_step", look_then_finish)
    order = OrderInfoFactory(skus=[SKUFactory(), SKUFactory()])
    together(*about_to_review(order))
    assert not OrderGoods.objects.unreviewed().exists()
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNCOMMENT, "this harness would not see a lost finish"


def test_one_line_reviewed_by_eight_tabs_is_reviewed_once() -> None:
    order = OrderInfoFactory(skus=[SKUFactory(), SKUFactory()])
    call = about_to_review(order)[0]
    codes = sorted(answer.status_code for answer in together(*[call] * 8))
    assert codes == [201] + [409] * 7
    assert SKU.objects.get(pk=Review.objects.get().sku_id).comments == 1
    call_command("audit")


def everybody_reviews(sku: SKU, buyers: int) -> None:
    calls = [about_to_review(OrderInfoFactory(skus=[sku]))[0] for _ in range(buyers)]
    codes = [getattr(answer, "status_code", answer) for answer in together(*calls)]
    assert codes == [201] * buyers


def test_twenty_reviews_of_one_sku_at_once_are_twenty(lost: list[Exception]) -> None:
    sku = SKUFactory()
    everybody_reviews(sku, 20)
    assert SKU.objects.get().comments == Goods.objects.get().comments == 20
    assert lost == []
    call_command("audit")


def read_add_save(self: ReviewedQuerySet, pk: int, score: int) -> bool:
    """What the training course does."""
    row: Any = self.get(pk=pk)
    row.comments += 1
    row.score_5 += 1
    row.save()
    return True


def test_control_read_add_save_loses_reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReviewedQuerySet, "count_review", read_add_save)
    sku = SKUFactory()
    everybody_reviews(sku, 20)
    assert SKU.objects.get().comments < 20, "this harness would not see a lost review"


def test_a_review_hidden_by_eight_operators_at_once_is_discounted_once() -> None:
    review, other = ReviewFactory(), UserFactory()
    ReviewFactory(sku=review.sku)
    hide = partial(services.hide_reviews, [review.pk], by=other)
    assert sorted(together(*[hide] * 8)) == [0] * 7 + [1]
    assert SKU.objects.get().comments == 1
    call_command("audit")
