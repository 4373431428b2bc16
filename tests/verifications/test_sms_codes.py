"""Codes by SMS: who gets one, how often, and what it is good for."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from kombu.exceptions import OperationalError
from rest_framework.test import APIClient

from apps.core.exceptions import TooManyRequests
from apps.core.redis import connection, key
from apps.core.store import Limit
from apps.verifications import store
from apps.verifications.exceptions import WrongSMSCode
from apps.verifications.services import (
    Purpose,
    issue_sms_ticket,
    send_sms_code,
    take_sms_code,
)
from apps.verifications.tasks import deliver_sms_code
from tests.conftest import Phones
from tests.core.refusals import invalid, redis_down, refused
from tests.verifications.conftest import API, picture, shown, sms_codes
from tests.verifications.together import at_once

MOBILE = "13900000001"
OTHER = "13900000002"
RESET = f"{API}sms_codes/"


@pytest.fixture
def ask(api: APIClient) -> Callable[..., Any]:
    """Ask for a code as the register page does: with a picture of one's own, read correctly."""

    def ask(mobile: str = MOBILE, *, at: str = "1.2.3.4", **changed: str) -> Any:
        image_code_id = picture()
        answer = {"image_code_id": image_code_id, "text": shown(image_code_id), **changed}
        return api.get(sms_codes(mobile), answer, REMOTE_ADDR=at)

    return ask


def send(mobile: str = MOBILE, purpose: Purpose = Purpose.SIGN_UP) -> None:
    """Send a code, as if the last one had been sent a minute ago."""
    store.SMS_PER_MOBILE.lift(mobile)
    send_sms_code(mobile, purpose=purpose, address="1.2.3.4")


def take(code: str, mobile: str = MOBILE, purpose: Purpose = Purpose.SIGN_UP) -> bool:
    try:
        take_sms_code(mobile, code, purpose=purpose)
    except WrongSMSCode:
        return False
    return True


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def keys() -> dict[bytes, Any]:
    """Everything in Redis, without the counts of pictures drawn."""
    redis = connection("codes")
    names = (name for name in redis.scan_iter(key("*")) if b"images-per" not in name)
    return {name: redis.dump(name) for name in names}


class TestRegistration:
    def test_whoever_reads_the_picture_gets_six_digits(self, ask: Callable, phones: Phones) -> None:
        answer = ask()
        assert (answer.status_code, answer.json()) == (200, {"message": "OK"})
        ((mobile, code, purpose),) = phones.received
        assert (mobile, purpose) == (MOBILE, Purpose.SIGN_UP)
        assert re.fullmatch("[0-9]{6}", code)
        take_sms_code(MOBILE, code, purpose=Purpose.SIGN_UP)

    def test_a_wrong_text_sends_nothing_and_costs_the_picture(
        self, ask: Callable, phones: Phones
    ) -> None:
        before = keys()
        refused(ask(text="----"), status=400, code="wrong_image_code")
        assert keys() == before
        assert phones.received == []
        assert ask().status_code == 200

    def test_too_early_costs_no_picture(
        self, ask: Callable, api: APIClient, phones: Phones
    ) -> None:
        ask()
        image_code_id = picture()
        answer = {"image_code_id": image_code_id, "text": shown(image_code_id)}
        early = api.get(sms_codes(MOBILE), answer)
        refused(early, status=429, code="too_many_requests")
        assert 0 < int(early["Retry-After"]) <= 60
        store.SMS_PER_MOBILE.lift(MOBILE)
        assert api.get(sms_codes(MOBILE), answer).status_code == 200

    @pytest.mark.parametrize("field", ["text", "image_code_id"])
    @pytest.mark.parametrize("value", [None, "", "\0", "A" * 10_000, "<b>' OR 1=1--", "😀" * 21])
    def test_a_bad_answer_is_a_400_and_keeps_the_picture(
        self, field: str, value: str | None, api: APIClient, phones: Phones
    ) -> None:
        image_code_id = picture()
        answer = {"image_code_id": image_code_id, "text": shown(image_code_id), field: value}
        wanted = {name: text for name, text in answer.items() if text is not None}
        if (field, value) == ("text", "<b>' OR 1=1--"):
            refused(api.get(sms_codes(MOBILE), wanted), status=400, code="wrong_image_code")
        else:
            invalid(api.get(sms_codes(MOBILE), wanted), field)
            assert shown(image_code_id)
        assert phones.received == []

    @pytest.mark.parametrize(
        "mobile", ["12900000001", "1390000000", "139000000011", "139０0000001", "abc", "139000%0A"]
    )
    def test_what_is_no_mobile_has_no_address(self, mobile: str, api: APIClient) -> None:
        refused(api.get(sms_codes(mobile)), status=404, code="not_found")


