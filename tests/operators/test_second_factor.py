"""Codes from the operator's phone: set up by one, asked for at each login, each good for once."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from apps.operators.exceptions import WrongOldCode
from apps.operators.models import LoginEvent
from apps.operators.services import second_factor
from apps.users.models import User
from tests.factories import UserFactory
from tests.operators.conftest import HOME, group, log_in

pytestmark = pytest.mark.django_db

CODE, ENROL = "/admin/code/", "/admin/second-factor/"
SKUS = "/admin/goods/sku/"


class Clock:
    """Half a minute is one step of a code."""

    def __init__(self) -> None:
        self.now = float(int(time.time()) // 30 * 30 + 1)

    def time(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time.time", clock.time)
    return clock


@pytest.fixture
def code(clock: Clock) -> Callable[[str], str]:
    """What an app with this secret shows now."""

    def made(key: str) -> str:
        one = TOTP(bytes.fromhex(key))
        one.time = clock.now
        return f"{one.token():06d}"

    return made


def enrolled(client: Client, code: Callable[[str], str]) -> str:
    """Set up the second factor of who is logged in; its secret."""
    client.get(ENROL)
    key: str = client.session["operators.new_key"]
    answer = client.post(ENROL, {"code": code(key)})
    assert answer.status_code == 302
    return key


def outcomes() -> list[str]:
    return list(LoginEvent.objects.order_by("pk").values_list("outcome", flat=True))


def said(answer: Any) -> list[str]:
    return list(answer.context["form"].errors.get("code", []))


def test_setting_it_up(operator: User, client: Client, code: Callable[[str], str]) -> None:
    log_in(client)
    html = client.get(ENROL).content.decode()
    assert '<img src="data:image/svg+xml' in html
    key = client.session["operators.new_key"]
    assert second_factor.typed_key(key) in html
    wrong = f"{(int(code(key)) + 1) % 10**6:06d}"
    assert said(client.post(ENROL, {"code": wrong}))
    assert not TOTPDevice.objects.exists()
    assert client.post(ENROL, {"code": code(key)}).status_code == 302
    device = TOTPDevice.objects.get()
    assert (device.user, device.key, device.confirmed) == (operator, key, True)
    assert client.get(SKUS).status_code == 200  # who proved to have it is in
    assert "operators.new_key" not in client.session


def test_setting_it_up_is_written_down_and_mailed(
    operator: User,
    code: Callable[[str], str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    User.objects.filter(pk=operator.pk).update(email="operator@example.com")
    desk = Client(REMOTE_ADDR="203.0.113.7")
    log_in(desk)
    with django_capture_on_commit_callbacks(execute=True):
        enrolled(desk, code)
    event = LoginEvent.objects.order_by("pk").last()
    assert event is not None
    assert (event.outcome, event.user, event.address) == ("enrolled", operator, "203.0.113.7")
    (told,) = mail.outbox
    assert told.to == ["operator@example.com"]
    assert "203.0.113.7" in told.body


class TestAnotherPhone:
    """Takes the place of the first against a code of the first: a browser left open is not enough."""

    @pytest.fixture
    def first(self, operator: User, client: Client, code: Callable, clock: Clock) -> str:
        User.objects.filter(pk=operator.pk).update(email="operator@example.com")
        log_in(client)
        key = enrolled(client, code)
        clock.now += 30
        client.get(ENROL)
        return key

    @pytest.mark.parametrize("typed", [{}, {"old_code": ""}, {"old_code": "wrong"}])
    def test_without_a_code_of_the_first(
        self, first: str, typed: dict, client: Client, code: Callable
    ) -> None:
        typed = {**typed, "code": code(client.session["operators.new_key"])}
        answer = client.post(ENROL, typed)
        assert answer.context["form"].errors["old_code"]
        assert TOTPDevice.objects.get().key == first
        assert "replaced" not in outcomes()
        assert client.session["operators.new_key"]

    def test_guesses_are_written_down_and_have_to_wait(
        self, first: str, client: Client, code: Callable
    ) -> None:
        wrong = f"{(int(code(first)) + 500_000) % 10**6:06d}"
        for typed in (wrong, code(first)):
            new = code(client.session["operators.new_key"])
            answer = client.post(ENROL, {"old_code": typed, "code": new})
            assert answer.context["form"].errors["old_code"]
        assert outcomes()[-2:] == ["wrong_code", "throttled"]
        assert TOTPDevice.objects.get().key == first

    def test_with_one(
        self,
        first: str,
        client: Client,
        code: Callable,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        key = client.session["operators.new_key"]
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(ENROL, {"old_code": code(first), "code": code(key)})
        assert answer.status_code == 302
        assert TOTPDevice.objects.get().key == key != first
        assert outcomes()[-1] == "replaced"
        assert [told.to for told in mail.outbox] == [["operator@example.com"]]
        assert client.get(SKUS).status_code == 200

    def test_set_up_meanwhile_by_another_browser(
        self, operator: User, code: Callable, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither has shown a code of the other's."""
        keys = [second_factor.new_key() for _ in range(2)]
        second_factor.enrol(operator, keys[0], code(keys[0]))
        seen = iter([None])
        real = second_factor.confirmed_device
        monkeypatch.setattr(second_factor, "confirmed_device", lambda user: next(seen, real(user)))
        with pytest.raises(WrongOldCode):
            second_factor.enrol(operator, keys[1], code(keys[1]))
        assert TOTPDevice.objects.get().key == keys[0]


