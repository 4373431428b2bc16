"""Is the name free, and opening an account."""

from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.users.models import User
from apps.users.services import accounts
from apps.verifications.services import Purpose, send_sms_code
from tests.conftest import Phones
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import SKUFactory, UserFactory
from tests.users.accounts import API, USERS, log_in, who
from tests.world import unchanged

pytestmark = pytest.mark.django_db

MOBILE = "13612345678"
PASSWORD = "a-horse-of-9"


@pytest.fixture
def form(phones: Phones) -> dict[str, Any]:
    """What the register page sends."""
    send_sms_code(MOBILE, purpose=Purpose.SIGN_UP, address="1.2.3.4")
    return {
        "username": "Xiaomei_1",
        "password": PASSWORD,
        "password2": PASSWORD,
        "mobile": MOBILE,
        "sms_code": phones.code(MOBILE),
        "allow": "true",
    }


def register(api: APIClient, form: dict[str, Any], **changed: Any) -> Any:
    return api.post(USERS, {**form, **changed})


class TestCounts:
    @pytest.mark.parametrize(
        ("username", "count"),
        [("buyer", 1), ("BUYER", 1), ("小美的店铺", 1), ("buyer2", 0), ("小美的小店", 0)],
    )
    def test_usernames(self, username: str, count: int, api: APIClient, buyer: User) -> None:
        UserFactory(username="小美的店铺", is_active=False)
        answer = api.get(f"{API}usernames/{username}/count/")
        assert answer.status_code == 200
        assert answer.json() == {"username": username, "count": count}

    def test_mobiles(self, api: APIClient, buyer: User) -> None:
        for mobile, count in ((str(buyer.mobile), 1), (MOBILE, 0)):
            answer = api.get(f"{API}mobiles/{mobile}/count/")
            assert answer.status_code == 200
            assert answer.json() == {"mobile": mobile, "count": count}

    @pytest.mark.parametrize(
        "path",
        ["usernames/abcd", f"usernames/{'x' * 21}", "usernames/bu%00yer", "usernames/bu yer"]
        + ["mobiles/12000000000", "mobiles/1390000000", "mobiles/139000000001"],
    )
    def test_what_could_be_nobodys(self, path: str, api: APIClient) -> None:
        refused(api.get(f"{API}{path}/count/"), status=404, code="not_found")

    def test_a_list_of_names_cannot_be_asked_through(self, api: APIClient) -> None:
        for number in range(30):
            assert api.get(f"{API}usernames/name_{number}/count/").status_code == 200
            assert api.get(f"{API}mobiles/136000000{number:02}/count/").status_code == 200
        for path in ("usernames/buyer", f"mobiles/{MOBILE}"):
            answer = api.get(f"{API}{path}/count/")
            refused(answer, status=429, code="too_many_requests")
            assert 0 < int(answer["Retry-After"]) <= 60
        other = api.get(f"{API}usernames/buyer/count/", REMOTE_ADDR="5.6.7.8")
        assert other.status_code == 200

    def test_without_redis(self, api: APIClient) -> None:
        with redis_down():
            answer = api.get(f"{API}mobiles/{MOBILE}/count/")
        refused(answer, status=503, code="unavailable")


