"""Section 7 of the contract: what storefronts rely on and a back end easily gets wrong. Named after its sentences."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from apps.goods.models import SKU
from apps.users.models import User
from tests.contract import test_accounts, test_orders
from tests.contract.shapes import MONEY, faults
from tests.contract.world import World
from tests.core.refusals import invalid, refused
from tests.factories import PASSWORD
from tests.search.conftest import index  # noqa: F401  a fixture
from tests.world import unchanged

API = "/api/v1"


@pytest.fixture
def buyers(world: World) -> APIClient:
    return APIClient(HTTP_AUTHORIZATION=f"JWT {world.token}")


@pytest.mark.parametrize("account", ["buyer", "nobody_here"])
def test_login_with_a_bad_password_is_400(world: World, account: str) -> None:
    body = {"username": account, "password": "wrong-horse-7"}
    refused(
        world.browser.post(f"{API}/authorizations/", body), status=400, code="wrong_credentials"
    )


@pytest.mark.parametrize(
    "token", ["JWT undefined", "JWT null", "JWT stale.or.forged", "JWT", "Bearer a b c", "nonsense"]
)
def test_cart_with_jwt_undefined_is_anonymous(world: World, token: str) -> None:
    headers = {"Authorization": token}
    body = {"sku_id": world.sku_id, "count": 1}
    assert world.browser.post(f"{API}/cart/", body, headers=headers).status_code == 201
    answer = world.browser.get(f"{API}/cart/", headers=headers)
    assert [line["id"] for line in answer.json()] == [world.sku_id]


def test_stock_error_of_post_orders_is_the_object_that_every_error_is(
    world: World, buyers: APIClient
) -> None:
    """The contract's array is the one deviation: an object that says it wherever a storefront looks."""
    assert world.sku_in_cart
    SKU.objects.update(stock=0)
    answer = buyers.post(f"{API}/orders/", {"address": world.address_id, "pay_method": 1})
    body = refused(answer, status=409, code="lines_refused")
    assert world.sku.name in body["non_field_errors"][0]


def test_pay_method_2_as_text_is_accepted(world: World) -> None:
    row = next(row for row in test_orders.PLAIN if row.body and row.body.get("pay_method") == "2")
    order_id = row.check(world).json()["order_id"]
    assert world.buyer.orders.get(pk=order_id).pay_method == 2


def test_register_says_id_and_login_says_user_id(world: World) -> None:
    register = next(row for row in test_accounts.ROWS if row.line == 6)
    login = next(row for row in test_accounts.ROWS if row.line == 7)
    assert register.check(world).json()["id"] == User.objects.get(username="xiaomei").pk
    assert login.check(world).json()["user_id"] == world.user_id


def test_delete_with_a_json_body(world: World, buyers: APIClient) -> None:
    body = {"sku_id": world.sku_in_cart}
    assert buyers.delete(f"{API}/cart/", body).status_code == 204
    assert buyers.get(f"{API}/cart/").json() == []


def test_prices_are_strings(world: World, buyers: APIClient, index: Path) -> None:  # noqa: F811
    assert world.sku_in_cart
    call_command("rebuild_index", verbosity=0)
    # In this order: placing the order empties the cart.
    pages: list[tuple[Callable[[], str], Any]] = [
        (lambda: f"/skus/{world.sku_id}/", {"price": MONEY, "market_price": MONEY}),
        (lambda: f"/categories/{world.category_id}/skus/", {"results": [{"price": MONEY}]}),
        (lambda: f"/categories/{world.category_id}/hotskus/", [{"price": MONEY}]),
        (lambda: "/skus/search/?text=小米", {"results": [{"object": {"price": MONEY}}]}),
        (lambda: "/cart/", [{"price": MONEY}]),
        (lambda: "/orders/settlement/", {"freight": MONEY, "skus": [{"price": MONEY}]}),
        (lambda: f"/orders/{world.order_id}/", {"total_amount": MONEY, "skus": [{"price": MONEY}]}),
        (lambda: f"/orders/{world.received_order_id}/uncommentgoods/", [{"price": MONEY}]),
    ]
    for page, shape in pages:
        assert faults(buyers.get(API + page()).json(), shape) == [], page()


def test_search_results_have_an_object(world: World, index: Path) -> None:  # noqa: F811
    assert world.sku
    call_command("rebuild_index", verbosity=0)
    page = world.browser.get(f"{API}/skus/search/?text=小米").json()
    assert [result["object"]["id"] for result in page["results"]] == [world.sku_id]


def test_default_address_id_never_points_to_a_deleted_address(
    world: World, buyers: APIClient
) -> None:
    assert world.address_id
    assert buyers.get(f"{API}/addresses/").json()["default_address_id"] == world.address_id
    assert buyers.delete(f"{API}/addresses/{world.address_id}/").status_code == 204
    book = buyers.get(f"{API}/addresses/").json()
    assert (book["default_address_id"], book["addresses"]) == (None, [])
    with unchanged():
        gone = buyers.put(f"{API}/addresses/{world.address_id}/status/", {})
        refused(gone, status=404, code="not_found")


class TestSMSCodes:
    """400 makes the page say that the picture was misread; 429 it leaves alone."""

    def ask(self, world: World, **changed: str) -> Any:
        query = {"text": world.text, "image_code_id": world.picture, **changed}
        return world.browser.get(f"{API}/sms_codes/{world.new_mobile}/", query)

    def test_400_only_for_image_code_problems(self, world: World) -> None:
        invalid(self.ask(world, text=""), "text")
        invalid(self.ask(world, image_code_id=""), "image_code_id")
        refused(self.ask(world, text="????"), status=400, code="wrong_image_code")

    def test_429_otherwise(self, world: World) -> None:
        assert world.sign_up_code
        answer = self.ask(world)
        refused(answer, status=429, code="too_many_requests")

    def test_what_is_no_mobile_is_no_image_code_problem(self, world: World) -> None:
        query = {"text": world.text, "image_code_id": world.picture}
        answer = world.browser.get(f"{API}/sms_codes/12000000000/", query)
        refused(answer, status=404, code="not_found")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/nowhere/", 404, "not_found"),
        ("get", "/skus/999999999/", 404, "not_found"),
        ("get", "/orders/", 401, "not_authenticated"),
        ("delete", "/orders/", 401, "not_authenticated"),
        ("patch", "/cart/", 405, "method_not_allowed"),
    ],
)
def test_an_error_is_always_an_object(
    world: World, method: str, path: str, status: int, code: str
) -> None:
    """Storefronts ask `'non_field_errors' in error.response.data`, which throws on anything else."""
    refused(getattr(world.browser, method)(API + path), status=status, code=code)


def test_a_body_that_is_no_json_is_an_object_too(world: World) -> None:
    answer = world.browser.generic(
        "POST", f"{API}/authorizations/", "{", content_type="application/json"
    )
    refused(answer, status=400, code="parse_error")


def test_the_password_of_the_form_is_the_contracts_shortest(world: World) -> None:
    """8 to 20, as the page checks it."""
    row = next(row for row in test_accounts.ROWS if row.line == 6)
    for length in (7, 21):
        password = ("a1-" + PASSWORD * 2)[:length]
        body = {**row.body, "password": password, "password2": password}
        body |= {"mobile": world.new_mobile, "sms_code": world.sign_up_code}
        invalid(world.browser.post(f"{API}/users/", body), "password")
