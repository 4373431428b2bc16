"""Pictures of four characters: what one gets, and that each is worth one try."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from rest_framework.test import APIClient

from apps.core.redis import connection, key
from apps.verifications import store
from apps.verifications.exceptions import WrongImageCode
from apps.verifications.services import draw_image_code, take_image_code
from apps.verifications.services.drawing import draw
from apps.verifications.services.image_codes import ALPHABET
from tests.core.refusals import redis_down, refused
from tests.verifications.conftest import image_codes, shown
from tests.verifications.together import at_once

ID = "7d7a3dcf-5ad1-4d6f-8a5e-2f1d1bbd6c0a"


def test_a_picture_of_four_characters_that_nobody_keeps(api: APIClient) -> None:
    answer = api.get(image_codes(ID))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Cache-Control"] == "no-store"
    picture = Image.open(BytesIO(answer.content))
    assert (picture.format, picture.size) == ("PNG", (160, 60))
    assert len(shown(ID)) == 4
    assert set(shown(ID)) <= set(ALPHABET)


def test_it_is_good_for_five_minutes(api: APIClient) -> None:
    api.get(image_codes(ID))
    assert 295 < connection("codes").ttl(key(f"code:image:{ID}")) <= 300


@pytest.mark.parametrize("accept", ["image/png", "image/webp,*/*;q=0.8", "text/html", "nonsense"])
def test_whatever_an_img_accepts_it_gets_the_picture(accept: str, api: APIClient) -> None:
    answer = api.get(image_codes(ID), headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")


def test_no_two_pictures_are_alike() -> None:
    assert len({draw("ACDE") for _ in range(20)}) == 20


def test_every_character_can_be_seen() -> None:
    """The ink of each is a good part of its place, wherever it was shifted."""
    picture = Image.open(BytesIO(draw("HHHH"))).convert("L")
    for place in range(4):
        part = picture.crop((8 + place * 36, 0, 44 + place * 36, 60))
        dark = sum(part.histogram()[:128])
        assert 150 < dark < 1200


def test_no_character_looks_like_another() -> None:
    for alike in ("0OQD", "1IL7", "2Z", "5S", "8B", "6G", "UV"):
        assert len(set(alike) & set(ALPHABET)) <= 1


def test_either_case_is_right_and_spaces_around_it() -> None:
    for change in (str.lower, str.upper, lambda text: f" {text} "):
        draw_image_code(ID, address="1.2.3.4")
        take_image_code(ID, change(shown(ID)))


def test_it_works_once() -> None:
    draw_image_code(ID, address="1.2.3.4")
    text = shown(ID)
    take_image_code(ID, text)
    with pytest.raises(WrongImageCode):
        take_image_code(ID, text)


def test_a_wrong_text_uses_it_up() -> None:
    draw_image_code(ID, address="1.2.3.4")
    text = shown(ID)
    with pytest.raises(WrongImageCode):
        take_image_code(ID, "----")
    with pytest.raises(WrongImageCode):
        take_image_code(ID, text)


def test_a_picture_drawn_again_replaces_the_first() -> None:
    store.put_image_code(ID, "AAAA")
    store.put_image_code(ID, "CCCC")
    with pytest.raises(WrongImageCode):
        take_image_code(ID, "AAAA")


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "ÀÇDE", "字" * 4, "A" * 10_000, "*"])
def test_any_text_is_merely_wrong(text: str) -> None:
    draw_image_code(ID, address="1.2.3.4")
    with pytest.raises(WrongImageCode):
        take_image_code(ID, text)


@pytest.mark.parametrize("image_code_id", ["", "*", "\0", "\ud800", "a" * 65, "字", "a\n", "a:b"])
def test_what_is_no_id_names_no_picture(image_code_id: str) -> None:
    with pytest.raises(WrongImageCode):
        take_image_code(image_code_id, "AAAA")


@pytest.mark.parametrize("image_code_id", ["*", "a" * 65, "字", "a%00", "a%0A", "a b", "..", "a/b"])
def test_what_is_no_id_has_no_address(image_code_id: str, api: APIClient) -> None:
    refused(api.get(image_codes(image_code_id)), status=404, code="not_found")


def read_then_delete(image_code_id: str, barrier: Any) -> bool:
    """How it was done once: between the two anybody may read it."""
    redis, name = connection("codes"), key(f"code:image:{image_code_id}")
    text = redis.get(name)
    barrier.wait(timeout=10)
    redis.delete(name)
    return text is not None


def test_eight_at_once_and_one_of_them_takes_it() -> None:
    store.put_image_code(ID, "AAAA")
    taken = at_once(8, lambda barrier: store.take_image_code(ID) is not None)
    assert sum(taken) == 1

    store.put_image_code(ID, "AAAA")
    assert sum(at_once(8, lambda barrier: read_then_delete(ID, barrier))) == 8  # the control


def test_sixty_pictures_a_minute_for_one_address(api: APIClient) -> None:
    for _ in range(60):
        store.IMAGES_PER_ADDRESS.spend("1.2.3.4")
    answer = api.get(image_codes(ID), REMOTE_ADDR="1.2.3.4")
    body = refused(answer, status=429, code="too_many_requests")
    assert 0 < int(answer["Retry-After"]) <= 60
    assert body["retry_after"] == int(answer["Retry-After"])
    assert shown(ID) == ""
    assert api.get(image_codes(ID), REMOTE_ADDR="1.2.3.5").status_code == 200


def test_without_redis_there_is_no_picture(api: APIClient) -> None:
    with redis_down():
        refused(api.get(image_codes(ID)), status=503, code="unavailable")
