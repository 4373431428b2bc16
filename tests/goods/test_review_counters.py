"""How many reviews there are, and how good they are, without reading a review."""

import pytest

from apps.goods import services
from apps.goods.models import SKU, Goods, Reviewed
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sku() -> SKU:
    return SKUFactory(goods=SKUFactory().goods)


def counters(row: Reviewed) -> tuple[int, list[int]]:
    row.refresh_from_db()
    return row.comments, list(row.reviews_of_score.values())


def test_a_sku_and_its_goods_count_together(sku: SKU) -> None:
    sibling = SKU.objects.exclude(pk=sku.pk).get()
    for score in (5, 5, 1):
        services.count_review(sku, score)
    services.count_review(sibling, 3)
    assert counters(sku) == (3, [1, 0, 0, 0, 2])
    assert counters(sibling) == (1, [0, 0, 1, 0, 0])
    assert counters(sku.goods) == (4, [1, 0, 1, 0, 2])
    services.discount_review(sku, 1)
    assert counters(sku) == (2, [0, 0, 0, 0, 2])
    assert counters(sku.goods) == (3, [0, 0, 1, 0, 2])


def test_what_was_never_counted_is_not_taken_back(sku: SKU) -> None:
    services.count_review(sku, 5)
    assert not SKU.objects.discount_review(sku.pk, 4)
    assert not Goods.objects.discount_review(sku.goods_id, 4)
    assert counters(sku) == counters(sku.goods) == (1, [0, 0, 0, 0, 1])


@pytest.mark.parametrize(
    ("scores", "average", "good_rate"),
    [((5,), 5.0, 100), ((5, 4, 3), 4.0, 67), ((1, 1, 2), 1.3, 0), ((), None, None)],
)
def test_a_summary(
    sku: SKU, scores: tuple[int, ...], average: float | None, good_rate: int | None
) -> None:
    for score in scores:
        services.count_review(sku, score)
    sku.refresh_from_db()
    assert sku.review_summary == {
        "count": len(scores),
        "average": average,
        "good_rate": good_rate,
        "scores": [scores.count(score) for score in (1, 2, 3, 4, 5)],
    }


def test_an_operator_who_saves_a_goods_or_sku_writes_no_old_counter_back(sku: SKU) -> None:
    """The form was read before the review came."""
    read_before, goods_before = SKU.objects.get(pk=sku.pk), Goods.objects.get(pk=sku.goods_id)
    services.count_review(sku, 5)
    services.describe_sku(read_before, ["name", "comments"])
    services.save_goods(goods_before)
    assert counters(sku) == counters(sku.goods) == (1, [0, 0, 0, 0, 1])
