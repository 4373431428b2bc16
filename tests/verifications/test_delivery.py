"""How an SMS leaves: the job that sends it, what happens when nobody will, and what the logs say of it."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.checks import run_checks

from apps.core.redis import connection, key
from apps.core.store import Limit
from apps.verifications import checks, gateways, store
from apps.verifications.exceptions import SMSRefused, SMSUndelivered
from apps.verifications.gateways.console import ConsoleGateway
from apps.verifications.models import Purpose, masked
from apps.verifications.services import send_sms_code, take_sms_code
from apps.verifications.tasks import deliver_sms_code
from tests.conftest import Phones

MOBILE = "13900000001"


class Failing:
    """A gateway that fails so many times before it sends."""

    def __init__(self, failure: type[SMSUndelivered], times: int) -> None:
        self.failure, self.left, self.codes = failure, times, list[str]()

    def send_code(self, mobile: str, code: str, *, purpose: Purpose) -> None:
        self.codes.append(code)
        if self.left:
            self.left -= 1
            raise self.failure("down")


@pytest.fixture
def retries_stay_inside() -> Iterator[None]:
    """To Celery a retry is an exception, which in tests would reach whoever sent the task."""
    conf = deliver_sms_code.app.conf
    conf.task_eager_propagates = False
    yield
    conf.task_eager_propagates = True


@pytest.fixture
def failing(retries_stay_inside: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Failing]:
    def failing(failure: type[SMSUndelivered] = SMSUndelivered, *, times: int = 99) -> Failing:
        gateway = Failing(failure, times)
        monkeypatch.setattr(gateways, "sms", lambda: gateway)
        return gateway

    return failing


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seconds between the tries."""
    waits: list[int] = []
    retry = deliver_sms_code.retry

    def noting(*args: Any, countdown: int, **kwargs: Any) -> Any:
        waits.append(countdown)
        return retry(*args, countdown=countdown, **kwargs)

    monkeypatch.setattr(deliver_sms_code, "retry", noting)
    return waits


def send() -> None:
    send_sms_code(MOBILE, purpose=Purpose.SIGN_UP, address="1.2.3.4")


def spent(limit: Limit, subject: str = MOBILE) -> int:
    return int(connection("codes").get(limit._key(subject)) or 0)


def test_a_gateway_that_fails_at_first_is_tried_again(failing: Callable, waits: list[int]) -> None:
    gateway = failing(times=2)
    send()
    assert (len(gateway.codes), waits) == (3, [2, 4])
    assert spent(store.SMS_PER_MOBILE) == 1
    take_sms_code(MOBILE, gateway.codes[-1], purpose=Purpose.SIGN_UP)


def test_after_three_more_tries_the_mobile_may_ask_again(
    failing: Callable, waits: list[int]
) -> None:
    gateway = failing()
    send()
    assert (len(gateway.codes), waits) == (4, [2, 4, 8])
    assert (spent(store.SMS_PER_MOBILE), spent(store.SMS_PER_MOBILE_AND_DAY)) == (0, 0)
    assert spent(store.SMS_PER_ADDRESS, "1.2.3.4") == 1
    send()


def test_what_was_refused_is_not_tried_again(failing: Callable, waits: list[int]) -> None:
    gateway = failing(SMSRefused)
    send()
    assert (len(gateway.codes), waits) == (1, [])
    assert spent(store.SMS_PER_MOBILE) == 0


def test_a_failure_is_logged_without_the_code_and_the_whole_mobile(
    failing: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = failing()
    send()
    assert "The SMS code for 139****0001 was not sent." in caplog.messages
    assert MOBILE not in caplog.text
    assert gateway.codes[0] not in caplog.text


def test_a_success_is_logged_without_them_too(
    phones: Phones, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    send()
    assert phones.code(MOBILE) not in caplog.text
    assert MOBILE not in caplog.text


def test_the_code_does_not_travel_through_the_broker(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple] = []
    monkeypatch.setattr(deliver_sms_code, "delay", lambda *args: sent.append(args))
    send()
    assert sent == [(MOBILE, Purpose.SIGN_UP)]


def test_a_code_that_expired_in_the_queue_is_not_sent(phones: Phones) -> None:
    send()
    connection("codes").delete(key(f"code:sms:sign_up:{MOBILE}"))
    deliver_sms_code(MOBILE, "sign_up")
    assert len(phones.received) == 1


def test_a_mobile_is_masked() -> None:
    assert masked("13812340001") == "138****0001"


class TestConsole:
    def test_the_developer_reads_number_and_code(
        self, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.DEBUG = True
        ConsoleGateway().send_code(MOBILE, "735182", purpose=Purpose.RESET)
        (record,) = caplog.records
        assert record.levelno == logging.WARNING  # the worker of `make run` shows nothing below
        assert record.getMessage() == f"SMS to {MOBILE} (reset): your code is 735182"

    def test_and_what_buyers_are_told(
        self, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        notice = {"template": "SMS_9", "parameters": {}, "text": "已发货", "number": "0197"}
        with pytest.raises(SMSRefused):
            ConsoleGateway().send_notice(MOBILE, **notice)
        settings.DEBUG = True
        ConsoleGateway().send_notice(MOBILE, **notice)
        assert caplog.messages == [f"SMS to {MOBILE} (SMS_9): 已发货"]

    def test_nobody_else_does(self, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
        settings.DEBUG = False
        with pytest.raises(SMSRefused):
            ConsoleGateway().send_code(MOBILE, "735182", purpose=Purpose.RESET)
        assert caplog.records == []


class TestSettings:
    @pytest.fixture(autouse=True)
    def gateway_anew(self) -> Iterator[None]:
        gateways.sms.cache_clear()
        yield
        gateways.sms.cache_clear()

    def found(self) -> list[str | None]:
        return [message.id for message in run_checks(tags=["verifications"])]

    def test_a_laptop_has_the_console_and_nothing_to_say(self) -> None:
        assert isinstance(gateways.sms(), ConsoleGateway)
        assert self.found() == []

    def test_there_is_no_third(self, settings: Any) -> None:
        settings.SMS_GATEWAY = "pigeon"
        assert self.found() == ["verifications.E001"]

    def test_a_shop_that_goes_live_is_told_that_no_sms_leaves(self, settings: Any) -> None:
        assert [each.id for each in checks.check_sms_deployment(None)] == ["verifications.W001"]
        settings.SMS_GATEWAY = "aliyun"
        assert list(checks.check_sms_deployment(None)) == []

    def test_what_aliyun_needs_is_named(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.SMS_GATEWAY = "aliyun"
        monkeypatch.setattr(checks, "find_spec", lambda name: None)
        messages = list(checks.check_sms(None))
        assert [message.id for message in messages] == ["verifications.E002"] + [
            "verifications.E003"
        ] * 4
        assert "requirements-aliyun.txt" in messages[0].hint
        assert [message.msg.split()[-4] for message in messages[1:]] == [
            "ALIYUN_SMS_ACCESS_KEY_ID",
            "ALIYUN_SMS_ACCESS_KEY_SECRET",
            "ALIYUN_SMS_SIGN_NAME",
            "ALIYUN_SMS_TEMPLATE",
        ]

    def test_aliyun_with_all_it_needs(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.SMS_GATEWAY = "aliyun"
        settings.ALIYUN_SMS = dict.fromkeys(settings.ALIYUN_SMS, "x")
        monkeypatch.setattr(checks, "find_spec", lambda name: object())
        assert list(checks.check_sms(None)) == []