class TestPasswordReset:
    def test_the_ticket_sends_a_code_for_a_new_password(
        self, api: APIClient, phones: Phones
    ) -> None:
        answer = api.get(RESET, {"access_token": issue_sms_ticket(MOBILE)})
        assert (answer.status_code, answer.json()) == (200, {"message": "OK"})
        ((mobile, code, purpose),) = phones.received
        assert (mobile, purpose) == (MOBILE, Purpose.RESET)
        assert not take(code)
        assert take(code, purpose=Purpose.RESET)

    def test_a_ticket_may_be_used_again_once_the_minute_is_over(
        self, api: APIClient, phones: Phones
    ) -> None:
        ticket = issue_sms_ticket(MOBILE)
        api.get(RESET, {"access_token": ticket})
        early = api.get(RESET, {"access_token": ticket})
        refused(early, status=429, code="too_many_requests")
        store.SMS_PER_MOBILE.lift(MOBILE)
        assert api.get(RESET, {"access_token": ticket}).status_code == 200
        assert len(phones.received) == 2

    def test_nobody_can_read_the_mobile_from_a_ticket(self) -> None:
        tickets = {issue_sms_ticket(MOBILE) for _ in range(2)}
        assert len(tickets) == 2
        assert all(len(ticket) == 43 for ticket in tickets)  # 32 random bytes and nothing else

    def test_a_ticket_is_good_for_ten_minutes(self) -> None:
        ticket = issue_sms_ticket(MOBILE)
        assert 595 < connection("codes").ttl(key(f"code:ticket:{ticket}")) <= 600

    @pytest.mark.parametrize("ticket", ["x", "字", "*", "😀", "<b>", "' OR 1=1--", "a:b"])
    def test_a_ticket_that_nobody_was_given(
        self, ticket: str, api: APIClient, phones: Phones
    ) -> None:
        issue_sms_ticket(MOBILE)
        before = keys()
        refused(api.get(RESET, {"access_token": ticket}), status=400, code="wrong_sms_ticket")
        assert (keys(), phones.received) == (before, [])

    def test_no_ticket_at_all(self, api: APIClient) -> None:
        for query in (
            {},
            {"access_token": ""},
            {"access_token": "\0"},
            {"access_token": "a" * 999},
        ):
            invalid(api.get(RESET, query), "access_token")


class TestTaking:
    def test_it_is_good_for_five_minutes(self, phones: Phones) -> None:
        send()
        assert 295 < connection("codes").ttl(key(f"code:sms:sign_up:{MOBILE}")) <= 300

    def test_it_works_once(self, phones: Phones) -> None:
        send()
        assert [take(phones.code(MOBILE)) for _ in range(2)] == [True, False]

    def test_only_for_the_mobile_it_was_sent_to(self, phones: Phones) -> None:
        send()
        assert not take(phones.code(MOBILE), OTHER)

    @pytest.mark.parametrize("purpose", Purpose)
    def test_only_for_what_it_was_sent_for(self, purpose: Purpose, phones: Phones) -> None:
        send(purpose=purpose)
        (other,) = set(Purpose) - {purpose}
        assert not take(phones.code(MOBILE), purpose=other)
        assert take(phones.code(MOBILE), purpose=purpose)

    def test_a_new_one_replaces_the_one_before(self, phones: Phones) -> None:
        codes = set()
        while len(codes) < 2:  # the same digits twice are possible
            send()
            codes.add(phones.code(MOBILE))
        (old,) = codes - {phones.code(MOBILE)}
        assert not take(old)
        assert take(phones.code(MOBILE))

    @pytest.mark.parametrize(("wrong", "good"), [(4, True), (5, False)])
    def test_the_sixth_try_fails_even_with_the_right_code(
        self, wrong: int, good: bool, phones: Phones
    ) -> None:
        send()
        code = phones.code(MOBILE)
        assert not any(take(another(code)) for _ in range(wrong))
        assert take(code) is good

    def test_a_new_code_has_all_its_tries(self, phones: Phones) -> None:
        send()
        for _ in range(4):
            take(another(phones.code(MOBILE)))
        send()
        for _ in range(4):
            take(another(phones.code(MOBILE)))
        assert take(phones.code(MOBILE))

    def test_tries_do_not_make_it_last_longer(self, phones: Phones) -> None:
        send()
        connection("codes").expire(key(f"code:sms:sign_up:{MOBILE}"), timedelta(seconds=9))
        take(another(phones.code(MOBILE)))
        assert connection("codes").ttl(key(f"code:sms:sign_up:{MOBILE}")) <= 9

    def test_a_guesser_leaves_nothing_behind(self) -> None:
        assert not take("123456")
        assert keys() == {}

    @pytest.mark.parametrize(
        "code", ["", "12345", "1234567", "１２３４５６", "12345\n", "\0", "\ud800"]
    )
    def test_what_is_no_code_is_merely_wrong(self, code: str, phones: Phones) -> None:
        send()
        assert not take(code)
        assert take(phones.code(MOBILE))


