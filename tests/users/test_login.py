"""Logging in, and how often one may be wrong."""

from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.hashers import get_hasher
from django.test import Client
from rest_framework.test import APIClient

from apps.core.redis import connection, key
from apps.users.models import User
from apps.users.services import sessions
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import PASSWORD, UserFactory
from tests.users.accounts import LOGIN, log_in, who
from tests.world import unchanged

pytestmark = pytest.mark.django_db

WRONG = "wrong-horse-7"


class TestLogin:
    @pytest.mark.parametrize("account", ["username", "mobile"])
    def test_by_username_or_mobile(self, account: str, api: APIClient, buyer: User) -> None:
        UserFactory()
        answer = log_in(api, getattr(buyer, account))
        assert answer.status_code == 200
        session = answer.json()
        assert session.keys() == {"token", "refresh", "user_id", "username"}
        assert (session["user_id"], session["username"]) == (buyer.pk, "buyer")
        assert who(session["token"]).json()["id"] == buyer.pk

    def test_a_mobile_may_come_as_a_number(self, api: APIClient, buyer: User) -> None:
        assert log_in(api, int(buyer.mobile or 0)).json()["user_id"] == buyer.pk

    def test_spaces_belong_to_a_password(self, api: APIClient, buyer: User) -> None:
        buyer.set_password(" horse ")
        buyer.save()
        assert log_in(api, "buyer", " horse ").status_code == 200
        refused(log_in(api, "buyer", "horse"), status=400, code="wrong_credentials")

    def test_a_wrong_one_is_a_400_that_says_the_same_whoever_is_there(
        self, api: APIClient, buyer: User
    ) -> None:
        UserFactory(username="gone", mobile="13700000000", is_active=False)
        with unchanged():
            bodies = [
                refused(answer, status=400, code="wrong_credentials")
                for answer in (
                    log_in(api, "nobody"),
                    log_in(api, "13712345678"),
                    log_in(api, "buyer", "wrong-horse-7"),
                    log_in(api, buyer.mobile, "wrong-horse-7"),
                    log_in(api, "gone"),
                    log_in(api, "13700000000"),
                )
            ]
        assert all(body == bodies[0] for body in bodies)

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({}, ["username", "password"]),
            ({"username": "", "password": ""}, ["username", "password"]),
            ({"username": None, "password": None}, ["username", "password"]),
            ({"username": ["buyer"], "password": {"a": 1}}, ["username", "password"]),
            ({"username": True, "password": PASSWORD}, ["username"]),
            ({"username": "x" * 21, "password": "x" * 129}, ["username", "password"]),
            ({"username": "bu\0yer", "password": "\0"}, ["username", "password"]),
        ],
        ids=str,
    )
    def test_what_cannot_be_a_login(self, body: dict, fields: list, api: APIClient) -> None:
        invalid(api.post(LOGIN, body), *fields)

    def test_half_a_character(self, api: APIClient) -> None:
        body = r'{"username": "\ud800", "password": "\ud800"}'
        answer = api.generic("POST", LOGIN, body, content_type="application/json")
        invalid(answer, "username", "password")

    def test_no_password_needed_to_be_refused_a_get(self, api: APIClient) -> None:
        refused(api.get(LOGIN), status=405, code="method_not_allowed")

    def test_without_redis_one_can_log_in(self, api: APIClient, buyer: User) -> None:
        with redis_down():
            answer = log_in(api, "buyer")
            assert answer.status_code == 200
            assert who(answer.json()["token"]).status_code == 200

    @pytest.mark.parametrize("account", ["buyer", "nobody", "gone", "guest", "13712345678"])
    def test_a_wrong_one_hashes_once_whoever_is_there(
        self, account: str, api: APIClient, buyer: User
    ) -> None:
        """The time that takes would tell who has an account."""
        UserFactory(username="gone", is_active=False)
        UserFactory(username="guest", password=None)  # came with another provider, has no password
        hasher = type(get_hasher())
        with mock.patch.object(
            hasher, "encode", autospec=True, side_effect=hasher.encode
        ) as hashed:
            refused(log_in(api, account, WRONG), status=400, code="wrong_credentials")
        assert hashed.call_count == 1


