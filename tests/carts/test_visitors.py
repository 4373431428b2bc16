"""Carts of people who have not logged in: a cookie of ours leads to them, and nothing else does (ADR 0006)."""

from collections.abc import Callable
from http.cookies import Morsel
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from apps.carts import cookies
from apps.goods.models import SKU
from apps.users.models import User
from tests.carts.conftest import CART, SELECTION, counts, lines
from tests.conftest import logged_in
from tests.core.refusals import redis_down, refused
from tests.factories import SKUFactory
from tests.world import carts, unchanged

pytestmark = pytest.mark.django_db

YEAR = 365 * 24 * 60 * 60
# What the training course's shop would have unpickled: os.system("true").
PICKLE = "gASVHwAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAR0cnVllIWUUpQu"


@pytest.fixture
def sku() -> SKU:
    return SKUFactory()


def with_cookie(value: str) -> APIClient:
    client = APIClient()
    client.cookies["cart"] = value
    return client


def another_tab(client: APIClient) -> APIClient:
    """A client with the same cookie."""
    return with_cookie(client.cookies["cart"].value)


class TestEveryVerb:
    def test_like_a_buyer_s(self, api: APIClient, sku: SKU) -> None:
        other = SKUFactory()
        answer = api.post(CART, {"sku_id": sku.pk, "count": 2})
        assert (answer.status_code, answer.json()) == (
            201,
            {"sku_id": sku.pk, "count": 2, "selected": True},
        )
        api.post(CART, {"sku_id": sku.pk, "count": 1})
        assert counts(api) == {sku.pk: (3, True)}
        answer = api.put(CART, {"sku_id": other.pk, "count": 4, "selected": False})
        assert answer.status_code == 200
        assert counts(api) == {other.pk: (4, False), sku.pk: (3, True)}
        answer = api.put(SELECTION, {"selected": True})
        assert (answer.status_code, answer.json()) == (200, {"message": "OK"})
        assert counts(api) == {other.pk: (4, True), sku.pk: (3, True)}
        assert api.put(SELECTION, {"selected": False, "sku_id": sku.pk}).status_code == 200
        assert counts(api) == {other.pk: (4, True), sku.pk: (3, False)}
        assert api.delete(CART, {"sku_id": other.pk}).status_code == 204
        assert counts(api) == {sku.pk: (3, False)}

    def test_each_visitor_has_a_cart_of_their_own(self, api: APIClient, sku: SKU) -> None:
        api.post(CART, {"sku_id": sku.pk, "count": 2})
        somebody = APIClient()
        assert lines(somebody) == []
        somebody.post(CART, {"sku_id": sku.pk, "count": 1})
        assert counts(somebody) == {sku.pk: (1, True)}
        assert counts(api) == {sku.pk: (2, True)}

    def test_the_limits_are_a_buyer_s(self, api: APIClient, sku: SKU) -> None:
        api.post(CART, {"sku_id": sku.pk, "count": 9})
        withdrawn = SKUFactory(is_launched=False)
        with unchanged():
            answer = api.post(CART, {"sku_id": sku.pk, "count": 2})
            body = refused(answer, status=409, code="short_of_stock")
            assert body["non_field_errors"] == ["商品库存不足"]
            answer = api.post(CART, {"sku_id": 424242, "count": 2})
            body = refused(answer, status=400, code="unknown_sku")
            assert body["non_field_errors"] == ["商品不存在"]
            answer = api.put(CART, {"sku_id": withdrawn.pk, "count": 1})
            refused(answer, status=409, code="withdrawn")

    def test_without_a_cart_there_is_nothing_to_change(self, api: APIClient, sku: SKU) -> None:
        with unchanged():
            assert api.get(CART).json() == []
            assert api.delete(CART, {"sku_id": sku.pk}).status_code == 204
            assert api.put(SELECTION, {"selected": True}).status_code == 200
            answer = api.put(SELECTION, {"selected": True, "sku_id": sku.pk})
            refused(answer, status=404, code="not_in_cart")
        assert "cart" not in api.cookies

    def test_without_redis_it_says_when_to_come_again(self, api: APIClient, sku: SKU) -> None:
        with redis_down():
            answer = api.post(CART, {"sku_id": sku.pk, "count": 1})
        refused(answer, status=503, code="unavailable")
        assert "cart" not in api.cookies


