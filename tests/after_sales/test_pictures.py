"""Pictures of a request: whatever is uploaded is checked, few are shown, and only to whom they concern."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from PIL import Image
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.after_sales import services
from apps.after_sales.models import AfterSale, AfterSalePicture
from apps.after_sales.views.pictures import UPLOADS_A_DAY
from apps.core.pictures import MAX_BYTES, name_of_size
from apps.core.private_files import private_storage
from apps.core.uploads import USABLE_FOR
from apps.users.models import User
from tests.after_sales.conftest import PATH
from tests.conftest import logged_in
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import UserFactory, picture
from tests.operators.conftest import desk_of as desk_of
from tests.world import rows, unchanged

pytestmark = pytest.mark.django_db

UPLOAD = f"{PATH}pictures/"


def upload(client: APIClient, file: Any) -> Response:
    return client.post(UPLOAD, {"image": file}, format="multipart")


def uploaded(by: User) -> int:
    return AfterSalePicture.objects.create(user=by, image=picture()).pk


def files() -> set[str]:
    root = Path(settings.PRIVATE_ROOT, "after-sales")
    return {path.name for path in root.rglob("*") if path.is_file()}


def shown(client: Any, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(answer.streaming_content)


def let_pass(picture_id: int, time: timedelta) -> None:
    then = timezone.now() - time
    AfterSalePicture.objects.filter(pk=picture_id).update(create_time=then)


@contextmanager
def nothing_kept() -> Iterator[None]:
    before = rows(), files()
    yield
    assert (rows(), files()) == before


def with_position() -> SimpleUploadedFile:
    """As a phone sends it, with where it was taken."""
    image, exif, file = Image.new("RGB", (300, 200), (9, 9, 9)), Image.Exif(), BytesIO()
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 5.0)
    exif[0x010E] = "home"
    image.save(file, "JPEG", exif=exif)
    assert b"home" in file.getvalue()
    return SimpleUploadedFile("家.jpg", file.getvalue(), "image/jpeg")


def polyglot() -> SimpleUploadedFile:
    """A picture and a page at once."""
    jpeg = picture().read()
    return SimpleUploadedFile("a.html", jpeg + b"<script>alert(1)</script>", "text/html")


def bomb() -> SimpleUploadedFile:
    """Small to send, and 100 million pixels to look at."""
    file = BytesIO()
    Image.new("1", (10_000, 10_000)).save(file, "PNG")
    return SimpleUploadedFile("a.png", file.getvalue(), "image/png")


class TestAnUpload:
    def test_is_kept_in_private_and_encoded_anew(self, shop: APIClient, buyer: User) -> None:
        answer = upload(shop, with_position())
        kept = AfterSalePicture.objects.get()
        assert answer.status_code == 201
        assert (kept.user, kept.after_sale) == (buyer, None)
        assert answer.json() == {
            "id": kept.pk,
            "url": f"{UPLOAD}{kept.pk}/",
            "sizes": {str(side): f"{UPLOAD}{kept.pk}/?side={side}" for side in (80, 240, 480, 800)},
        }
        content = shown(shop, answer.json()["url"])
        assert b"home" not in content
        assert not Image.open(BytesIO(content)).getexif()
        assert kept.image.storage is private_storage()

    def test_a_page_within_a_picture_is_gone(self, shop: APIClient) -> None:
        answer = upload(shop, polyglot())
        got = shop.get(answer.json()["url"])
        assert (got["Content-Type"], got["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
        assert got["Cache-Control"] == "private, no-store"
        assert b"script" not in b"".join(got.streaming_content)

    @pytest.mark.parametrize(
        "file",
        [
            lambda: SimpleUploadedFile("a.svg", b"<svg onload='alert(1)'/>", "image/svg+xml"),
            lambda: SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>", "image/jpeg"),
            lambda: SimpleUploadedFile("a.jpg", picture().read()[:200], "image/jpeg"),
            bomb,
            lambda: "text",
        ],
        ids=["svg", "script", "torn", "bomb", "no file"],
    )
    def test_of_no_picture(self, shop: APIClient, file: Callable[[], Any]) -> None:
        with nothing_kept():
            invalid(upload(shop, file()), "image")

    def test_larger_than_any_that_is_kept_is_not_read(self, shop: APIClient) -> None:
        large = SimpleUploadedFile("a.jpg", b"x" * (MAX_BYTES + 20_000), "image/jpeg")
        with nothing_kept():
            refused(upload(shop, large), status=413, code="too_large")

    def test_only_so_often_a_day(self, shop: APIClient, buyer: User) -> None:
        for _ in range(UPLOADS_A_DAY.times - 1):
            UPLOADS_A_DAY.spend(str(buyer.pk))
        assert upload(shop, picture()).status_code == 201
        with nothing_kept():
            refused(upload(shop, picture()), status=429, code="too_many_requests")

    def test_not_without_redis_and_not_without_a_login(
        self, shop: APIClient, api: APIClient
    ) -> None:
        with nothing_kept():
            with redis_down():
                refused(upload(shop, picture()), status=503, code="unavailable")
            refused(upload(api, picture()), status=401, code="not_authenticated")


class TestARequest:
    def test_shows_its_pictures_in_its_own_order(
        self, ask: Callable, buyer: User, shop: APIClient
    ) -> None:
        first, second, third = (uploaded(buyer) for _ in range(3))
        answer = ask(pictures=[third, first, second])
        assert answer.status_code == 201
        assert [each["id"] for each in answer.json()["pictures"]] == [third, first, second]
        assert shop.get(PATH).json()["results"][0]["pictures"] == answer.json()["pictures"]

    def test_has_no_more_than_six(self, ask: Callable, buyer: User) -> None:
        seven = [uploaded(buyer) for _ in range(7)]
        with unchanged():
            assert ask(pictures=seven).status_code == 400
            assert ask(pictures=[seven[0]] * 2).status_code == 400
        assert len(ask(pictures=seven[:6]).json()["pictures"]) == 6

    def test_with_a_picture_it_may_not_have_is_not_made(
        self, ask: Callable, buyer: User, stranger: User
    ) -> None:
        own, others, old, used = (uploaded(user) for user in (buyer, stranger, buyer, buyer))
        let_pass(old, USABLE_FOR)
        assert ask(pictures=[used]).status_code == 201
        with unchanged():
            for bad in (others, old, used, used + 99, 2**63 - 1):
                refused(ask(pictures=[own, bad]), status=400, code="images_not_usable")
        assert ask(pictures=[own]).status_code == 201

    def test_is_given_more_until_it_is_full(
        self, ask: Callable, buyer: User, shop: APIClient
    ) -> None:
        ids = [uploaded(buyer) for _ in range(7)]
        request = ask(pictures=ids[:2]).json()["id"]
        add = f"{PATH}{request}/pictures/"
        answer = shop.post(add, {"pictures": ids[2:6]})
        assert answer.status_code == 200
        assert [each["id"] for each in answer.json()["pictures"]] == ids[:6]
        with unchanged():
            refused(
                shop.post(add, {"pictures": ids[6:]}),
                status=409,
                code="after_sale_too_many_pictures",
            )
            for nothing in ({}, {"pictures": []}, {"pictures": "x"}):
                assert shop.post(add, nothing).status_code == 400

    @pytest.mark.parametrize("decide", ["approve", "reject", "withdraw", "settle_otherwise"])
    def test_is_given_none_after_the_decision(
        self, decide: str, returned: AfterSale, buyer: User, operator: User, shop: APIClient
    ) -> None:
        own = uploaded(buyer)
        more = {"words": "不"} if decide in {"reject", "settle_otherwise"} else {}
        getattr(services, decide)(returned.pk, by=operator, **more)
        with unchanged():
            answer = shop.post(f"{PATH}{returned.pk}/pictures/", {"pictures": [own]})
        refused(answer, status=409, code="after_sale_wrong_state")

    def test_is_not_given_any_by_others(self, returned: AfterSale, stranger: User) -> None:
        theirs = uploaded(stranger)
        with unchanged():
            add = f"{PATH}{returned.pk}/pictures/"
            answer = logged_in(stranger).post(add, {"pictures": [theirs]})
        assert answer.status_code == 404

    def test_a_list_costs_the_same_with_more_pictures(
        self, ask: Callable, buyer: User, shop: APIClient, django_assert_num_queries: Callable
    ) -> None:
        for _ in range(3):
            ask(pictures=[uploaded(buyer) for _ in range(3)])
        with django_assert_num_queries(7):
            assert shop.get(PATH).json()["count"] == 3


class TestWhoSeesIt:
    @pytest.fixture
    def mine(self, ask: Callable, buyer: User) -> AfterSalePicture:
        own = uploaded(buyer)
        assert ask(pictures=[own]).status_code == 201
        return AfterSalePicture.objects.get()

    def test_its_buyer_in_every_size(self, mine: AfterSalePicture, shop: APIClient) -> None:
        address = f"{UPLOAD}{mine.pk}/"
        whole, small = shown(shop, address), shown(shop, f"{address}?side=80")
        assert (max(Image.open(BytesIO(whole)).size), Image.open(BytesIO(whole)).format) == (
            100, "JPEG",
        )  # fmt: skip
        assert (max(Image.open(BytesIO(small)).size), Image.open(BytesIO(small)).format) == (
            80, "WEBP",
        )  # fmt: skip
        for odd in ("240", "7", "x", "-1", ""):
            assert shown(shop, f"{address}?side={odd}") == whole

    def test_nobody_else(self, mine: AfterSalePicture, stranger: User, api: APIClient) -> None:
        for address in (f"{UPLOAD}{mine.pk}/", f"{UPLOAD}{mine.pk}/?side=80"):
            assert logged_in(stranger).get(address).status_code == 404
            assert api.get(address).status_code == 401
        for path in (mine.image.name, f"after-sales/{mine.image.name}"):
            assert api.get(f"/media/{path}").status_code == 404

    @pytest.mark.parametrize(
        ("role", "status"),
        [("service", 200), ("warehouse", 200), ("finance", 200), ("catalogue", 403)],
    )
    def test_operators_who_may_look_at_requests(
        self, role: str, status: int, mine: AfterSalePicture, desk_of: Callable
    ) -> None:
        page = f"/admin/after_sales/aftersale/{mine.after_sale_id}"
        desk = desk_of(role)
        html = desk.get(f"{page}/change/").content.decode()
        small, large = (f"{page}/pictures/{mine.pk}/{side}/" for side in (240, 2400))
        assert (f'<a href="{large}"><img src="{small}"' in html) is (status == 200)
        for address in (small, large):
            answer = desk.get(address)
            assert answer.status_code == status
            if status == 200:
                assert answer["Content-Type"] == "image/jpeg"
                assert b"".join(answer.streaming_content)

    def test_no_picture_of_another_request(self, mine: AfterSalePicture, desk: Client) -> None:
        page = "/admin/after_sales/aftersale"
        elsewhere = f"{page}/{mine.after_sale_id + 1}/pictures/{mine.pk}/240/"  # type: ignore[operator]
        assert desk.get(elsewhere).status_code == 404

    def test_nobody_without_a_login_of_the_back_office(
        self, mine: AfterSalePicture, client: Client
    ) -> None:
        address = f"/admin/after_sales/aftersale/{mine.after_sale_id}/pictures/{mine.pk}/240/"
        assert client.get(address).status_code == 302
        client.force_login(UserFactory(is_staff=True))
        assert client.get(address).status_code == 403

    def test_a_file_that_is_lost_is_a_404(self, mine: AfterSalePicture, shop: APIClient) -> None:
        mine.image.storage.delete(mine.image.name)
        assert shop.get(f"{UPLOAD}{mine.pk}/").status_code == 404


def test_what_no_request_names_is_gone_after_a_day(
    ask: Callable, buyer: User, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = files()
    young, old, used = (uploaded(buyer) for _ in range(3))
    assert ask(pictures=[used]).status_code == 201
    for each in (old, used):
        let_pass(each, USABLE_FOR + timedelta(hours=2))
    let_pass(young, USABLE_FOR)
    before = files()
    call_command("remove_after_sale_pictures")
    assert capsys.readouterr().out == "1 pictures removed.\n"
    assert set(AfterSalePicture.objects.values_list("pk", flat=True)) == {young, used}
    assert len(files() - ours) == 4, "two pictures, each with one smaller size"
    assert files() < before


def test_sizes_that_were_lost_are_made_again(buyer: User, shop: APIClient) -> None:
    kept = AfterSalePicture.objects.get(pk=uploaded(buyer))
    small = f"{UPLOAD}{kept.pk}/?side=80"
    kept.image.storage.delete(name_of_size(str(kept.image), 80))
    assert shop.get(small).status_code == 404
    call_command("make_pictures", verbosity=0)
    assert shown(shop, small)
