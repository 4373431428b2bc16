"""An e-mail address, and whether it is the buyer's."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail, signing
from django.core.mail import EmailMessage
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from apps.users.models import User
from apps.users.services.emails import SALT
from apps.users.tasks import send_verification_mail
from tests.conftest import logged_in
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import UserFactory
from tests.users.accounts import API, USER
from tests.world import unchanged

pytestmark = pytest.mark.django_db

EMAIL = f"{API}email/"
VERIFICATION = f"{API}emails/verification/"
ADDRESS = "xiaomei@shop.example"

Put = Callable[..., Any]


@pytest.fixture
def put(shop: APIClient, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Put:
    """Set the address, and let what waits for the commit happen."""

    def put(email: Any = ADDRESS, *, client: APIClient = shop, path: str = EMAIL) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return client.put(path, {"email": email})

    return put


def token_in(message: EmailMessage) -> str:
    link = next(line for line in message.body.splitlines() if line.startswith("http"))
    return parse_qs(urlsplit(link).query)["token"][0]


def verify(api: APIClient, token: str) -> Any:
    return api.get(VERIFICATION, {"token": token})


def believed(user: User) -> bool:
    return User.objects.get(pk=user.pk).email_active


class TestSetting:
    @pytest.mark.parametrize("path", [EMAIL, f"{API}emails/"])
    def test_notes_it_and_mails_the_link(
        self, path: str, put: Put, shop: APIClient, buyer: User, settings: Settings
    ) -> None:
        settings.FRONT_URL = "https://www.shop.example"
        answer = put(path=path)
        assert answer.status_code == 200
        assert answer.json() == {"id": buyer.pk, "email": ADDRESS}
        user = shop.get(USER).json()
        assert (user["email"], user["email_active"]) == (ADDRESS, False)

        [message] = mail.outbox
        assert message.to == [ADDRESS]
        assert message.subject == "验证您的邮箱地址"
        token = token_in(message)
        link = f"https://www.shop.example/success_verify_email.html?token={token}"
        assert link in message.body.replace("%3A", ":").splitlines()

    def test_in_the_language_of_who_asks(self, put: Put, buyer: User) -> None:
        client = logged_in(buyer)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        put(client=client)
        assert mail.outbox[0].subject == "Verify your e-mail address"

    def test_another_one_is_not_believed_yet(self, put: Put, buyer: User) -> None:
        User.objects.filter(pk=buyer.pk).update(email=ADDRESS, email_active=True)
        assert put("other@shop.example").status_code == 200
        assert not believed(buyer)

    def test_the_same_one_again_sends_another_link(
        self, put: Put, api: APIClient, buyer: User
    ) -> None:
        put()
        put()
        assert len(mail.outbox) == 2
        assert verify(api, token_in(mail.outbox[1])).status_code == 200

    def test_a_verified_one_again_changes_and_sends_nothing(self, put: Put, buyer: User) -> None:
        User.objects.filter(pk=buyer.pk).update(email=ADDRESS, email_active=True)
        with unchanged():
            assert put().status_code == 200
        assert mail.outbox == []

    def test_two_accounts_may_have_the_same(
        self, put: Put, api: APIClient, buyer: User, stranger: User
    ) -> None:
        put()
        assert put(client=logged_in(stranger)).status_code == 200
        assert verify(api, token_in(mail.outbox[0])).status_code == 200
        assert (believed(buyer), believed(stranger)) == (True, False)

    def test_no_mail_leaves_for_what_was_rolled_back(self, shop: APIClient) -> None:
        shop.put(EMAIL, {"email": ADDRESS})  # nothing commits here
        assert mail.outbox == []

    def test_five_mails_in_an_hour(self, put: Put) -> None:
        for number in range(5):
            assert put(f"me{number}@shop.example").status_code == 200
        with unchanged():
            answer = put("me5@shop.example")
        refused(answer, status=429, code="too_many_requests")
        assert 0 < int(answer["Retry-After"]) <= 3600
        assert len(mail.outbox) == 5

    def test_many_accounts_cannot_fill_one_mailbox(self, put: Put) -> None:
        for number in range(5):
            address = ADDRESS.title() if number % 2 else ADDRESS
            assert put(address, client=logged_in(UserFactory())).status_code == 200
        answer = put(client=logged_in(UserFactory()))
        refused(answer, status=429, code="too_many_requests")

    @pytest.mark.parametrize(
        "email",
        [None, "", "buyer", "buyer@", "a@b.c\nBcc: all@shop.example", "\0@shop.example", ["a@b.cn"]]
        + [f"{'x' * 250}@shop.example", 7, {}, "😀@shop.example", "<script>@shop.example"],
        ids=str,
    )
    def test_what_is_none(self, email: Any, put: Put) -> None:
        with unchanged():
            invalid(put(email), "email")
        assert mail.outbox == []

    def test_nobody_has_none(self, api: APIClient) -> None:
        refused(api.put(EMAIL, {"email": ADDRESS}), status=401, code="not_authenticated")

    def test_without_redis(self, put: Put) -> None:
        with unchanged(), redis_down():
            refused(put(), status=503, code="unavailable")

    @pytest.mark.django_db(transaction=True)
    def test_no_job_can_be_queued(self, shop: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
        """The address is noted, but to say OK would be to promise a mail."""

        def fails(*args: Any) -> None:
            raise OperationalError("no broker")

        monkeypatch.setattr(send_verification_mail, "delay", fails)
        for _ in range(6):
            refused(shop.put(EMAIL, {"email": ADDRESS}), status=503, code="unavailable")
        monkeypatch.undo()
        assert shop.put(EMAIL, {"email": ADDRESS}).status_code == 200
        assert len(mail.outbox) == 1


class TestVerifying:
    @pytest.fixture
    def token(self, put: Put) -> str:
        put()
        return token_in(mail.outbox[0])

    @pytest.mark.parametrize("path", [VERIFICATION, f"{API}email/verification/"])
    @pytest.mark.parametrize("way", ["get", "put in the query", "put in the body"])
    def test_the_link_proves_it(
        self, way: str, path: str, api: APIClient, buyer: User, token: str
    ) -> None:
        if way == "get":
            answer = api.get(path, {"token": token})
        elif way == "put in the query":
            answer = api.put(f"{path}?token={token}", {})
        else:
            answer = api.put(path, {"token": token})
        assert (answer.status_code, answer.json()) == (200, {"message": "OK"})
        assert believed(buyer)

    def test_again_is_as_good_as_once(self, api: APIClient, buyer: User, token: str) -> None:
        """A mail scanner may have been there first."""
        verify(api, token)
        with unchanged():
            assert verify(api, token).status_code == 200

    def test_not_for_an_address_one_has_no_more(
        self, put: Put, api: APIClient, buyer: User, token: str
    ) -> None:
        put("other@shop.example")
        with unchanged():
            body = refused(verify(api, token), status=400, code="wrong_verification_link")
        assert body["message"] == "链接无效或已过期，请重新获取"

    @pytest.mark.parametrize("mine", ["xiaomei@shöp.example", "xiaomei@shop.éxample"])
    def test_not_for_one_that_a_database_takes_for_another(
        self, mine: str, put: Put, api: APIClient, buyer: User
    ) -> None:
        """Who owns shöp.example could otherwise prove to have a mailbox at shop.example, on MySQL."""
        put(mine)
        token = token_in(mail.outbox[0])
        put(ADDRESS)
        with unchanged():
            refused(verify(api, token), status=400, code="wrong_verification_link")

    def test_expires_after_a_day(
        self, api: APIClient, buyer: User, monkeypatch: pytest.MonkeyPatch, token: str
    ) -> None:
        now = signing.time.time()
        monkeypatch.setattr(signing.time, "time", lambda: now + 24 * 3600 + 5)
        with unchanged():
            refused(verify(api, token), status=400, code="wrong_verification_link")
        monkeypatch.setattr(signing.time, "time", lambda: now + 24 * 3600 - 5)
        assert verify(api, token).status_code == 200

    def test_forged_ones(self, api: APIClient, buyer: User, token: str) -> None:
        claim = [buyer.pk, ADDRESS]
        forged = [
            signing.dumps(claim, salt="something else"),
            signing.dumps(claim, salt=SALT, key="x" * 50),
            token[:-1],
            "a:b:c",
            "😀",
        ]
        with unchanged():
            for each in forged:
                refused(verify(api, each), status=400, code="wrong_verification_link")

    def test_of_a_user_who_is_gone(self, api: APIClient, buyer: User, token: str) -> None:
        buyer.delete()
        refused(verify(api, token), status=400, code="wrong_verification_link")

    def test_none(self, api: APIClient) -> None:
        invalid(api.get(VERIFICATION), "token")
        invalid(api.get(VERIFICATION, {"token": "x" * 1001}), "token")
        for body in ({}, {"token": None}, {"token": ["x"]}, {"token": "\0"}):
            invalid(api.put(VERIFICATION, body), "token")


class TestOurOwnPage:
    """FRONT_URL is our own address as long as no storefront is there."""

    def test_verifies_like_the_storefronts(self, put: Put, api: APIClient, buyer: User) -> None:
        put()
        token = token_in(mail.outbox[0])
        page = api.get("/success_verify_email.html", {"token": token})
        assert page.status_code == 200
        assert "邮箱验证成功" in page.content.decode()
        assert believed(buyer)

    @pytest.mark.parametrize("token", ["", "a:b:c", "\0", "😀", "<script>"])
    def test_or_says_why_not(self, token: str, api: APIClient) -> None:
        page = api.get("/success_verify_email.html", {"token": token})
        assert page.status_code == 400
        assert "链接无效或已过期" in page.content.decode()


def test_the_aliases_are_not_described_twice(api: APIClient) -> None:
    paths = api.get("/api/schema/?format=json").json()["paths"]
    assert {path for path in paths if "/email" in path} == {EMAIL, VERIFICATION}