class TestLimits:
    def wrong(self, api: APIClient, account: str, times: int, *, at: str = "1.2.3.4") -> None:
        for _ in range(times):
            refused(log_in(api, account, WRONG, at=at), status=400, code="wrong_credentials")

    def locked(self, answer: Any) -> None:
        body = refused(answer, status=429, code="too_many_requests")
        assert answer["Retry-After"] == str(body["retry_after"])
        assert 0 < body["retry_after"] <= 3600

    def test_the_eleventh_try_is_not_looked_at_even_if_right(
        self, api: APIClient, buyer: User
    ) -> None:
        self.wrong(api, "buyer", 10)
        with unchanged():
            self.locked(log_in(api, "buyer", WRONG))
            self.locked(log_in(api, "BUYER"))

    def test_it_says_the_same_of_an_account_that_is_not_there(self, api: APIClient) -> None:
        self.wrong(api, "nobody", 10)
        self.locked(log_in(api, "nobody", WRONG))

    @pytest.mark.parametrize("name", ["büyer", "buyér", "ḃuyer"])
    def test_a_name_has_no_other_spelling_that_is_counted_apart(
        self, name: str, api: APIClient, buyer: User
    ) -> None:
        """MySQL takes these for the same text, and five guesses for each would be thousands."""
        refused(log_in(api, name), status=400, code="wrong_credentials")

    def test_other_accounts_and_other_addresses_go_on(
        self, api: APIClient, buyer: User, stranger: User
    ) -> None:
        self.wrong(api, "buyer", 10)
        assert log_in(api, "stranger").status_code == 200
        assert log_in(api, "buyer", at="5.6.7.8").status_code == 200

    def test_a_right_one_begins_anew_by_either_name(self, api: APIClient, buyer: User) -> None:
        self.wrong(api, "buyer", 9)
        self.wrong(api, str(buyer.mobile), 9)
        assert log_in(api, "buyer").status_code == 200
        self.wrong(api, "buyer", 10)
        self.wrong(api, str(buyer.mobile), 10)

    def test_the_window_ends(self, api: APIClient, buyer: User) -> None:
        self.wrong(api, "buyer", 10)
        limit = sessions.PER_NAME_AND_ADDRESS._key("1.2.3.4 buyer")
        assert 0 < connection("codes").ttl(limit) <= 15 * 60
        connection("codes").pexpire(limit, 1)
        while connection("codes").exists(limit):
            pass
        assert log_in(api, "buyer").status_code == 200

    def test_guesses_from_everywhere_lock_out_strangers_only(
        self, api: APIClient, buyer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sessions, "PER_NAME", sessions.Limit("few", times=3, seconds=3600))
        home, botnet = "9.9.9.9", [f"66.0.0.{number}" for number in range(4)]
        assert log_in(api, "buyer", at=home).status_code == 200
        for address in botnet[:3]:
            self.wrong(api, "buyer", 1, at=address)
        self.locked(log_in(api, "buyer", at=botnet[3]))
        assert log_in(api, "buyer", at=home).status_code == 200

    def test_the_home_address_is_remembered_for_a_month(self, api: APIClient, buyer: User) -> None:
        log_in(api, str(buyer.mobile))
        for name in ("buyer", buyer.mobile):
            ttl = connection("codes").ttl(key(f"login:known:1.2.3.4 {name}"))
            assert 30 * 86400 - 60 < ttl <= 30 * 86400

    def test_one_address_cannot_try_everybody(
        self, api: APIClient, buyer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sessions, "PER_ADDRESS", sessions.Limit("few", times=3, seconds=900))
        for _ in range(4):  # an office: right ones are not counted
            assert log_in(api, "buyer").status_code == 200
        for number in range(3):
            self.wrong(api, f"victim{number}", 1)
            assert number == 2 or log_in(api, "buyer").status_code == 200
        self.locked(log_in(api, "victim3", WRONG))
        self.locked(log_in(api, "buyer"))
        assert log_in(api, "buyer", at="5.6.7.8").status_code == 200

    def test_an_address_that_has_to_wait_leaves_no_more_counters(
        self, api: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Names are made up faster than their counters expire, and the carts are in the same memory."""
        monkeypatch.setattr(sessions, "PER_ADDRESS", sessions.Limit("few", times=3, seconds=900))
        for number in range(3):
            self.wrong(api, f"name{number}", 1)
        self.locked(log_in(api, "name3", WRONG))
        assert not list(connection("codes").scan_iter("*name3*"))

    def test_a_thousand_at_once_are_not_all_the_first(self, api: APIClient, buyer: User) -> None:
        """It is counted before the password is checked, which takes long."""
        with mock.patch.object(sessions, "authenticate", return_value=None) as check:
            check.side_effect = lambda **_: counted.append(connection("codes").get(limit))
            limit, counted = sessions.PER_NAME_AND_ADDRESS._key("1.2.3.4 buyer"), []
            log_in(api, "buyer", WRONG)
        assert counted == [b"1"]


class TestAdminLogin:
    @pytest.fixture
    def operator(self) -> User:
        return UserFactory(username="operator", is_staff=True, is_superuser=True)

    def knock(self, password: str, username: str = "operator") -> Any:
        body = {"username": username, "password": password}
        return Client().post("/admin/login/?next=/admin/", body, REMOTE_ADDR="1.2.3.4")

    def test_by_username_or_mobile(self, operator: User) -> None:
        for name in ("operator", operator.mobile):
            answer = self.knock(PASSWORD, str(name))
            assert (answer.status_code, answer["Location"]) == (302, "/admin/")

    def test_a_buyer_is_told_what_a_stranger_is_told(self, operator: User, buyer: User) -> None:
        errors = [
            self.knock(password, name).context["form"].non_field_errors()
            for name, password in [("buyer", PASSWORD), ("nobody", PASSWORD), ("operator", WRONG)]
        ]
        assert errors[0]
        assert errors[0] == errors[1] == errors[2]

    def test_has_the_same_limits(self, operator: User, api: APIClient) -> None:
        for _ in range(6):
            assert self.knock(WRONG).status_code == 200
        for _ in range(4):
            refused(log_in(api, "operator", WRONG), status=400, code="wrong_credentials")
        answer = self.knock(PASSWORD)
        assert answer.status_code == 200
        assert answer.context["form"].non_field_errors() == ["请求次数过于频繁，请稍后再试。"]
        assert "_auth_user_id" not in answer.client.session

    def test_works_without_redis(self, operator: User) -> None:
        with redis_down():
            assert self.knock(PASSWORD).status_code == 302
