"""What everybody reads of reviews: the contract's array of the newest, and all of them in pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.orders.models import OrderGoods, Review, ReviewImage
from apps.users.models import User
from tests.core.refusals import refused
from tests.factories import ReviewFactory, ReviewImageFactory, SKUFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sku() -> SKU:
    return SKUFactory()


@pytest.fixture
def sibling(sku: SKU) -> SKU:
    """Another variant of the same goods."""
    return SKUFactory(goods=sku.goods)


def comments(api: APIClient, sku: SKU) -> list[dict]:
    answer = api.get(f"/api/v1/skus/{sku.pk}/comments/")
    assert answer.status_code == 200
    return answer.json()


def ids(reviews: list[dict]) -> list[int]:
    return [review["id"] for review in reviews]


class TestTheArray:
    def test_has_the_thirty_newest_of_this_sku(
        self, api: APIClient, sku: SKU, sibling: SKU, buyer: User
    ) -> None:
        written = [ReviewFactory(sku=sku, user=buyer).pk for _ in range(32)]
        ReviewFactory(sku=sibling, user=buyer)
        assert ids(comments(api, sku)) == written[:1:-1]

    def test_has_none_that_is_hidden(self, api: APIClient, sku: SKU) -> None:
        shown = ReviewFactory(sku=sku)
        ReviewFactory(sku=sku, status=Review.Status.HIDDEN)
        assert ids(comments(api, sku)) == [shown.pk]

    def test_is_empty_of_a_sku_without_and_missing_without_a_sku(
        self, api: APIClient, sku: SKU
    ) -> None:
        assert comments(api, sku) == []
        for sku_id in (sku.pk + 1, 0, 10**30):
            for page in ("comments", "reviews"):
                answer = api.get(f"/api/v1/skus/{sku_id}/{page}/")
                refused(answer, status=404, code="not_found")

    def test_costs_two_queries_however_many_there_are(self, api: APIClient, sku: SKU) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                comments(api, sku)
            return len(captured)

        def write() -> None:
            review = ReviewFactory(sku=sku)
            for _ in range(2):
                ReviewImageFactory(user=review.user, review=review)

        write()
        assert queries() == 2
        for _ in range(3):
            write()
        assert queries() == 2

    @pytest.mark.parametrize("token", ["JWT undefined", "Bearer stale.or.forged", "nonsense"])
    def test_is_for_everybody_whatever_token_they_have(self, sku: SKU, token: str) -> None:
        assert comments(APIClient(HTTP_AUTHORIZATION=token), sku) == []

    def test_a_picture_has_an_address_for_each_size(self, api: APIClient, sku: SKU) -> None:
        review = ReviewFactory(sku=sku)
        second, first = (
            ReviewImageFactory(user=review.user, review=review, sequence=place) for place in (1, 0)
        )
        images = comments(api, sku)[0]["images"]
        assert [image["id"] for image in images] == [first.pk, second.pk]
        url = images[0]["url"]
        assert url == f"http://testserver/media/{ReviewImage.objects.get(pk=first.pk).image.name}"
        assert images[0]["sizes"]["80"] == url.replace(".100px.jpg", ".80px.webp")
        assert images[0]["sizes"]["800"] == url

    def test_shows_what_the_shop_replied(self, api: APIClient, sku: SKU, stranger: User) -> None:
        review = ReviewFactory(sku=sku)
        Review.objects.reply(review.pk, "谢谢支持", by=stranger)
        shown = comments(api, sku)[0]
        assert shown["reply"] == "谢谢支持"
        assert shown["replied_at"].endswith("+08:00")
        assert "stranger" not in str(shown)


@pytest.mark.parametrize(
    ("username", "shown"),
    [
        ("zhangsan", "z***n"),
        ("王小美", "王***美"),
        ("王小小小美", "王***美"),
        ("王美", "王***"),
        ("ab", "a***"),
        ("a", "a***"),
    ],
)
def test_an_anonymous_name_shows_two_characters_at_most_and_never_all(
    api: APIClient, sku: SKU, username: str, shown: str
) -> None:
    author = UserFactory(username=username)
    ReviewFactory(sku=sku, user=author, is_anonymous=True)
    ReviewFactory(sku=sku, user=author)
    anonymous, open_ = comments(api, sku)[::-1]
    assert (anonymous["username"], anonymous["is_anonymous"]) == (shown, True)
    assert (open_["username"], open_["is_anonymous"]) == (username, False)


class TestThePages:
    def test_hold_the_reviews_of_every_variant_and_name_it(
        self, api: APIClient, sku: SKU, sibling: SKU
    ) -> None:
        mine, other = ReviewFactory(sku=sku), ReviewFactory(sku=sibling)
        ReviewFactory()
        OrderGoods.objects.filter(sku=sibling).update(specification="颜色: 红色")
        page = api.get(f"/api/v1/skus/{sku.pk}/reviews/").json()
        assert (page["count"], page["next"], page["previous"]) == (2, None, None)
        shown = [(each["id"], each["sku"], each["specification"]) for each in page["results"]]
        assert shown == [(other.pk, sibling.pk, "颜色: 红色"), (mine.pk, sku.pk, "")]

    def test_are_newest_first_and_neither_repeat_nor_miss_one(
        self, api: APIClient, sku: SKU, buyer: User
    ) -> None:
        written = [ReviewFactory(sku=sku, user=buyer).pk for _ in range(5)]
        seen, path = [], f"/api/v1/skus/{sku.pk}/reviews/?page_size=2"
        while path:
            page = api.get(path).json()
            assert page["count"] == 5
            seen += ids(page["results"])
            path = page["next"]
        assert seen == written[::-1]
        answer = api.get(f"/api/v1/skus/{sku.pk}/reviews/?page_size=2&page=4")
        refused(answer, status=404, code="not_found")

    def test_of_one_score(self, api: APIClient, sku: SKU, sibling: SKU) -> None:
        bad = ReviewFactory(sku=sku, score=1)
        good = ReviewFactory(sku=sibling, score=5)
        ReviewFactory(sku=sku, score=5, status=Review.Status.HIDDEN)
        for asked, expected in (
            ("1", [bad.pk]), ("2", []), ("5", [good.pk]), ("", [good.pk, bad.pk]),
            ("6", [good.pk, bad.pk]), ("五", [good.pk, bad.pk]), ("5\x00", [good.pk, bad.pk]),
        ):  # fmt: skip
            page = api.get(f"/api/v1/skus/{sku.pk}/reviews/", {"score": asked}).json()
            assert (page["count"], ids(page["results"])) == (len(expected), expected), asked

    def test_cost_three_queries_and_nobody_counts(self, api: APIClient, sku: SKU) -> None:
        for _ in range(3):
            review = ReviewFactory(sku=sku)
            ReviewImageFactory(user=review.user, review=review)
        with CaptureQueriesContext(connection) as captured:
            api.get(f"/api/v1/skus/{sku.pk}/reviews/?page_size=2")
        assert len(captured) == 3
        assert not any("COUNT(" in each["sql"] for each in captured)