class TestRegistration:
    def test_opens_an_account_and_a_session(self, api: APIClient, form: dict) -> None:
        answer = register(api, form)
        assert answer.status_code == 201
        user = User.objects.get()
        session = answer.json()
        assert session.keys() == {"id", "username", "mobile", "token", "refresh", "user_id"}
        assert (session["id"], session["user_id"]) == (user.pk, user.pk)
        assert (session["username"], session["mobile"]) == ("Xiaomei_1", MOBILE)
        assert who(session["token"]).json() == {
            "id": user.pk,
            "username": "Xiaomei_1",
            "mobile": MOBILE,
            "email": "",
            "email_active": False,
        }
        assert (user.is_staff, user.is_superuser) == (False, False)
        assert log_in(api, "xiaomei_1", PASSWORD).json()["user_id"] == user.pk
        assert log_in(api, MOBILE, PASSWORD).json()["user_id"] == user.pk

    def test_brings_the_visitor_s_cart_along(self, api: APIClient, form: dict) -> None:
        sku = SKUFactory()
        api.post("/api/v1/cart/", {"sku_id": sku.pk, "count": 2})
        answer = register(api, form)
        assert answer.cookies["cart"]["max-age"] == 0
        api.credentials(HTTP_AUTHORIZATION=f"JWT {answer.json()['token']}")
        cart = api.get("/api/v1/cart/").json()
        assert [(line["id"], line["count"]) for line in cart] == [(sku.pk, 2)]

    def test_the_password_is_written_once_and_hashed(self, api: APIClient, form: dict) -> None:
        with CaptureQueriesContext(database) as queries:
            register(api, form)
        writes = [query["sql"] for query in queries if "users_user" in query["sql"]]
        writes = [sql for sql in writes if not sql.startswith("SELECT")]
        assert [sql.split()[0] for sql in writes] == ["INSERT"]
        assert PASSWORD not in "".join(query["sql"] for query in queries)
        assert identify_hasher(User.objects.get().password)

    @pytest.mark.parametrize("allow", ["true", True])
    def test_yes_is_a_string_or_true(self, allow: Any, api: APIClient, form: dict) -> None:
        assert register(api, form, allow=allow).status_code == 201

    @pytest.mark.parametrize("allow", ["false", False, "", None, 1, "yes", ["true"], {}])
    def test_anything_else_is_no(self, allow: Any, api: APIClient, form: dict) -> None:
        with unchanged():
            body = invalid(register(api, form, allow=allow), "allow")
        assert body["allow"] == ["请勾选同意用户协议"]

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            *[({"username": name}, "username") for name in ("abcd", "x" * 21, "", None, ["buyer"])],
            *[
                ({"username": name}, "username")
                for name in ("bu yer", "buyer!", "买家😀买家", "买\0家买家")
            ],
            ({"username": "<b>xss</b>"}, "username"),
            ({"username": "13812345678"}, "username"),
            ({"username": "１３８１２３４５６７８"}, "username"),
            # Letters that show nothing: a name that looks like another's.
            *[({"username": f"buyer{it}"}, "username") for it in "\u115f\u1160\u3164\uffa0"],
            ({"username": "ﷺ5"}, "username"),  # half-width, that is eighteen letters and spaces
            *[({"mobile": mobile}, "mobile") for mobile in ("12612345678", "1361234567", "", None)],
            ({"mobile": "13612345678\n1"}, "mobile"),
            ({"mobile": "１３６１２３４５６７８"}, "mobile"),
            ({"sms_code": ""}, "sms_code"),
            ({"sms_code": None}, "sms_code"),
            ({"sms_code": ["123456"]}, "sms_code"),
            ({"sms_code": "1" * 21}, "sms_code"),
            *[
                ({"password": it, "password2": it}, "password")
                for it in ("horse-7", "h" * 10 + "7" * 11)
            ],
            *[({"password": it, "password2": it}, "password") for it in ("password", "1357924680")],
            *[
                ({"password": it, "password2": it}, "password")
                for it in ("xiaomei_1", MOBILE + "a")
            ],
            ({"password": None}, "password"),
            ({"password2": None}, "password2"),
        ],
        ids=str,
    )
    def test_what_is_refused_costs_no_sms_code(
        self, changed: dict, field: str, api: APIClient, form: dict
    ) -> None:
        with unchanged():
            invalid(register(api, form, **changed), field)
        assert register(api, form).status_code == 201

    def test_every_field_is_asked_for(self, api: APIClient, form: dict) -> None:
        invalid(api.post(USERS, {}), *form)

    def test_half_a_character(self, api: APIClient) -> None:
        body = r'{"username": "abcd\ud800", "mobile": "\ud800", "sms_code": "\ud800", "allow": "\ud800"}'
        answer = api.generic("POST", USERS, body, content_type="application/json")
        fields = ("username", "mobile", "sms_code", "allow", "password", "password2")
        invalid(answer, *fields)

    def test_two_passwords_that_differ(self, api: APIClient, form: dict) -> None:
        with unchanged():
            body = invalid(register(api, form, password2="another-9"), "non_field_errors")
        assert body["non_field_errors"] == ["两次密码不一致"]
        assert body["message"] == "两次密码不一致"

    @pytest.mark.parametrize("username", ["buyer", "BUYER", "ｂｕｙｅｒ"])
    def test_a_username_that_is_taken(
        self, username: str, api: APIClient, form: dict, buyer: User
    ) -> None:
        with unchanged():
            body = invalid(register(api, form, username=username), "username")
        assert body["message"] == "该用户名已被注册"

    def test_a_mobile_that_is_taken(self, api: APIClient, form: dict, buyer: User) -> None:
        with unchanged():
            body = invalid(register(api, form, mobile=buyer.mobile), "mobile")
        assert body["message"] == "该手机号已被注册"

    def test_what_is_full_width_becomes_half_width(self, api: APIClient, form: dict) -> None:
        assert register(api, form, username="Ｘｉａｏｍｅｉ").json()["username"] == "Xiaomei"

    @pytest.mark.parametrize("code", ["000000", "12345", "abcdef", "１２３４５６", "😀"])
    def test_a_wrong_sms_code(self, code: str, api: APIClient, form: dict) -> None:
        code = "000001" if code == form["sms_code"] else code
        refused(register(api, form, sms_code=code), status=400, code="wrong_sms_code")
        assert not User.objects.exists()
        assert register(api, form).status_code == 201

    def test_a_code_for_a_forgotten_password_is_none(
        self, api: APIClient, form: dict, phones: Phones
    ) -> None:
        send_sms_code("13700000000", purpose=Purpose.RESET, address="1.2.3.4")
        answer = register(api, form, mobile="13700000000", sms_code=phones.code("13700000000"))
        refused(answer, status=400, code="wrong_sms_code")
        assert not User.objects.exists()

    def test_a_code_opens_one_account(self, api: APIClient, form: dict) -> None:
        assert register(api, form).status_code == 201
        User.objects.update(mobile="13700000000")
        with unchanged():
            refused(register(api, form, username="another"), status=400, code="wrong_sms_code")

    @pytest.mark.parametrize("rival", [{"username": "XIAOMEI_1"}, {"mobile": MOBILE}], ids=str)
    def test_who_is_a_moment_too_late_is_told_so(
        self, rival: dict, api: APIClient, form: dict, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both looked and found the name free; the unique column decides."""
        monkeypatch.setattr(accounts, "take_sms_code", lambda *_, **__: UserFactory(**rival))
        refused(register(api, form), status=400, code="account_taken")
        assert User.objects.count() == 1

    def test_an_address_cannot_try_for_ever(self, api: APIClient) -> None:
        for _ in range(60):
            assert api.post(USERS, {}).status_code == 400
        refused(api.post(USERS, {}), status=429, code="too_many_requests")
        assert api.post(USERS, {}, REMOTE_ADDR="5.6.7.8").status_code == 400

    def test_a_stale_token_does_no_harm(self, form: dict) -> None:
        client = APIClient(HTTP_AUTHORIZATION="JWT garbage")
        assert register(client, form).status_code == 201

    def test_without_redis(self, api: APIClient, form: dict) -> None:
        with unchanged(), redis_down():
            refused(register(api, form), status=503, code="unavailable")
