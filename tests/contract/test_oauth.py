"""Lines 12 to 14: sign-in with QQ, on a socket of its own."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from apps.users.models import OAuthAccount
from tests.contract.shapes import TOKEN
from tests.contract.table import Row
from tests.contract.world import QQ_OPENID, World
from tests.factories import PASSWORD

BEGIN = Row(
    12,
    "GET",
    "/oauth/qq/authorization/?next=/cart.html",
    200,
    {"login_url": re.compile(r"https?://\S+/oauth2\.0/authorize\?\S+")},
)
COME_BACK = Row(13, "GET", "/oauth/qq/user/?code={qq_code}", 200, {"access_token": TOKEN})
SIGNED_IN = {"token": TOKEN, "user_id": int, "username": "buyer"}
BOUND = {"id": int, "user_id": int, "username": str, "mobile": str, "token": TOKEN}
BINDING = {
    "password": PASSWORD,
    "mobile": "{new_mobile}",
    "sms_code": "{sign_up_code}",
    "access_token": "{binding_token}",
}
BIND = Row(14, "POST", "/oauth/qq/user/", 201, BOUND, BINDING)

ROWS = [BEGIN, COME_BACK, BIND]

pytestmark = pytest.mark.usefixtures("qq")


def test_row_12(world: World) -> None:
    login_url = BEGIN.check(world).json()["login_url"]
    query = parse_qs(urlsplit(login_url).query)
    assert query.keys() >= {"response_type", "client_id", "redirect_uri", "state"}
    assert query["scope"] == ["get_user_info"]


def test_row_13_unbound_has_no_user_id_then_row_14_binds(world: World) -> None:
    unbound = COME_BACK.check(world).json()
    assert "user_id" not in unbound
    world.binding_token = unbound["access_token"]
    BIND.check(world)


def test_row_13_bound_is_signed_in(world: World) -> None:
    OAuthAccount.objects.create(user=world.buyer, provider="qq", openid=QQ_OPENID)
    replace(COME_BACK, shape=SIGNED_IN).check(world)
