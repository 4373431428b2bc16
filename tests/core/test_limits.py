"""Limits by subject, and whose address they count."""

from typing import Any

import pytest
from django.test import RequestFactory

from apps.core.clients import client_address
from apps.core.exceptions import TooManyRequests
from apps.core.redis import connection
from apps.core.store import Limit

TWICE = Limit("test", times=2, seconds=60)


def test_one_more_than_the_limit_is_refused_with_the_seconds_left() -> None:
    TWICE.spend("a")
    TWICE.spend("a")
    with pytest.raises(TooManyRequests) as refusal:
        TWICE.spend("a")
    assert 0 < refusal.value.extra["retry_after"] <= 60


def test_every_subject_has_its_own_window() -> None:
    TWICE.spend("a")
    TWICE.spend("a")
    TWICE.spend("b")


def test_refusals_do_not_make_the_window_longer() -> None:
    for _ in range(2):
        TWICE.spend("a")
    connection("codes").pexpire(TWICE._key("a"), 5_000)
    with pytest.raises(TooManyRequests) as refusal:
        TWICE.spend("a")
    assert refusal.value.extra["retry_after"] <= 5


def test_looking_counts_nothing() -> None:
    for _ in range(5):
        TWICE.check("a")
    TWICE.spend("a")
    TWICE.check("a")
    TWICE.spend("a")
    with pytest.raises(TooManyRequests) as refusal:
        TWICE.check("a")
    assert 0 < refusal.value.extra["retry_after"] <= 60


def test_what_is_given_back_may_be_spent_again_in_the_same_window() -> None:
    for _ in range(2):
        TWICE.spend("a")
    connection("codes").pexpire(TWICE._key("a"), 5_000)
    TWICE.give_back("a")
    TWICE.spend("a")
    with pytest.raises(TooManyRequests) as refusal:
        TWICE.spend("a")
    assert refusal.value.extra["retry_after"] <= 5


def test_nothing_can_be_given_back_that_was_not_spent() -> None:
    TWICE.give_back("a")
    assert connection("codes").get(TWICE._key("a")) is None
    TWICE.spend("a")
    for _ in range(3):
        TWICE.give_back("a")
    for _ in range(2):
        TWICE.spend("a")
    with pytest.raises(TooManyRequests):
        TWICE.spend("a")


def test_a_lifted_limit_starts_anew() -> None:
    for _ in range(2):
        TWICE.spend("a")
    TWICE.lift("a")
    TWICE.spend("a")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "10.0.0.9"),
        (0, "1.2.3.4", "10.0.0.9"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.8", "1.2.3.4"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002::/64"),
        (1, "::ffff:1.2.3.4", "1.2.3.4"),
        (1, "1.2.3.4:5678", "1.2.3.4"),
        (1, "[2001:db8:1:2:3:4:5:6]:5678", "2001:0db8:0001:0002::/64"),
        (1, "[2001:db8:1:2:3:4:5:6]", "2001:0db8:0001:0002::/64"),
        (1, "not an address", "unknown"),
        (1, "[]:1", "unknown"),
    ],
)
def test_only_our_own_proxies_are_believed(
    settings: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory(REMOTE_ADDR="10.0.0.9").get("/", headers=headers)
    assert client_address(request) == address
