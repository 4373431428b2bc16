"""The operators hear of an error once an hour, not once a request, and no request waits for their mail."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework.test import APIClient

from apps.core.error_mails import LIMIT, ErrorMailHandler
from apps.core.tasks import run_command
from apps.payment.exceptions import Rejected
from tests.core.urls import FAILURES

pytestmark = pytest.mark.urls("tests.core.urls")

LOGGERS = ["django", "apps.core.problems"]


@pytest.fixture(autouse=True)
def handler(settings: Any) -> Iterator[ErrorMailHandler]:
    """Where production has it, and fresh: what another test logged is not remembered."""
    settings.ADMINS = [("", "operator@example.com")]
    handler = ErrorMailHandler()
    handler.setLevel(logging.ERROR)
    with pytest.MonkeyPatch.context() as patch:
        for name in LOGGERS:
            patch.setattr(logging.getLogger(name), "handlers", [handler])
        yield handler


@pytest.fixture
def client() -> APIClient:
    return APIClient(raise_request_exception=False)


def mails() -> list[str]:
    for thread in threading.enumerate():
        if thread.name == "error-mail":
            thread.join()
    return [it.subject for it in mail.outbox]


def test_the_same_error_a_hundred_times_is_one_mail(client: APIClient) -> None:
    for _ in range(100):
        client.get("/api/failing/bug/")
    assert len(mails()) == 1
    assert "ZeroDivisionError" in str(mail.outbox[0].body)


def test_another_kind_is_another_mail(client: APIClient) -> None:
    for path in ("/api/failing/bug/", "/buggy/", "/api/failing/gateway/"):
        client.get(path)
    assert len(mails()) == 3


@pytest.mark.parametrize("path", ["/api/failing/gateway/", "/api/failing/redis-timeout/"])
def test_an_outage_is_told_once_with_its_cause(path: str, client: APIClient) -> None:
    client.get(path)
    client.get(path)
    assert len(mails()) == 1
    assert f"GET {path}" not in mails()[0]
    assert path in str(mail.outbox[0].body)


def test_what_a_provider_refuses_a_buyer_mails_nobody(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: Callable[[], Exception] = lambda: Rejected("PARAM_ERROR", "", "openid")  # noqa: E731
    monkeypatch.setitem(FAILURES, "gateway", refused)
    assert client.get("/api/failing/gateway/").status_code == 502
    assert mails() == []


def test_nor_does_a_host_that_is_none_of_ours(client: APIClient, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["mall.example"]
    assert client.get("/api/v1/index/", HTTP_HOST="evil.example").status_code == 400
    assert mails() == []


def test_processes_count_together(client: APIClient) -> None:
    client.get("/api/failing/bug/")
    for name in LOGGERS:
        logging.getLogger(name).handlers[:] = [ErrorMailHandler()]
    client.get("/api/failing/bug/")
    assert len(mails()) == 1


def test_without_redis_each_counts_for_itself(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(self: object, subject: str) -> None:
        raise RedisConnectionError

    monkeypatch.setattr(type(LIMIT), "spend", down)
    client.get("/api/failing/bug/")
    client.get("/api/failing/bug/")
    assert len(mails()) == 1


def test_no_request_waits_for_the_mail_server(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    def slow(*args: Any) -> None:
        answered.wait(5)
        raise OSError("no mail server")

    monkeypatch.setattr("apps.core.error_mails.mail.mail_admins", slow)
    before = time.monotonic()
    assert client.get("/api/failing/bug/").status_code == 500
    assert time.monotonic() - before < 2
    answered.set()
    assert mails() == []


class TestJobs:
    """A job that breaks has nobody waiting for its answer."""

    @pytest.fixture
    def broken(self, handler: ErrorMailHandler, monkeypatch: pytest.MonkeyPatch) -> Callable:
        monkeypatch.setattr(logging.getLogger("celery.app.trace"), "handlers", [handler])

        def run(command: str, failure: Exception) -> None:
            def break_off(name: str) -> None:
                raise failure

            monkeypatch.setattr("apps.core.tasks.call_command", break_off)
            run_command.apply(args=[command], throw=False)

        return run

    def test_each_is_told_once(self, broken: Callable) -> None:
        for _ in range(3):
            broken("nightly_audit", ZeroDivisionError("by night"))
        assert len(mails()) == 1
        assert "by night" in str(mail.outbox[0].body)
        broken("nightly_audit", ValueError("another"))
        assert len(mails()) == 2

    @pytest.mark.parametrize("outage", [OperationalError("gone"), RedisConnectionError("gone")])
    def test_an_outage_is_told_once_for_all_jobs(self, outage: Exception, broken: Callable) -> None:
        for command in ("nightly_audit", "poll_payments", "send_refunds"):
            broken(command, outage)
        assert len(mails()) == 1

    @pytest.mark.parametrize("name", ["celery.app.trace", "celery.worker.request"])
    def test_production_has_it_there(self, name: str, settings: Any) -> None:
        assert settings.LOGGING["loggers"][name]["handlers"] == ["mail_admins"]