class TestAtOnce:
    """Eight at the same moment; each with a control that shows what would go wrong."""

    def test_the_right_code_is_taken_by_one(self, phones: Phones) -> None:
        send()
        code = phones.code(MOBILE)
        assert sum(at_once(8, lambda barrier: take(code))) == 1

    def test_eight_wrong_guesses_are_five_tries(self, phones: Phones) -> None:
        send()
        code = phones.code(MOBILE)
        at_once(8, lambda barrier: take(another(code)))
        assert not take(code)

    def test_one_mobile_gets_one_sms(self, ask: Callable, phones: Phones) -> None:
        answers = at_once(8, lambda barrier: ask().status_code)
        assert sorted(answers) == [200] + [429] * 7
        assert len(phones.received) == 1

    def test_asking_first_and_setting_afterwards_sends_eight(
        self, ask: Callable, phones: Phones, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The control: the flag as it was set once, with nobody in a hurry between the two."""

        def look_then_set(limit: Limit, subject: str) -> None:
            redis = connection("codes")
            seen = redis.get(limit._key(subject))
            if limit is store.SMS_PER_MOBILE:
                midst.wait(timeout=10)
            if seen and int(seen) >= limit.times:
                raise TooManyRequests(retry_after=limit.seconds)
            redis.set(limit._key(subject), 1, ex=limit.seconds)

        def naive(barrier: Any) -> int:
            nonlocal midst
            midst = barrier
            return ask().status_code

        midst: Any = None
        monkeypatch.setattr(Limit, "spend", look_then_set)
        assert at_once(8, naive) == [200] * 8
        assert len(phones.received) == 8


class TestLimits:
    def test_one_mobile_per_minute_whatever_for_and_from_wherever(
        self, ask: Callable, api: APIClient, phones: Phones
    ) -> None:
        ask()
        refused(ask(at="5.6.7.8"), status=429, code="too_many_requests")
        reset = api.get(RESET, {"access_token": issue_sms_ticket(MOBILE)})
        refused(reset, status=429, code="too_many_requests")
        assert ask(OTHER).status_code == 200
        assert [mobile for mobile, _, _ in phones.received] == [MOBILE, OTHER]

    def test_a_mobile_gets_ten_a_day(self, ask: Callable, phones: Phones) -> None:
        for _ in range(10):
            assert ask().status_code == 200
            store.SMS_PER_MOBILE.lift(MOBILE)
        answer = ask()
        refused(answer, status=429, code="too_many_requests")
        assert 86_000 < int(answer["Retry-After"]) <= 86_400
        assert len(phones.received) == 10

    def test_an_address_gets_sixty_an_hour(self, ask: Callable, phones: Phones) -> None:
        for _ in range(59):
            store.SMS_PER_ADDRESS.spend("1.2.3.4")
        assert ask("13900000060").status_code == 200
        refused(ask("13900000061"), status=429, code="too_many_requests")
        assert ask("13900000061", at="5.6.7.8").status_code == 200

    def test_who_asks_too_often_uses_up_nothing(self, ask: Callable, phones: Phones) -> None:
        ask()
        before = keys()
        for _ in range(3):
            ask()
        after = {name: value for name, value in keys().items() if b"code:image" not in name}
        assert after == before


def test_without_redis_nothing_is_sent(api: APIClient, phones: Phones) -> None:
    answer = {"image_code_id": picture(), "text": "AAAA"}
    ticket = issue_sms_ticket(MOBILE)
    with redis_down():
        refused(api.get(sms_codes(MOBILE), answer), status=503, code="unavailable")
        refused(api.get(RESET, {"access_token": ticket}), status=503, code="unavailable")
    assert phones.received == []


def test_without_a_broker_the_mobile_may_ask_again(
    ask: Callable, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*args: Any) -> None:
        raise OperationalError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deliver_sms_code, "delay", lost)
        answer = ask()
    refused(answer, status=503, code="unavailable")
    assert ask().status_code == 200
