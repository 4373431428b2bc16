"""Who asks twice for the same has asked once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.after_sales import services
from apps.after_sales.models import AfterSale
from apps.orders.models import OrderGoods, OrderInfo
from apps.users.models import User
from tests.after_sales.conftest import PATH
from tests.conftest import logged_in
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(shop: APIClient, order: OrderInfo, line: OrderGoods) -> Callable[..., Response]:
    """One unit back, under a key."""

    def post(key: str, client: APIClient = shop, **changed: Any) -> Response:
        asked = {
            "order_id": order.pk,
            "kind": "return",
            "reason": "damaged",
            "lines": [{"line": line.pk, "count": 1}],
        }
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(PATH, asked | changed, format="json", headers=headers)

    return post


@pytest.mark.parametrize("key", ["", "k-1"])
def test_a_double_click_is_one_request(key: str, send: Callable) -> None:
    first = send(key)
    with unchanged():
        second = send(key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()


def test_a_key_answers_however_the_request_fared(send: Callable, operator: User) -> None:
    first = send("k-1").json()
    services.reject(first["id"], by=operator, words="不")
    again = send("k-1").json()
    assert (again["id"], again["state"]) == (first["id"], "rejected")


@pytest.mark.parametrize(
    "changed", [{"reason": "wrong"}, {"words": "x"}, {"amount": "1.00"}, {"kind": "refund"}]
)
def test_a_key_is_for_one_request(changed: dict, send: Callable) -> None:
    send("k-1")
    with unchanged():
        answer = send("k-1", **changed)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_is_for_one_order(send: Callable, waiting: OrderInfo) -> None:
    send("k-1")
    with unchanged():
        answer = send("k-1", order_id=waiting.pk, kind="cancel", lines=[])
    assert answer.status_code == 422


def test_other_keys_and_other_buyers_ask_anew(send: Callable, stranger: User) -> None:
    ids = {send("k-1").json()["id"], send("K-1").json()["id"]}
    assert len(ids) == 2
    assert send("k-1", client=logged_in(stranger)).json()["code"] == "no_such_order"


@pytest.mark.parametrize("key", ["x" * 256, "ä", "a\tb"])
def test_no_key_at_all(key: str, send: Callable) -> None:
    with unchanged():
        assert send(key).status_code == 400


def test_the_same_wish_later_or_once_it_was_decided_is_another(
    send: Callable, operator: User
) -> None:
    first = send("").json()["id"]
    AfterSale.objects.update(create_time=F("create_time") - timedelta(seconds=61))
    second = send("").json()["id"]
    services.reject(second, by=operator, words="不")
    third = send("").json()["id"]
    assert len({first, second, third}) == 3