def test_it_is_asked_for_once_set_up(
    operator: User, client: Client, code: Callable[[str], str], clock: Clock
) -> None:
    log_in(client)
    key = enrolled(client, code)
    other = Client()
    log_in(other)
    assert other.get(SKUS)["Location"] == f"{CODE}?next=%2Fadmin%2Fgoods%2Fsku%2F"
    assert other.post("/admin/goods/brand/add/", {"name": "x"}).status_code == 302
    assert other.get(ENROL)["Location"].startswith(CODE)  # nor is another set up in its place
    clock.now += 30
    answer = other.post(f"{CODE}?next={SKUS}", {"code": code(key)})
    assert answer["Location"] == SKUS
    assert other.get(SKUS).status_code == 200
    assert outcomes() == ["password", "enrolled", "password", "code"]


def test_an_older_session_is_asked_too(
    operator: User, client: Client, code: Callable[[str], str]
) -> None:
    elsewhere = Client()
    log_in(elsewhere)
    assert elsewhere.get(SKUS).status_code == 200
    log_in(client)
    enrolled(client, code)
    assert elsewhere.get(SKUS).status_code == 302


def test_a_code_is_good_for_once(
    operator: User, client: Client, code: Callable[[str], str], clock: Clock
) -> None:
    log_in(client)
    key = enrolled(client, code)
    other = Client()
    log_in(other)
    assert said(other.post(CODE, {"code": code(key)}))  # the one that set it up
    clock.now += 3600
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert other.post(CODE, {"code": code(key)}).status_code == 302
    third = Client()
    log_in(third)
    assert said(third.post(CODE, {"code": code(key)})) == ["验证码错误或已使用过"]
    assert third.get(SKUS).status_code == 302


def test_who_guesses_has_to_wait(
    operator: User, client: Client, code: Callable[[str], str], clock: Clock
) -> None:
    log_in(client)
    key = enrolled(client, code)
    other = Client()
    log_in(other)
    clock.now += 30
    wrong = f"{(int(code(key)) + 500_000) % 10**6:06d}"
    TOTPDevice.objects.update(throttling_failure_count=0)
    said(other.post(CODE, {"code": wrong}))
    TOTPDevice.objects.update(throttling_failure_count=10)  # 1024 seconds
    assert said(other.post(CODE, {"code": code(key)})) == ["验证码错误次数过多，请稍后再试"]
    assert other.get(SKUS).status_code == 302
    assert outcomes()[-2:] == ["wrong_code", "throttled"]


@pytest.mark.parametrize(
    "typed", ["", "x", "12345", "1234567", "１２３４５６", "-12345", "1e5   ", "\x00" * 6]
)
def test_what_is_no_code(
    typed: str, operator: User, client: Client, code: Callable[[str], str]
) -> None:
    log_in(client)
    enrolled(client, code)
    other = Client()
    log_in(other)
    answer = other.post(CODE, {"code": typed})
    assert (answer.status_code, bool(said(answer))) == (200, True)


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:x", "\\\\e"]
)
def test_one_is_sent_nowhere_else(
    wanted: str, operator: User, client: Client, code: Callable[[str], str], clock: Clock
) -> None:
    log_in(client)
    key = enrolled(client, code)
    other = Client()
    log_in(other)
    clock.now += 30
    answer = other.post(f"{CODE}?next={wanted}", {"code": code(key)})
    assert answer["Location"] == HOME


def test_every_operator_needs_one_if_the_setting_says_so(
    operator: User, client: Client, code: Callable[[str], str], settings: Settings
) -> None:
    settings.OPERATORS_NEED_TOTP = True
    log_in(client)
    assert client.get(SKUS)["Location"].startswith(ENROL)
    enrolled(client, code)
    assert client.get(SKUS).status_code == 200


def test_a_superuser_resets_it_and_nobody_else(
    operator: User, client: Client, code: Callable[[str], str]
) -> None:
    clerk = UserFactory(username="clerk", is_staff=True)
    clerk.groups.add(group("manager"))
    theirs = Client()
    theirs.force_login(clerk)
    enrolled(theirs, code)
    page = f"/admin/otp_totp/totpdevice/{TOTPDevice.objects.get().pk}/delete/"
    manager = UserFactory(is_staff=True)
    manager.groups.add(group("manager"))
    other = Client()
    other.force_login(manager)
    assert other.post(page, {"post": "yes"}).status_code == 403
    log_in(client)
    client.post(page, {"post": "yes"})
    assert not TOTPDevice.objects.exists()
    fresh = Client()
    fresh.force_login(clerk)
    assert fresh.get(SKUS).status_code == 200


def test_no_page_shows_the_secret(
    operator: User, client: Client, code: Callable[[str], str]
) -> None:
    log_in(client)
    key = enrolled(client, code)
    page = "/admin/otp_totp/totpdevice/"
    for address in (page, f"{page}{TOTPDevice.objects.get().pk}/change/"):
        html = client.get(address).content.decode()
        assert key not in html
        assert second_factor.typed_key(key) not in html


def test_a_buyer_finds_nothing_there(buyer: User, client: Client) -> None:
    for page in (CODE, ENROL):
        assert client.get(page)["Location"].startswith("/admin/login/")
    client.force_login(buyer)
    for page in (CODE, ENROL):
        assert client.get(page)["Location"].startswith("/admin/login/")


def test_what_is_scanned(operator: User, settings: Settings) -> None:
    settings.SHOP_NAME = "小店: 一号"
    address = second_factor.address_of("00" * 20, operator)
    assert re.fullmatch(
        r"otpauth://totp/[^?/]+\?secret=A{32}&issuer=[^&]+&digits=6&period=30", address
    )