class TestWhoIsAVisitor:
    @pytest.mark.parametrize(
        "header",
        ["JWT undefined", "JWT null", "JWT", "JWT a b", "JWT a.b.c", "Bearer x", "Basic x", "é"],
    )
    def test_whoever_has_no_good_token(self, header: str, api: APIClient, sku: SKU) -> None:
        api.credentials(HTTP_AUTHORIZATION=header)
        assert lines(api) == []
        assert api.post(CART, {"sku_id": sku.pk, "count": 1}).status_code == 201
        assert api.put(CART, {"sku_id": sku.pk, "count": 2}).status_code == 200
        assert counts(api) == {sku.pk: (2, True)}
        assert api.put(SELECTION, {"selected": False}).status_code == 200
        assert api.delete(CART, {"sku_id": sku.pk}).status_code == 204

    def test_a_buyer_whose_token_was_revoked(
        self, shop: APIClient, buyer: User, fill: Callable
    ) -> None:
        fill(2)
        buyer.set_password("another-horse-8")
        buyer.save()
        assert lines(shop) == []
        assert len(lines(logged_in(buyer))) == 1

    def test_a_deactivated_or_deleted_buyer(self, shop: APIClient, buyer: User) -> None:
        User.objects.update(is_active=False)
        assert lines(shop) == []
        buyer.delete()
        assert lines(shop) == []

    def test_orders_remain_the_buyers(self, api: APIClient, sku: SKU) -> None:
        api.post(CART, {"sku_id": sku.pk, "count": 1})
        for answer in (
            api.get("/api/v1/orders/settlement/"),
            api.post("/api/v1/orders/", {"address": 1, "pay_method": 1}),
        ):
            refused(answer, status=401, code="not_authenticated")

    def test_a_buyer_s_cart_is_not_the_cookie_s(
        self, api: APIClient, shop: APIClient, sku: SKU
    ) -> None:
        api.post(CART, {"sku_id": sku.pk, "count": 1})
        shop.cookies["cart"] = api.cookies["cart"].value
        assert lines(shop) == []
        shop.post(CART, {"sku_id": sku.pk, "count": 5})
        assert counts(api) == {sku.pk: (1, True)}

    def test_a_user_s_id_is_no_way_to_a_cart(self, buyer: User, fill: Callable) -> None:
        fill(1)
        for value in (str(buyer.pk), f"anon:{buyer.pk}", f"{{{buyer.pk}}}"):
            assert lines(with_cookie(value)) == []


class TestTheCookie:
    def given(self, client: APIClient, sku: SKU) -> Morsel:
        client.post(CART, {"sku_id": sku.pk, "count": 1})
        return client.cookies["cart"]

    def test_it_is_opaque_and_guarded(self, api: APIClient, sku: SKU) -> None:
        cookie = self.given(api, sku)
        assert cookies.TOKEN.fullmatch(cookie.value)
        assert (cookie["max-age"], cookie["path"], cookie["domain"]) == (YEAR, "/", "")
        assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")

    def test_over_https_and_for_another_site_it_can_be_set_up(
        self, api: APIClient, sku: SKU, settings: Any
    ) -> None:
        settings.CART_COOKIE = {"samesite": "None", "secure": True}
        cookie = self.given(api, sku)
        assert (cookie["samesite"], cookie["secure"]) == ("None", True)

    def test_it_is_set_once(self, api: APIClient, sku: SKU) -> None:
        self.given(api, sku)
        for answer in (
            api.get(CART),
            api.post(CART, {"sku_id": sku.pk, "count": 1}),
            api.put(CART, {"sku_id": sku.pk, "count": 1}),
            api.delete(CART, {"sku_id": sku.pk}),
        ):
            assert not answer.cookies

    def test_an_emptied_cart_is_kept(self, api: APIClient, sku: SKU) -> None:
        value = self.given(api, sku).value
        api.delete(CART, {"sku_id": sku.pk})
        api.post(CART, {"sku_id": sku.pk, "count": 2})
        assert api.cookies["cart"].value == value

    def test_redis_never_sees_it(self, api: APIClient, sku: SKU) -> None:
        value = self.given(api, sku).value
        assert carts()
        assert value not in repr(carts())

    def test_no_refusal_sets_one(self, api: APIClient) -> None:
        answer = api.post(CART, {"sku_id": SKUFactory(stock=0).pk, "count": 1})
        refused(answer, status=409, code="short_of_stock")
        assert not answer.cookies

    def test_nobody_else_may_keep_the_answer(self, api: APIClient, sku: SKU) -> None:
        self.given(api, sku)
        assert "no-store" in api.get(CART)["Cache-Control"]


