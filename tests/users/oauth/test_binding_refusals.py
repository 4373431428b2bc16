"""What is refused leaves the SMS code and the access token as they were, unless one of them is what is wrong."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.users.models import OAuthAccount, User
from apps.users.views import oauth
from apps.verifications.models import Purpose
from apps.verifications.store import put_sms_code
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import UserFactory
from tests.users.oauth.conftest import (
    API,
    MOBILE,
    PROVIDERS,
    SMS_CODE,
    bind,
    bound,
    no_rows_changed,
)
from tests.world import unchanged

pytestmark = pytest.mark.django_db

each_provider = pytest.mark.parametrize("name", PROVIDERS)


class TestRefusals:
    def test_a_wrong_password_of_ones_own_account(
        self, api: APIClient, access_token: str, owner: User, sms_code: str
    ) -> None:
        with no_rows_changed():
            answer = bind(api, access_token=access_token, password="wrong-horse-7")
            body = refused(answer, status=400, code="wrong_credentials")
        assert body["message"] == body["non_field_errors"][0]
        assert bind(api, access_token=access_token).status_code == 201

    def test_a_disabled_account(self, api: APIClient, access_token: str, sms_code: str) -> None:
        UserFactory(mobile=MOBILE, is_active=False)
        with no_rows_changed():
            refused(bind(api, access_token=access_token), status=400, code="wrong_credentials")

    @pytest.mark.parametrize("code", ["654321", "000000", "12345", "abcdef", "１２３４５６"])
    def test_a_wrong_sms_code(
        self, code: str, api: APIClient, access_token: str, sms_code: str
    ) -> None:
        with no_rows_changed():
            answer = bind(api, access_token=access_token, sms_code=code)
            body = refused(answer, status=400, code="wrong_sms_code")
        assert body["message"]
        assert bind(api, access_token=access_token).status_code == 201

    def test_an_expired_sms_code_is_a_wrong_one(self, api: APIClient, access_token: str) -> None:
        """The training course's shop answered 500."""
        refused(bind(api, access_token=access_token), status=400, code="wrong_sms_code")

    def test_a_code_for_a_new_password_is_not_for_this(
        self, api: APIClient, access_token: str
    ) -> None:
        put_sms_code(MOBILE, SMS_CODE, purpose=Purpose.RESET)
        refused(bind(api, access_token=access_token), status=400, code="wrong_sms_code")

    def test_a_code_of_another_mobile(
        self, api: APIClient, access_token: str, sms_code: str
    ) -> None:
        answer = bind(api, access_token=access_token, mobile="13800000002")
        refused(answer, status=400, code="wrong_sms_code")

    @pytest.mark.parametrize(
        "password", ["1234567", "12345678", "password", MOBILE, "correct-horse-battery"]
    )
    def test_a_weak_password_for_a_new_account(
        self, password: str, api: APIClient, access_token: str, sms_code: str
    ) -> None:
        with no_rows_changed():
            body = invalid(bind(api, access_token=access_token, password=password), "password")
        assert body["message"] == body["errors"]["password"][0]
        assert bind(api, access_token=access_token).status_code == 201

    def test_an_old_weak_password_is_still_ones_own(
        self, api: APIClient, access_token: str, sms_code: str
    ) -> None:
        user = UserFactory(mobile=MOBILE)
        user.set_password("1234")
        user.save()
        assert bind(api, access_token=access_token, password="1234").status_code == 201

    def test_what_is_bound_already_uses_up_no_sms_code(
        self, api: APIClient, access_token: str, stranger: User, sms_code: str
    ) -> None:
        account = bound(stranger, "qq")
        with no_rows_changed():
            refused(bind(api, access_token=access_token), status=400, code="already_bound")
        account.delete()
        assert bind(api, access_token=access_token).status_code == 201

    def test_an_account_has_one_of_each_provider(
        self, api: APIClient, access_token: str, owner: User, sms_code: str
    ) -> None:
        OAuthAccount.objects.create(user=owner, provider="qq", openid="another")
        with no_rows_changed():
            refused(bind(api, access_token=access_token), status=400, code="already_bound")

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"mobile": None, "password": None, "sms_code": None, "access_token": None}, 4),
            ({"mobile": "", "password": "", "sms_code": "", "access_token": ""}, 4),
            ({"mobile": [], "password": {}, "sms_code": [1], "access_token": {"a": 1}}, 4),
            ({"mobile": True, "password": True, "sms_code": True, "access_token": True}, 4),
            ({"mobile": "12345", "password": "x" * 129, "sms_code": "1" * 21}, 3),
            ({"mobile": f"{MOBILE}\n😀", "password": "a\0", "sms_code": "1\0"}, 3),
            ({"mobile": "１３８００００００００", "access_token": "x" * 1001}, 2),
        ],
        ids=str,
    )
    def test_what_cannot_be_a_binding(
        self, fields: dict[str, Any], wrong: int, api: APIClient, access_token: str
    ) -> None:
        with unchanged():
            answer = bind(api, **{"access_token": access_token, **fields})
            invalid(answer, *list(fields)[:wrong])

    def test_one_address_asks_only_so_often(
        self,
        api: APIClient,
        access_token: str,
        owner: User,
        sms_code: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Even without a token: a weak password is refused for a new mobile, and not looked at for a known one."""
        monkeypatch.setattr(oauth, "BINDINGS", oauth.Limit("few", times=2, seconds=3600))
        answer = bind(api, access_token="x", password="1234")
        refused(answer, status=400, code="binding_expired")
        answer = bind(api, access_token="x", password="1234", mobile="13800000002")
        invalid(answer, "password")
        with unchanged():
            answer = bind(api, access_token=access_token)
            refused(answer, status=429, code="too_many_requests")
            assert 0 < int(answer["Retry-After"]) <= 3600
        elsewhere = APIClient(REMOTE_ADDR="10.9.9.9")
        assert bind(elsewhere, access_token=access_token).status_code == 201

    def test_half_a_character(self, api: APIClient) -> None:
        half = r'"\ud800"'
        names = ("mobile", "password", "sms_code", "access_token")
        body = "{" + ", ".join(f'"{name}": {half}' for name in names) + "}"
        answer = api.generic("POST", f"{API}qq/user/", body, content_type="application/json")
        invalid(answer, *names)

    def test_nothing_at_all(self, api: APIClient) -> None:
        invalid(api.post(f"{API}qq/user/", {}), "mobile", "password", "sms_code", "access_token")

    def test_redis_is_not_there(self, api: APIClient, access_token: str, sms_code: str) -> None:
        with redis_down():
            refused(bind(api, access_token=access_token), status=503, code="unavailable")
        assert bind(api, access_token=access_token).status_code == 201
