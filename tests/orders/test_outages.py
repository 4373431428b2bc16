"""When Redis or the database is away, ordering says so and when to come back; nothing is lost or half done."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from redis import exceptions as redis
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.carts.store import keys
from apps.orders import services
from apps.orders.models import OrderInfo
from tests.core.refusals import redis_down
from tests.factories import SKUFactory
from tests.world import rows, unchanged

pytestmark = pytest.mark.django_db


def is_unavailable(answer: Response) -> bool:
    assert answer.json()["code"] == "unavailable"
    return answer.status_code == 503 and int(answer["Retry-After"]) > 0


def test_without_redis(shop: APIClient, fill: Callable, place: Callable) -> None:
    fill((SKUFactory(), 1))
    before = rows()
    with redis_down():
        assert is_unavailable(place())
        assert is_unavailable(place(key="k1"))
        assert is_unavailable(shop.get("/api/v1/orders/settlement/"))
    assert rows() == before
    assert place().status_code == 201


@pytest.mark.parametrize(
    "refusal",
    [
        redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
        redis.ReadOnlyError("You can't write against a read only replica."),
        redis.ResponseError("MISCONF Redis is configured to save RDB snapshots, but cannot"),
        redis.TimeoutError("Timeout reading from socket"),
    ],
    ids=lambda refusal: type(refusal).__name__,
)
def test_a_redis_that_takes_no_writes(
    monkeypatch: pytest.MonkeyPatch, fill: Callable, place: Callable, refusal: Exception
) -> None:
    fill((SKUFactory(), 1))

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise refusal

    monkeypatch.setattr(keys, "run", refuse)
    with unchanged():
        assert is_unavailable(place())


def test_a_database_that_is_lost_while_the_order_is_placed(
    monkeypatch: pytest.MonkeyPatch, shop: APIClient, fill: Callable, place: Callable
) -> None:
    """Whether the COMMIT came through is not known: the marker stays, and the next submit finds out."""
    fill((SKUFactory(), 1))

    def lost(*args: Any) -> None:
        raise OperationalError(2013, "Lost connection to MySQL server during query")

    monkeypatch.setattr(services, "fill_order", lost)
    before = rows()
    assert is_unavailable(place())
    assert rows() == before
    monkeypatch.undo()
    assert place().status_code == 201
    assert OrderInfo.objects.count() == 1
    assert shop.get("/api/v1/cart/").json() == []


def test_a_bug_in_a_script_is_a_bug(monkeypatch: pytest.MonkeyPatch, shop: APIClient) -> None:
    def wrong(*args: Any, **kwargs: Any) -> None:
        raise redis.ResponseError("ERR user_script:1: attempt to index a nil value")

    monkeypatch.setattr(keys, "run", wrong)
    with pytest.raises(redis.ResponseError):
        shop.get("/api/v1/orders/settlement/")