class TestCookiesThatLeadNowhere:
    @pytest.mark.parametrize(
        "value",
        ["", "x", PICKLE, "A" * 43, "A" * 42, "A" * 44, "é" * 43, "*" * 43, "{}", "A" * 1_000_000],
        ids=lambda value: value[:5],
    )
    def test_are_an_empty_cart(self, value: str, sku: SKU) -> None:
        client = with_cookie(value)
        with unchanged():
            assert lines(client) == []
            assert client.delete(CART, {"sku_id": sku.pk}).status_code == 204
            assert client.put(SELECTION, {"selected": True}).status_code == 200
        answer = client.post(CART, {"sku_id": sku.pk, "count": 1})
        assert answer.status_code == 201
        assert answer.cookies["cart"].value != value
        assert counts(client) == {sku.pk: (1, True)}

    @given(value=st.text(st.characters(codec="latin-1"), max_size=200))
    def test_whatever_they_hold(self, value: str) -> None:
        answer = APIClient().get(CART, headers={"Cookie": f"cart={value}"})
        assert (answer.status_code, answer.json()) == (200, [])

    def test_a_token_that_somebody_planted_is_replaced(self, sku: SKU) -> None:
        """Else who planted it could watch the cart fill."""
        planted = "A" * 43
        victim = with_cookie(planted)
        victim.put(CART, {"sku_id": sku.pk, "count": 1})
        assert lines(with_cookie(planted)) == []
        assert len(lines(victim)) == 1


class TestOpenings:
    def test_one_address_opens_only_so_many(
        self, sku: SKU, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cookies, "OPENINGS", cookies.Limit("cart-opening", 2, 3600))
        line = {"sku_id": sku.pk, "count": 1}
        first, second, third = APIClient(), APIClient(), APIClient()
        for client in (first, second):
            assert client.post(CART, line).status_code == 201
        for verb in (third.post, third.put):
            answer = verb(CART, line)
            refused(answer, status=429, code="too_many_requests")
            assert 0 < int(answer["Retry-After"]) <= 3600
            assert not answer.cookies
        assert first.post(CART, line).status_code == 201
        elsewhere = APIClient(REMOTE_ADDR="10.9.9.9")
        assert elsewhere.post(CART, line).status_code == 201

    def test_what_is_not_bought_opens_none(self, sku: SKU, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cookies, "OPENINGS", cookies.Limit("cart-opening", 0, 3600))
        api = APIClient()
        for answer in (api.get(CART), api.delete(CART, {"sku_id": 1})):
            assert answer.status_code < 300
        refused(api.post(CART, {"sku_id": 424242, "count": 1}), status=400, code="unknown_sku")
        assert carts() == {}


@pytest.mark.parametrize("path", ["/api/v1/cart/", "/api/v1/carts/"])
def test_the_later_storefronts_path_is_the_same(path: str, api: APIClient, sku: SKU) -> None:
    line = {"sku_id": sku.pk, "count": 1, "selected": True}
    assert api.post(path, line).status_code == 201
    assert api.put(path, line).json() == line
    assert [each["id"] for each in api.get(path).json()] == [sku.pk]
    assert api.put(f"{path}selection/", {"selected": False}).json() == {"message": "OK"}
    assert api.delete(path, {"sku_id": sku.pk}).status_code == 204
    assert api.get(path).json() == []


def test_the_alias_is_not_described_twice(api: APIClient) -> None:
    paths = api.get("/api/schema/?format=json").json()["paths"]
    assert [path for path in paths if "/cart" in path] == [
        "/api/v1/cart/",
        "/api/v1/cart/selection/",
    ]
