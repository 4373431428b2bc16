"""What no address can be, and whose addresses do not exist: refused, and nothing changed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.users.models import Address, User
from tests.conftest import logged_in
from tests.core.refusals import invalid, refused
from tests.world import unchanged

pytestmark = pytest.mark.django_db

ADDRESSES = "/api/v1/addresses/"

REFUSED_FIELDS = [
    *(({field: None}, field) for field in ("receiver", "province_id", "place", "mobile", "title")),
    *(({field: ""}, field) for field in ("receiver", "city_id", "place", "mobile")),
    *(({field: [1]}, field) for field in ("receiver", "district_id", "place", "mobile", "tel")),
    *(({field: "长" * 51}, field) for field in ("receiver", "place", "title", "tel", "email")),
    *(({field: "\0"}, field) for field in ("receiver", "place", "title", "tel")),
    *(({"mobile": mobile}, "mobile") for mobile in ("12345678901", "1390000000", "139000000000")),
    ({"mobile": "１３９００００００００"}, "mobile"),
    ({"email": "not an address"}, "email"),
    *(({"province_id": pk}, "province_id") for pk in (0, -1, 999999, 2**31, 2**70, "x", True)),
    *(({"city_id": pk}, "city_id") for pk in (2**63, {}, 1.5, "1e3")),
    ({"province_id": 440300}, "province_id"),
    ({"city_id": 110100}, "city_id"),
    ({"city_id": 440000}, "city_id"),
    ({"district_id": 110101}, "district_id"),
    ({"district_id": 440300}, "district_id"),
]


class TestRefusals:
    @pytest.mark.parametrize("verb", ["post", "put"])
    def test_a_field_at_fault_is_named(
        self,
        verb: str,
        shop: APIClient,
        address: Address,
        body: dict,
        subtests: pytest.Subtests,
    ) -> None:
        url = ADDRESSES if verb == "post" else f"{ADDRESSES}{address.pk}/"
        with unchanged():
            for fault, field in REFUSED_FIELDS:
                with subtests.test(fault=fault):
                    invalid(getattr(shop, verb)(url, {**body, **fault}), field)

    @pytest.mark.parametrize("field", ["province_id", "city_id", "district_id"])
    def test_a_number_beyond_all_numbers(self, field: str, shop: APIClient, body: dict) -> None:
        text = json.dumps({**body, field: "?"}).replace('"?"', "1e400")
        answer = shop.generic("POST", ADDRESSES, text, content_type="application/json")
        invalid(answer, field)

    @pytest.mark.parametrize("field", ["receiver", "place", "title", "mobile", "tel", "email"])
    def test_half_a_character(self, field: str, shop: APIClient, body: dict) -> None:
        text = json.dumps({**body, field: "\ud800"})
        with unchanged():
            answer = shop.generic("POST", ADDRESSES, text, content_type="application/json")
            assert "errors" in refused(answer, status=400, code="invalid")

    def test_every_missing_field_is_named(self, shop: APIClient) -> None:
        fields = ["receiver", "province_id", "city_id", "district_id", "place", "mobile"]
        with unchanged():
            invalid(shop.post(ADDRESSES, {}), *fields)

    def test_title_of_the_address_and_title_of_the_problem(
        self, shop: APIClient, body: dict
    ) -> None:
        answer = invalid(shop.post(ADDRESSES, {**body, "title": None}), "title")
        assert isinstance(answer["title"], str)
        assert answer["errors"]["title"] == ["该字段不能为 null。"]

    @pytest.mark.parametrize("junk", [[], "text", None, 7])
    def test_what_is_no_object(self, junk: Any, shop: APIClient, address: Address) -> None:
        with unchanged():
            refused(shop.post(ADDRESSES, junk), status=400, code="invalid")
            refused(shop.put(f"{ADDRESSES}{address.pk}/", junk), status=400, code="invalid")
            refused(shop.put(f"{ADDRESSES}{address.pk}/title/", junk), status=400, code="invalid")


def every_verb(client: APIClient, number: int | str) -> list[Any]:
    """The answers to everything that can be asked of one address."""
    asked: list[Callable[[str], Any]] = [
        lambda url: client.put(url, {"title": "偷"}),
        lambda url: client.delete(url),
        lambda url: client.put(f"{url}status/", {}),
        lambda url: client.put(f"{url}title/", {"title": "偷"}),
    ]
    return [ask(f"{ADDRESSES}{number}/") for ask in asked]


class TestStrangers:
    def test_another_s_addresses_do_not_exist(
        self, stranger: User, address: Address, body: dict
    ) -> None:
        thief = logged_in(stranger)
        assert thief.get(ADDRESSES).json()["addresses"] == []
        with unchanged():
            for answer in every_verb(thief, address.pk):
                refused(answer, status=404, code="not_found")
            whole = thief.put(f"{ADDRESSES}{address.pk}/", body)
            refused(whole, status=404, code="not_found")

    @pytest.mark.parametrize("number", ["0", "424242", str(2**63), str(2**70), "abc", "-1"])
    def test_unknown_ones(self, number: str, shop: APIClient, address: Address) -> None:
        with unchanged():
            for answer in every_verb(shop, number):
                refused(answer, status=404, code="not_found")

    def test_nobody_has_none(self, api: APIClient, address: Address, body: dict) -> None:
        with unchanged():
            refused(api.get(ADDRESSES), status=401, code="not_authenticated")
            refused(api.post(ADDRESSES, body), status=401, code="not_authenticated")
            for answer in every_verb(api, address.pk):
                refused(answer, status=401, code="not_authenticated")

    def test_what_is_deleted_is_gone_for_every_verb(
        self, shop: APIClient, address: Address
    ) -> None:
        shop.delete(f"{ADDRESSES}{address.pk}/")
        with unchanged():
            for answer in every_verb(shop, address.pk):
                refused(answer, status=404, code="not_found")
