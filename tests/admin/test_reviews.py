"""What an operator does with reviews: show, hide, answer; each counted exactly as it is seen."""

from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.orders.models import Review
from apps.users.models import User
from tests.admin.forms import change_page, errors, save
from tests.factories import ReviewFactory, ReviewImageFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/review/"


@pytest.fixture
def reviews() -> list[Review]:
    """Three of one SKU, with 5, 3 and 1 stars."""
    first = ReviewFactory(score=5)
    return [first, *(ReviewFactory(sku=first.sku, score=score) for score in (3, 1))]


@pytest.fixture
def act(desk: Client) -> Callable[..., None]:
    """Choose reviews in the list, and an action."""

    def choose(action: str, *chosen: Review) -> None:
        keys = [review.pk for review in chosen]
        answer = desk.post(LIST, {"action": action, "_selected_action": keys})
        assert answer.status_code == 302

    return choose


def seen(review: Review) -> tuple[int, list[int]]:
    """What everybody sees of this review's SKU: its counter and the scores of its reviews."""
    sku = SKU.objects.get(pk=review.sku_id)
    shown = APIClient().get(f"/api/v1/skus/{sku.pk}/comments/").json()
    return sku.comments, [each["score"] for each in shown]


def test_what_is_hidden_is_neither_listed_nor_counted_until_it_is_shown_again(
    act: Callable, reviews: list[Review], operator: User
) -> None:
    first, second, _third = reviews
    act("hide", first, second)
    assert seen(first) == (1, [1])
    call_command("audit")
    act("show", first)
    assert seen(first) == (2, [1, 5])
    call_command("audit")
    for review in (first, second):
        review.refresh_from_db()
        assert review.moderator == operator
        assert review.moderated_at
    assert (first.status, second.status) == (Review.Status.VISIBLE, Review.Status.HIDDEN)


def test_the_page_of_the_sku_counts_anew_at_once(
    act: Callable, reviews: list[Review], django_capture_on_commit_callbacks: Callable
) -> None:
    page = f"/api/v1/skus/{reviews[0].sku_id}/"
    assert APIClient().get(page).json()["comments"] == 3
    with django_capture_on_commit_callbacks(execute=True):
        act("hide", reviews[0])
    assert APIClient().get(page).json()["comments"] == 2
    with django_capture_on_commit_callbacks(execute=True):
        act("show", reviews[0])
    assert APIClient().get(page).json()["comments"] == 3


def test_twice_hidden_is_discounted_once_and_twice_shown_is_counted_once(
    act: Callable, reviews: list[Review]
) -> None:
    for _ in range(2):
        act("hide", *reviews[:2])
    assert seen(reviews[0]) == (1, [1])
    for _ in range(2):
        act("show", *reviews)
    assert seen(reviews[0]) == (3, [1, 3, 5])
    call_command("audit")


def test_a_reply_is_shown_and_can_be_taken_back(
    desk: Client, reviews: list[Review], operator: User
) -> None:
    review = reviews[0]
    save(desk, change_page(review), reply="谢谢支持")
    review.refresh_from_db()
    assert (review.reply, review.replier) == ("谢谢支持", operator)
    assert review.replied_at
    save(desk, change_page(review), reply="")
    review.refresh_from_db()
    assert (review.reply, review.replied_at) == ("", None)


def test_a_reply_is_bounded_and_nothing_else_can_be_changed(
    desk: Client, reviews: list[Review]
) -> None:
    page = change_page(reviews[0])
    with unchanged():
        assert errors(desk, page, reply="好" * 501)
        save(desk, page, comment="改过的评价", score=1, status=2, user=1)


def test_a_review_is_not_deleted(desk: Client, reviews: list[Review]) -> None:
    with unchanged():
        delete = reverse("admin:orders_review_delete", args=[reviews[0].pk])
        assert desk.post(delete, {"post": "yes"}).status_code == 403


def test_what_a_buyer_wrote_is_never_markup_there(desk: Client) -> None:
    review = ReviewFactory(comment="<script>alert(1)</script>")
    ReviewImageFactory(user=review.user, review=review)
    for page in (LIST, change_page(review)):
        html = desk.get(page).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert(1)" not in html
    assert f'src="http://testserver/media/{review.images.get().image.name}"' in html


def test_who_may_only_look_moderates_nothing(buyer: User, reviews: list[Review]) -> None:
    buyer.is_staff = True
    buyer.save()
    buyer.user_permissions.add(Permission.objects.get(codename="view_review"))
    client = Client()
    client.force_login(buyer)
    assert client.get(LIST).status_code == 200
    hide = partial(client.post, LIST, {"action": "hide", "_selected_action": [reviews[0].pk]})
    with unchanged():
        hide()
        client.post(change_page(reviews[0]), {"reply": "我来回复"})
