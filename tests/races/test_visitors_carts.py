"""A visitor's cart that is moved in while other tabs of the same browser go on (ADR 0006)."""

from functools import partial

import pytest
from rest_framework.test import APIClient

from apps.carts import cookies, store
from apps.carts.store import Visitor, keys
from apps.core.redis import connection
from apps.users.models import User
from tests.carts import direct
from tests.carts.conftest import CART, counts, log_in
from tests.conftest import logged_in
from tests.factories import SKUFactory
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

TABS = 12
# Long enough for a login, which is slower than adding, to fall in the middle.
UNITS_A_TAB = 8


@pytest.fixture(autouse=True)
def many_openings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cookies, "OPENINGS", cookies.Limit("cart-opening", 10_000, 60))


def tab(token: str) -> APIClient:
    client = APIClient()
    client.cookies["cart"] = token
    return client


def add_units(client: APIClient, line: dict[str, int]) -> list[int]:
    return [client.post(CART, line).status_code for _ in range(UNITS_A_TAB)]


def units_lost(buyer: User) -> int:
    """Of the units that a visitor puts in, some in each tab, while another tab logs in."""
    line = {"sku_id": SKUFactory(stock=1000).pk, "count": 1}
    first = APIClient()
    first.post(CART, line)
    token = first.cookies["cart"].value
    tabs = [tab(token) for _ in range(TABS)]
    adding = [partial(add_units, each, line) for each in tabs]
    login, *added = together(partial(log_in, tab(token), buyer), *adding)
    assert login.status_code == 200
    assert added == [[201] * UNITS_A_TAB] * TABS
    # Had the cart changed until the end, the cookie would have stayed for the next login.
    log_in(tab(token), buyer)
    # Who came when the cart had gone was given a new one.
    new = {each.cookies["cart"].value for each in tabs} - {token}
    carts = [counts(logged_in(buyer)), *(counts(tab(each)) for each in new)]
    return 1 + TABS * UNITS_A_TAB - sum(cart.get(line["sku_id"], (0, False))[0] for cart in carts)


def test_no_unit_is_lost_between_the_two_carts(buyer: User) -> None:
    assert [units_lost(buyer) for _ in range(5)] == [0] * 5


def test_control_a_cart_dropped_without_a_second_look_loses_units(
    buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drop(visitor: Visitor, *, state: str) -> bool:
        connection("carts").delete(*(keys.key(visitor, name) for name in keys.KEY_NAMES))
        return True

    monkeypatch.setattr(store, "discard", drop)
    assert any(units_lost(buyer) for _ in range(10)), "this harness would not see a lost unit"


def test_eight_logins_with_one_cookie_merge_once(buyer: User) -> None:
    sku, other = SKUFactory(), SKUFactory()
    direct.put(sku.pk, 5, user=buyer.pk)
    client = APIClient()
    for each in (sku, other):
        client.post(CART, {"sku_id": each.pk, "count": 2})
    token = client.cookies["cart"].value
    answers = together(*(partial(log_in, tab(token), buyer) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert {answer.cookies["cart"]["max-age"] for answer in answers} == {0}
    assert counts(logged_in(buyer)) == {other.pk: (2, True), sku.pk: (2, True)}
    assert not [name for name in direct.keys() if "anon:" in name]  # noqa: SIM118
