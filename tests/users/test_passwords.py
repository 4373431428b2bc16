"""A forgotten password, and a new one."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from apps.users.models import User
from apps.users.services.passwords import ResetTokens, reset_tokens
from apps.verifications.services import Purpose, send_sms_code
from tests.conftest import Phones
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import PASSWORD, UserFactory
from tests.users.accounts import API, REFRESH, log_in, password_of, who
from tests.verifications.conftest import picture, shown
from tests.world import unchanged

pytestmark = pytest.mark.django_db

NEW = "a-horse-of-9"
BOTH = {"password": NEW, "password2": NEW}


def offer(api: APIClient, account: Any, **changed: str) -> Any:
    """Ask whose account this is, having read the picture correctly."""
    image_code_id = picture()
    query = {"image_code_id": image_code_id, "text": shown(image_code_id), **changed}
    return api.get(f"{API}accounts/{account}/sms/token/", query)


def prove(api: APIClient, account: Any, sms_code: str) -> Any:
    return api.get(f"{API}accounts/{account}/password/token/", {"sms_code": sms_code})


def send_reset(user: User) -> None:
    send_sms_code(str(user.mobile), purpose=Purpose.RESET, address="1.2.3.4")


def reset(api: APIClient, user_id: int, token: Any, **changed: Any) -> Any:
    return api.post(password_of(user_id), {**BOTH, "access_token": token, **changed})


def change(client: APIClient, user: User, **changed: Any) -> Any:
    return client.put(password_of(user.pk), {"old_password": PASSWORD, **BOTH, **changed})


@pytest.fixture
def session(buyer: User) -> RefreshToken:
    return RefreshToken.for_user(buyer)


def assert_ended(session: RefreshToken, api: APIClient) -> None:
    refused(who(str(session.access_token)), status=401, code="password_changed")
    answer = api.post(REFRESH, {"refresh": str(session)})
    refused(answer, status=401, code="password_changed")


class TestForgotten:
    @pytest.mark.parametrize("account", ["username", "mobile"])
    def test_all_the_way(
        self, account: str, api: APIClient, buyer: User, phones: Phones, session: RefreshToken
    ) -> None:
        name = getattr(buyer, account)
        offered = offer(api, name)
        assert offered.status_code == 200
        assert offered.json().keys() == {"mobile", "access_token"}
        mobile = str(buyer.mobile)
        assert offered.json()["mobile"] == f"{mobile[:3]}****{mobile[-4:]}"

        ticket = {"access_token": offered.json()["access_token"]}
        assert api.get(f"{API}sms_codes/", ticket).json() == {"message": "OK"}

        proved = prove(api, name, phones.code(mobile))
        assert proved.status_code == 200
        assert proved.json().keys() == {"user_id", "access_token"}
        assert proved.json()["user_id"] == buyer.pk

        answer = reset(api, buyer.pk, proved.json()["access_token"])
        assert answer.status_code == 200
        assert answer.json() == {"id": buyer.pk}
        refused(log_in(api, "buyer", PASSWORD), status=400, code="wrong_credentials")
        assert log_in(api, "buyer", NEW).status_code == 200
        assert_ended(session, api)


class TestWhoseAccount:
    def test_a_wrong_picture_tells_nothing(self, api: APIClient, buyer: User) -> None:
        for account in ("buyer", "nobody"):
            refused(offer(api, account, text="!!!!"), status=400, code="wrong_image_code")

    def test_nobodys(self, api: APIClient, buyer: User) -> None:
        UserFactory(username="gone_buyer", is_active=False)
        UserFactory(username="operator", mobile=None)
        for account in ("nobody", "gone_buyer", "operator", "13700000009"):
            body = refused(offer(api, account), status=404, code="no_such_account")
            assert body["message"] == "用户名或手机号不存在"

    @pytest.mark.parametrize("account", ["abcd", "x" * 21, "bu%00yer", "bu@yer"])
    def test_no_account_at_all(self, account: str, api: APIClient) -> None:
        refused(offer(api, account), status=404, code="not_found")

    @pytest.mark.parametrize("field", ["text", "image_code_id"])
    def test_without_the_picture(self, field: str, api: APIClient, buyer: User) -> None:
        invalid(offer(api, "buyer", **{field: ""}), field)

    def test_an_address_cannot_ask_for_ever(self, api: APIClient, buyer: User) -> None:
        for _ in range(15):
            refused(offer(api, "nobody"), status=404, code="no_such_account")
            refused(prove(api, "nobody", "123456"), status=404, code="no_such_mobile")
        refused(offer(api, "buyer"), status=429, code="too_many_requests")
        refused(prove(api, "buyer", "123456"), status=429, code="too_many_requests")


class TestWhoseMobile:
    @pytest.mark.parametrize("code", ["000000", "12345", "abcdef", "😀"])
    def test_a_wrong_code(self, code: str, api: APIClient, buyer: User, phones: Phones) -> None:
        send_reset(buyer)
        code = "000001" if code == phones.code(str(buyer.mobile)) else code
        refused(prove(api, "buyer", code), status=400, code="wrong_sms_code")
        assert prove(api, "buyer", phones.code(str(buyer.mobile))).status_code == 200

    def test_a_code_for_registration_is_none(
        self, api: APIClient, buyer: User, phones: Phones
    ) -> None:
        send_sms_code(str(buyer.mobile), purpose=Purpose.SIGN_UP, address="1.2.3.4")
        answer = prove(api, "buyer", phones.code(str(buyer.mobile)))
        refused(answer, status=400, code="wrong_sms_code")

    def test_a_code_works_once(self, api: APIClient, buyer: User, phones: Phones) -> None:
        send_reset(buyer)
        code = phones.code(str(buyer.mobile))
        assert prove(api, "buyer", code).status_code == 200
        refused(prove(api, "buyer", code), status=400, code="wrong_sms_code")

    def test_another_accounts_code_is_none(
        self, api: APIClient, buyer: User, stranger: User, phones: Phones
    ) -> None:
        send_reset(stranger)
        code = phones.code(str(stranger.mobile))
        refused(prove(api, "buyer", code), status=400, code="wrong_sms_code")

    def test_nobodys(self, api: APIClient) -> None:
        body = refused(prove(api, "nobody", "123456"), status=404, code="no_such_mobile")
        assert body["message"] == "手机号不存在"

    def test_none(self, api: APIClient, buyer: User) -> None:
        invalid(prove(api, "buyer", ""), "sms_code")
        invalid(api.get(f"{API}accounts/buyer/password/token/"), "sms_code")


class TestReset:
    @pytest.fixture
    def token(self, buyer: User) -> str:
        return reset_tokens.make_token(buyer)

    def test_the_token_works_once(self, api: APIClient, buyer: User, token: str) -> None:
        assert reset(api, buyer.pk, token).status_code == 200
        with unchanged():
            answer = reset(api, buyer.pk, token, password="mallorys-8", password2="mallorys-8")
            body = refused(answer, status=400, code="wrong_reset_token")
        assert body["message"] == "验证已失效，请重新获取短信验证码"

    def test_of_two_at_once_one_wins(
        self, api: APIClient, buyer: User, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def another_is_faster(*args: Any) -> bool:
            User.objects.filter(pk=buyer.pk).update(password="theirs")
            return True

        monkeypatch.setattr(reset_tokens, "check_token", another_is_faster)
        refused(reset(api, buyer.pk, token), status=400, code="wrong_reset_token")
        assert User.objects.get().password == "theirs"

    def test_only_for_whom_it_was_made(
        self, api: APIClient, buyer: User, stranger: User, token: str
    ) -> None:
        with unchanged():
            for user_id in (stranger.pk, 0, 404404, 2**63, 10**30):
                refused(reset(api, user_id, token), status=400, code="wrong_reset_token")

    def test_expires_after_ten_minutes(
        self, api: APIClient, buyer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = timezone.now()
        for seconds, status in ((601, 400), (599, 200)):
            made = (now - timedelta(seconds=seconds)).astimezone().replace(tzinfo=None)
            monkeypatch.setattr(reset_tokens, "_now", lambda made=made: made)
            token = reset_tokens.make_token(buyer)
            monkeypatch.undo()
            assert reset(api, buyer.pk, token).status_code == status

    def test_a_changed_password_makes_it_void(
        self, api: APIClient, buyer: User, token: str
    ) -> None:
        buyer.set_password("another-horse-8")
        buyer.save()
        refused(reset(api, buyer.pk, token), status=400, code="wrong_reset_token")

    def test_of_a_deactivated_user(self, api: APIClient, buyer: User, token: str) -> None:
        User.objects.update(is_active=False)
        with unchanged():
            refused(reset(api, buyer.pk, token), status=400, code="wrong_reset_token")

    def test_tokens_for_other_ends_are_none(
        self, api: APIClient, buyer: User, session: RefreshToken
    ) -> None:
        other = ResetTokens()
        other.key_salt = "something else"
        for token in (other.make_token(buyer), "a-b", "😀", str(session.access_token)[:200]):
            refused(reset(api, buyer.pk, token), status=400, code="wrong_reset_token")

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"access_token": None}, "access_token"),
            ({"access_token": "x" * 201}, "access_token"),
            ({"access_token": "\0"}, "access_token"),
            ({"access_token": ["a"]}, "access_token"),
            ({"password": "", "password2": ""}, "password"),
            ({"password2": "another-9"}, "non_field_errors"),
            ({"password": "password", "password2": "password"}, "password"),
            ({"password": "horse-7", "password2": "horse-7"}, "password"),
            ({"password": "h" * 10 + "7" * 11, "password2": "h" * 10 + "7" * 11}, "password"),
        ],
        ids=str,
    )
    def test_what_is_refused_leaves_the_token_good(
        self, changed: dict, field: str, api: APIClient, buyer: User, token: str
    ) -> None:
        fields = {field, "password2"} if changed.get("password2") == "" else {field}
        with unchanged():
            invalid(reset(api, buyer.pk, token, **changed), *fields)
        assert reset(api, buyer.pk, token).status_code == 200

    def test_nobody_learns_of_a_user_by_a_weak_password(self, api: APIClient, buyer: User) -> None:
        answer = reset(api, buyer.pk, "a-b", password="buyer777", password2="buyer777")
        refused(answer, status=400, code="wrong_reset_token")

    def test_it_may_not_resemble_its_owner(self, api: APIClient, buyer: User, token: str) -> None:
        mine = f"{buyer.mobile}x"
        body = invalid(reset(api, buyer.pk, token, password=mine, password2=mine), "password")
        assert body["message"] == body["password"][0]

    def test_lifts_the_limit_on_wrong_logins(self, api: APIClient, buyer: User, token: str) -> None:
        for _ in range(11):
            answer = log_in(api, "buyer", "wrong-horse-7", at="127.0.0.1")
        assert answer.status_code == 429
        assert reset(api, buyer.pk, token).status_code == 200
        assert log_in(api, "buyer", NEW, at="127.0.0.1").status_code == 200

    def test_a_stale_token_in_the_header_does_no_harm(self, buyer: User, token: str) -> None:
        client = APIClient(HTTP_AUTHORIZATION="JWT garbage")
        assert reset(client, buyer.pk, token).status_code == 200


class TestChange:
    def test_ends_every_session_and_begins_one(
        self, shop: APIClient, api: APIClient, buyer: User, session: RefreshToken
    ) -> None:
        answer = change(shop, buyer)
        assert answer.status_code == 200
        body = answer.json()
        assert body.keys() == {"id", "token", "refresh", "user_id", "username"}
        assert body["id"] == buyer.pk
        assert_ended(session, api)
        assert who(body["token"]).json()["id"] == buyer.pk
        assert api.post(REFRESH, {"refresh": body["refresh"]}).status_code == 200
        refused(log_in(api, "buyer", PASSWORD), status=400, code="wrong_credentials")
        assert log_in(api, "buyer", NEW).status_code == 200

    def test_another_users_is_a_403(self, shop: APIClient, buyer: User, stranger: User) -> None:
        with unchanged():
            for user_id in (stranger.pk, 0, 404404, 10**30):
                answer = shop.put(password_of(user_id), {"old_password": PASSWORD, **BOTH})
                refused(answer, status=403, code="not_your_account")

    def test_nobody_is_a_401(self, api: APIClient, buyer: User) -> None:
        refused(change(api, buyer), status=401, code="not_authenticated")

    def test_the_old_password_is_asked_for(self, shop: APIClient, buyer: User) -> None:
        with unchanged():
            answer = change(shop, buyer, old_password="wrong-horse-7")
            body = refused(answer, status=400, code="wrong_old_password")
        assert body["message"] == "原密码错误"

    def test_a_stolen_session_cannot_guess_it(self, shop: APIClient, buyer: User) -> None:
        for _ in range(5):
            answer = change(shop, buyer, old_password="wrong-horse-7")
            refused(answer, status=400, code="wrong_old_password")
        with unchanged():
            refused(change(shop, buyer), status=429, code="too_many_requests")

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"old_password": None}, "old_password"),
            ({"old_password": "x" * 129}, "old_password"),
            ({"old_password": {}}, "old_password"),
            ({"password": None}, "password"),
            ({"password2": ["a"]}, "password2"),
            ({"password2": "another-9"}, "non_field_errors"),
            ({"password": "12345678", "password2": "12345678"}, "password"),
            ({"password": "buyer777", "password2": "buyer777"}, "password"),
        ],
        ids=str,
    )
    def test_what_is_refused(self, changed: dict, field: str, shop: APIClient, buyer: User) -> None:
        with unchanged():
            invalid(change(shop, buyer, **changed), field)

    def test_without_redis(self, shop: APIClient, buyer: User) -> None:
        with unchanged(), redis_down():
            refused(change(shop, buyer), status=503, code="unavailable")
