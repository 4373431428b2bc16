"""Pictures of a review: uploaded first, shown in one review only, and gone after a day without one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.core.pictures import MAX_BYTES
from apps.core.uploads import USABLE_FOR
from apps.orders.models import OrderInfo, ReviewImage
from apps.orders.views.reviews import UPLOADS_A_DAY
from apps.users.models import User
from tests.conftest import logged_in
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import OrderInfoFactory, ReviewImageFactory, picture
from tests.world import rows, unchanged

pytestmark = pytest.mark.django_db

UPLOAD = "/api/v1/reviews/images/"


@pytest.fixture
def order(buyer: User) -> OrderInfo:
    return OrderInfoFactory(user=buyer)


@pytest.fixture
def review(shop: APIClient, order: OrderInfo) -> Callable[..., Response]:
    """Review the order's only line with these pictures."""

    def submit(*images: int) -> Response:
        body = {"sku": order.skus.get().sku_id, "comment": "做工很好，顺手", "images": images}
        return shop.post(f"/api/v1/orders/{order.pk}/comments/", body)

    return submit


def upload(client: APIClient, file: Any, **more: Any) -> Response:
    return client.post(UPLOAD, {"image": file, **more}, format="multipart")


def let_pass(image: ReviewImage, time: timedelta) -> None:
    ReviewImage.objects.filter(pk=image.pk).update(create_time=timezone.now() - time)


def files() -> set[str]:
    return {path.name for path in Path(settings.MEDIA_ROOT, "reviews").rglob("*") if path.is_file()}


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Assert that no row and no file came to be; that somebody tried is counted."""
    before = rows(), files()
    yield
    assert (rows(), files()) == before


class TestAnUpload:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
    def test_is_kept_and_shown(self, shop: APIClient, buyer: User, kind: str) -> None:
        answer = upload(shop, picture(kind))
        image = ReviewImage.objects.get()
        assert answer.status_code == 201
        assert answer.json().keys() == {"id", "url", "sizes"}
        assert (answer.json()["id"], image.user, image.review) == (image.pk, buyer, None)
        assert answer.json()["url"] == f"http://testserver/media/{image.image.name}"
        assert default_storage.exists(image.image.name)
        assert "IMG" not in image.image.name

    @pytest.mark.parametrize(
        "file",
        [
            SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>", "image/jpeg"),
            SimpleUploadedFile("a.svg", b"<svg onload='alert(1)'/>", "image/svg+xml"),
            SimpleUploadedFile("a.jpg", b"", "image/jpeg"),
            SimpleUploadedFile("a.jpg", picture().read()[:200], "image/jpeg"),
            "text",
        ],
        ids=["script", "svg", "empty", "torn", "no file"],
    )
    def test_of_no_picture(self, shop: APIClient, file: Any) -> None:
        with nothing_kept():
            invalid(upload(shop, file), "image")

    def test_without_a_file_or_in_json(self, shop: APIClient) -> None:
        with nothing_kept():
            invalid(shop.post(UPLOAD, {}, format="multipart"), "image")
            answer = shop.post(UPLOAD, {"image": "x"})
            refused(answer, status=415, code="unsupported_media_type")
            answer = shop.post(UPLOAD, b"--torn", content_type="multipart/form-data; boundary=x")
            assert answer.status_code == 400

    def test_larger_than_any_that_is_kept_is_not_read(self, shop: APIClient) -> None:
        large = SimpleUploadedFile("a.jpg", b"x" * (MAX_BYTES + 20_000), "image/jpeg")
        with nothing_kept():
            refused(upload(shop, large), status=413, code="too_large")

    def test_needs_a_login(self, api: APIClient) -> None:
        refused(upload(api, picture()), status=401, code="not_authenticated")

    def test_only_so_often_a_day(self, shop: APIClient, stranger: User) -> None:
        for _ in range(UPLOADS_A_DAY.times - 1):
            UPLOADS_A_DAY.spend(str(User.objects.get(username="buyer").pk))
        assert upload(shop, picture()).status_code == 201
        with nothing_kept():
            refused(upload(shop, picture()), status=429, code="too_many_requests")
        assert upload(logged_in(stranger), picture()).status_code == 201

    def test_without_redis_is_refused(self, shop: APIClient) -> None:
        with nothing_kept(), redis_down():
            refused(upload(shop, picture()), status=503, code="unavailable")


class TestAReview:
    def test_shows_its_pictures_in_its_own_order(self, buyer: User, review: Callable) -> None:
        first, second, third = (ReviewImageFactory(user=buyer) for _ in range(3))
        answer = review(third.pk, first.pk, second.pk)
        assert answer.status_code == 201
        shown = [image["id"] for image in answer.json()["images"]]
        assert shown == [third.pk, first.pk, second.pk]

    def test_of_nine(self, buyer: User, review: Callable) -> None:
        images = [ReviewImageFactory(user=buyer).pk for _ in range(9)]
        assert len(review(*images).json()["images"]) == 9

    def test_with_a_picture_it_may_not_have_is_not_written(
        self, buyer: User, stranger: User, review: Callable
    ) -> None:
        own, others, old = (ReviewImageFactory(user=user) for user in (buyer, stranger, buyer))
        used = ReviewImageFactory(user=buyer)
        let_pass(old, USABLE_FOR)
        elsewhere = OrderInfoFactory(user=buyer)
        body = {"sku": elsewhere.skus.get().sku_id, "comment": "另一个评价", "images": [used.pk]}
        path = f"/api/v1/orders/{elsewhere.pk}/comments/"
        assert logged_in(buyer).post(path, body).status_code == 201
        with unchanged():
            for bad in (others.pk, old.pk, used.pk, used.pk + 99, 2**63 - 1):
                refused(review(own.pk, bad), status=400, code="images_not_usable")
        assert review(own.pk).status_code == 201


def test_only_what_expired_unused_is_removed(buyer: User, review: Callable) -> None:
    used, old, young = (ReviewImageFactory(user=buyer) for _ in range(3))
    review(used.pk)
    for image in (used, old):
        let_pass(image, USABLE_FOR + timedelta(hours=2))
    let_pass(young, USABLE_FOR + timedelta(minutes=1))
    stem = Path(old.image.name).name.split(".")[0]
    assert len({name for name in files() if name.startswith(stem)}) == 2
    before = files()
    call_command("remove_review_images")
    assert set(ReviewImage.objects.all()) == {used, young}
    assert before - files() == {name for name in before if stem in name}


def test_a_removal_cut_off_by_a_crash_is_finished_by_the_next(buyer: User) -> None:
    image = ReviewImageFactory(user=buyer)
    let_pass(image, USABLE_FOR + timedelta(hours=2))
    default_storage.delete(image.image.name)
    call_command("remove_review_images")
    assert not ReviewImage.objects.exists()
