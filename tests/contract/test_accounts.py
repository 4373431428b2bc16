"""Lines 4 to 11: registration, login, password."""

import pytest

from tests.contract.shapes import MASKED_MOBILE, TOKEN
from tests.contract.table import Row
from tests.contract.world import World
from tests.factories import PASSWORD

NEW = "a-horse-of-9"
FORM = {
    "username": "xiaomei",
    "password": NEW,
    "password2": NEW,
    "mobile": "{new_mobile}",
    "sms_code": "{sign_up_code}",
    "allow": "true",
}
BOTH = {"password": NEW, "password2": NEW}
REGISTERED = {"id": int, "username": "xiaomei", "mobile": str, "token": TOKEN}
SESSION = {"token": TOKEN, "user_id": int, "username": "buyer"}

ROWS = [
    Row(4, "GET", "/usernames/buyer/count/", 200, {"username": "buyer", "count": 1}),
    Row(4, "GET", "/usernames/xiaomei/count/", 200, {"username": "xiaomei", "count": 0}),
    Row(5, "GET", "/mobiles/{mobile}/count/", 200, {"mobile": str, "count": 1}),
    Row(6, "POST", "/users/", 201, REGISTERED, FORM),
    Row(7, "POST", "/authorizations/", 200, SESSION, {"username": "buyer", "password": PASSWORD}),
    Row(
        7, "POST", "/authorizations/", 200, SESSION, {"username": "{mobile}", "password": PASSWORD}
    ),
    Row(
        8,
        "GET",
        "/accounts/buyer/sms/token/?text={text}&image_code_id={picture}",
        200,
        {"mobile": MASKED_MOBILE, "access_token": TOKEN},
    ),
    Row(
        9,
        "GET",
        "/accounts/{mobile}/password/token/?sms_code={reset_code}",
        200,
        {"user_id": int, "access_token": TOKEN},
    ),
    Row(
        10,
        "POST",
        "/users/{user_id}/password/",
        200,
        {"id": int},
        {**BOTH, "access_token": "{reset_token}"},
    ),
    Row(
        11,
        "PUT",
        "/users/{user_id}/password/",
        200,
        {},
        {**BOTH, "old_password": PASSWORD},
        who="buyer",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_row(row: Row, world: World) -> None:
    row.check(world)
