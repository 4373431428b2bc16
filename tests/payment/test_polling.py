"""A notice that never comes is made good by asking."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from rest_framework.test import APIClient

from apps.core.tasks import run_command
from apps.orders.models import OrderInfo
from apps.payment.models import Payment
from apps.payment.services import poll_due_payments
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(sandbox: Any, shop: APIClient, order: OrderInfo) -> str:
    return shop.get(f"/api/v1/orders/{order.pk}/payment/").json()["alipay_url"]


def test_a_lost_notice_is_found_by_the_beat_job(
    sandbox: Callable, link: str, order: OrderInfo, later: Callable
) -> None:
    sandbox(link, "pay")
    with unchanged():
        run_command("poll_payments")
    later(timedelta(seconds=6))
    run_command("poll_payments")
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND
    with unchanged():
        run_command("poll_payments")
    call_command("audit")


def test_the_times_of_asking(link: str, later: Callable) -> None:
    """5 s, 30 s, 1, 3, 5, 10, 30 min after the start, at its expiry, and once a minute later."""
    OrderInfo.objects.update(expires_at=F("expires_at") + timedelta(hours=1))
    Payment.objects.update(expires_at=F("expires_at") + timedelta(hours=1))
    payment = Payment.objects.get()
    start, expiry = payment.create_time, payment.expires_at
    times: list[timedelta] = []
    while (due := Payment.objects.get().next_query_at) is not None:
        times.append(due - start)
        later(due - timezone.now() + timedelta(milliseconds=500))
        assert poll_due_payments() == 1
        assert poll_due_payments() == 0
    end = (expiry - start).total_seconds()
    expected = [5, 30, 60, 180, 300, 600, 1800, 3600, end, end + 60]
    assert [each.total_seconds() for each in times] == pytest.approx(expected, abs=2)
    assert Payment.objects.get().state == "closed"
    assert Payment.objects.get().queries == len(times)


def test_after_a_day_without_workers_everything_is_asked_at_once(
    sandbox: Callable, link: str, order: OrderInfo, later: Callable
) -> None:
    sandbox(link, "pay")
    later(timedelta(days=1))
    assert poll_due_payments() == 1
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND


def test_a_provider_that_is_down_is_asked_again(
    gateway_at: Callable, link: str, later: Callable
) -> None:
    gateway_at("http://127.0.0.1:1/gateway.do")
    later(timedelta(seconds=6))
    assert poll_due_payments() == 1
    payment = Payment.objects.get()
    assert payment.state == "pending"
    assert payment.next_query_at is not None


def test_an_unclear_last_answer_is_not_the_last(
    gateway_at: Callable, link: str, later: Callable
) -> None:
    """Whoever has paid in the last minute must not be forgotten because Alipay was down just then."""
    gateway_at("http://127.0.0.1:1/gateway.do")
    later(timedelta(hours=2))
    assert poll_due_payments() == 1
    assert Payment.objects.get().next_query_at > timezone.now()
    later(timedelta(minutes=31))
    assert poll_due_payments() == 1


def test_only_what_is_on_the_schedule_is_run() -> None:
    with pytest.raises(ValueError, match="flush"):
        run_command("flush")


def test_an_attempt_that_another_worker_has_claimed(link: str) -> None:
    payment = Payment.objects.get()
    stale = Payment.objects.get()
    at: datetime = timezone.now()
    assert Payment.objects.claim(payment, at=at, next_query_at=at)
    assert not Payment.objects.claim(stale, at=at, next_query_at=at)
