"""Lines 15 to 22: the user centre."""

import pytest
from rest_framework.test import APIClient

from tests.contract.shapes import ADDRESS, MONEY, faults
from tests.contract.table import Row
from tests.contract.world import World

OK = {"message": "OK"}
AREA = {"id": int, "name": str}
PLACE = {
    "id": int,
    "title": str,
    "receiver": str,
    "province": str,
    "city": str,
    "district": str,
    "province_id": int,
    "city_id": int,
    "district_id": int,
    "place": str,
    "mobile": str,
    "tel": str,
    "email": str,
}
BOOK = {"user_id": int, "default_address_id": int, "limit": 20, "addresses": [PLACE]}
NEW = {
    "receiver": "王小美",
    "province_id": "{province_id}",
    "city_id": "{city_id}",
    "district_id": "{district_id}",
    "place": "科技路1号",
    "mobile": "13900000000",
    "tel": "",
    "email": "",
    "title": "王小美",
}
# The page sends back the whole address, names included.
WHOLE = {**NEW, "id": "{address_id}", "province": "北京市", "city": "北京市", "district": "东城区"}
SEEN = {"id": int, "name": str, "price": MONEY, "default_image_url": ADDRESS, "comments": int}

ROWS = [
    Row(
        15,
        "GET",
        "/user/",
        200,
        {"id": int, "username": "buyer", "mobile": str, "email": str, "email_active": False},
        who="buyer",
    ),
    Row(
        16,
        "PUT",
        "/email/",
        200,
        {"id": int, "email": "a@b.example"},
        {"email": "a@b.example"},
        who="buyer",
    ),
    Row(17, "GET", "/emails/verification/?token={mail_token}", 200, OK),
    Row(
        18,
        "POST",
        "/browse_histories/",
        201,
        {"sku_id": (int, str)},
        {"sku_id": "{sku_id_as_text}"},
        who="buyer",
    ),
    Row(18, "GET", "/browse_histories/", 200, [SEEN], who="buyer", given="visited_sku_id"),
    Row(19, "GET", "/areas/", 200, [AREA], given="province_id"),
    Row(19, "GET", "/areas/{city_id}/", 200, {**AREA, "subs": [AREA]}),
    Row(20, "GET", "/addresses/", 200, BOOK, who="buyer", given="address_id"),
    Row(20, "POST", "/addresses/", 201, PLACE, NEW, who="buyer"),
    Row(21, "PUT", "/addresses/{address_id}/", 200, PLACE, WHOLE, who="buyer"),
    Row(21, "DELETE", "/addresses/{address_id}/", 204, None, who="buyer"),
    Row(22, "PUT", "/addresses/{address_id}/status/", 200, OK, {}, who="buyer"),
    Row(
        22,
        "PUT",
        "/addresses/{address_id}/title/",
        200,
        {"title": "公司"},
        {"title": "公司"},
        who="buyer",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_row(row: Row, world: World) -> None:
    row.check(world)


def test_an_address_book_without_addresses(world: World) -> None:
    headers = {"Authorization": f"JWT {world.token}"}
    book = APIClient().get("/api/v1/addresses/", headers=headers).json()
    assert faults(book, {"user_id": int, "default_address_id": None, "limit": 20}) == []
    assert book["addresses"] == []
