"""What cannot be ordered is refused, says why, and changes nothing."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.carts.store import keys
from apps.core.redis import connection
from apps.goods.models import SKU
from apps.users.models import Address
from tests.factories import AddressFactory, SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def refused(answer: Any, *, status: int, code: str) -> dict:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert body["message"]
    assert body["non_field_errors"]
    return body


def test_every_line_at_fault_is_named(fill: Callable, place: Callable) -> None:
    short, repriced, withdrawn, fine = (SKUFactory() for _ in range(4))
    fill((short, 5), (repriced, 1), (withdrawn, 1), (fine, 1))
    SKU.objects.filter(pk=short.pk).update(stock=3, opening_stock=3)
    SKU.objects.filter(pk=repriced.pk).update(price=Decimal("51.00"))
    SKU.objects.filter(pk=withdrawn.pk).update(is_launched=False)
    with unchanged():
        body = refused(place(), status=409, code="lines_refused")
    found = {line["sku_id"]: line for line in body["lines"]}
    assert {sku_id: line["reason"] for sku_id, line in found.items()} == {
        short.pk: "short",
        repriced.pk: "repriced",
        withdrawn.pk: "withdrawn",
    }
    assert found[short.pk]["stock"] == 3
    assert found[repriced.pk]["price"] == "51.00"
    assert all(sku.name in body["message"] for sku in (short, repriced, withdrawn))
    assert sorted(body["sku_ids"]) == sorted([short.pk, repriced.pk, withdrawn.pk])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stock": 0, "opening_stock": 0}, "short"),
        ({"price": Decimal("49.99")}, "repriced"),
        ({"is_launched": False}, "withdrawn"),
    ],
)
def test_one_fault_is_enough(fill: Callable, place: Callable, change: dict, reason: str) -> None:
    sku = SKUFactory()
    fill((sku, 1))
    SKU.objects.update(**change)
    with unchanged():
        body = refused(place(), status=409, code="lines_refused")
    assert [line["reason"] for line in body["lines"]] == [reason]


def test_a_line_that_could_be_had_is_not_blamed(fill: Callable, place: Callable) -> None:
    """The last unit of it was taken, and put back before anyone looked at what is left."""
    last_unit, short = SKUFactory(stock=1), SKUFactory(stock=2)
    fill((last_unit, 1), (short, 2))
    SKU.objects.filter(pk=short.pk).update(stock=1, opening_stock=1)
    body = refused(place(), status=409, code="lines_refused")
    assert body["sku_ids"] == [short.pk]


def test_a_new_price_can_be_ordered_once_the_settlement_has_shown_it(
    shop: APIClient, fill: Callable, place: Callable
) -> None:
    sku = SKUFactory()
    fill((sku, 1))
    SKU.objects.update(price=Decimal("55.00"))
    refused(place(), status=409, code="lines_refused")
    assert shop.get("/api/v1/orders/settlement/").json()["skus"][0]["price"] == "55.00"
    assert place().status_code == 201


def test_a_sku_that_is_gone_altogether_reads_as_withdrawn(fill: Callable, place: Callable) -> None:
    sku = SKUFactory()
    fill((sku, 1), (SKUFactory(), 1))
    gone = sku.pk
    sku.delete()
    with unchanged():
        body = refused(place(), status=409, code="lines_refused")
    assert [(line["sku_id"], line["reason"]) for line in body["lines"]] == [(gone, "withdrawn")]


def test_an_empty_cart_or_nothing_ticked(shop: APIClient, fill: Callable, place: Callable) -> None:
    with unchanged():
        refused(place(), status=400, code="empty_selection")
    fill((SKUFactory(), 1))
    shop.put("/api/v1/cart/selection/", {"selected": False})
    with unchanged():
        refused(place(), status=400, code="empty_selection")


def test_others_and_deleted_addresses_do_not_exist(
    address: Address, fill: Callable, place: Callable
) -> None:
    fill((SKUFactory(), 1))
    theirs = AddressFactory()
    deleted = AddressFactory(user=address.user, is_deleted=True)
    for pk in (theirs.pk, deleted.pk, 10**9, 2**70):
        with unchanged():
            body = refused(place(address=pk), status=400, code="invalid")
        assert "address" in body["errors"]


@pytest.mark.parametrize(
    "body",
    [
        {"address": None},
        {"address": "abc"},
        {"address": []},
        {"address": True},
        {"pay_method": 0},
        {"pay_method": 4},
        {"pay_method": "x"},
        {"pay_method": None},
        {"pay_method": [2]},
        {"pay_method": {"a": 1}},
    ],
)
def test_junk_in_the_body(fill: Callable, place: Callable, body: dict) -> None:
    fill((SKUFactory(), 1))
    with unchanged():
        assert place(**body).status_code == 400


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"x"', "1", '{"address": 1e999}', "\xff", "[" * 100_000]
)
def test_a_body_that_is_no_json_object(shop: APIClient, fill: Callable, body: str) -> None:
    fill((SKUFactory(), 1))
    with unchanged():
        answer = shop.post(
            "/api/v1/orders/", body.encode("latin-1"), content_type="application/json"
        )
    assert answer.status_code == 400
    assert answer.json()["status"] == 400


def test_a_total_beyond_what_can_be_paid(shop: APIClient, fill: Callable, place: Callable) -> None:
    fill((SKUFactory(price=Decimal("99999999.99"), stock=200), 200))
    settlement = shop.get("/api/v1/orders/settlement/").json()
    assert settlement["total_amount"] == "19999999998.00"
    with unchanged():
        refused(place(), status=400, code="too_expensive")


def test_nobody(api: APIClient) -> None:
    for authorization in ("", "JWT undefined", "Bearer abc", "Bearer a b"):
        with unchanged():
            answer = api.post("/api/v1/orders/", {}, headers={"Authorization": authorization})
        assert answer.status_code == 401
        assert answer.json()["status"] == 401


def test_a_price_nobody_remembers_must_be_shown_again(
    shop: APIClient, address: Address, fill: Callable, place: Callable
) -> None:
    fill((SKUFactory(), 1))
    connection("carts").delete(keys.key(address.user_id, "prices"))
    refused(place(), status=409, code="lines_refused")
    assert shop.get("/api/v1/orders/settlement/").json()["total_amount"] == "60.00"
    assert place().status_code == 201
