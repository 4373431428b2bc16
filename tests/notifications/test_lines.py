"""A round goes line by line: one that does not answer holds up no other, and is left alone for a while."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis.exceptions import ConnectionError as RedisDown

from apps.notifications import store
from apps.notifications.exceptions import Undelivered
from apps.notifications.models import WebhookEndpoint
from apps.notifications.services import (
    send_notifications,
)
from tests.notifications.conftest import Clock, Servers, new_endpoint, states, tell

pytestmark = pytest.mark.django_db


def test_a_dead_endpoint_does_not_hold_up_the_others(servers: Servers, clock: Clock) -> None:
    dead, _ = new_endpoint(), new_endpoint()
    servers.failures[dead.url] = Undelivered("It does not answer in time", is_down=True)
    for _ in range(5):
        tell()
    assert send_notifications() == 6
    assert [url for url, _ in servers.received].count(dead.url) == 1
    clock.advance(timedelta(seconds=31))
    assert send_notifications() == 0, "it is left alone"
    store.resume(f"webhook:{dead.pk}")
    servers.failures.clear()
    assert send_notifications() == 5
    assert set(states()) == {"sent"}


def test_whoever_refuses_three_running_is_left_alone(
    endpoint: WebhookEndpoint, servers: Servers
) -> None:
    servers.failures[endpoint.url] = Undelivered("It answers 500.")
    for _ in range(5):
        tell()
    assert send_notifications() == 3
    assert states() == ["failed"] * 3 + ["queued"] * 2
    assert send_notifications() == 0


def test_a_long_line_is_served_in_parts(
    endpoint: WebhookEndpoint, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.notifications.services.rounds.BATCH", 2)
    other = new_endpoint()
    for _ in range(3):
        tell()
    assert send_notifications() == 4
    assert {url for url, _ in servers.received} == {endpoint.url, other.url}
    assert send_notifications() == 2


def test_without_redis_nobody_is_left_alone(
    endpoint: WebhookEndpoint, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(alias: str) -> Any:
        raise RedisDown

    monkeypatch.setattr(store, "connection", down)
    servers.failures[endpoint.url] = Undelivered("no", is_down=True)
    for _ in range(2):
        tell()
    assert (send_notifications(), send_notifications(), send_notifications()) == (1, 1, 0)


def test_what_a_round_costs(switch_on: Callable, servers: Servers) -> None:
    with CaptureQueriesContext(connection) as idle:
        send_notifications()
    assert len(idle) == 1
    for _ in range(2):
        new_endpoint()
    for _ in range(5):
        tell()
    with CaptureQueriesContext(connection) as busy:
        assert send_notifications() == 10
    assert len(busy) == 1 + 2 + 10 * 2
