"""The door of the back office: who came is written down, and who pauses is out."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from apps.operators.checks import check_session_minutes
from apps.operators.models import LoginEvent
from apps.operators.services import logins
from apps.operators.views import gate
from apps.users.models import User
from tests.conftest import logged_in
from tests.operators.conftest import HOME, LOGIN, PASSWORD, log_in

pytestmark = pytest.mark.django_db


def events() -> list[tuple[str, str, str]]:
    rows = LoginEvent.objects.order_by("pk").values_list("username", "outcome", "address")
    return list(rows)


class TestRecord:
    def test_who_got_in(self, operator: User, client: Client) -> None:
        assert log_in(client, REMOTE_ADDR="203.0.113.7").status_code == 302
        assert events() == [("operator", "password", "203.0.113.7")]
        assert LoginEvent.objects.get().user == operator
        client.post("/admin/logout/", REMOTE_ADDR="203.0.113.7")
        assert events()[1:] == [("operator", "logged_out", "203.0.113.7")]

    def test_who_did_not(self, operator: User, buyer: User, client: Client) -> None:
        buyer.set_password(PASSWORD)
        buyer.save()
        log_in(client, password="wrong")
        log_in(client, username="nobody")
        log_in(client, username="buyer")
        assert [event[:2] for event in events()] == [
            ("operator", "wrong_password"),
            ("nobody", "wrong_password"),
            ("buyer", "no_operator"),
        ]
        assert client.get(HOME).status_code == 302

    def test_who_tries_on_is_written_down_once(self, operator: User, client: Client) -> None:
        for _ in range(30):
            log_in(client, password="wrong")
        outcomes = [outcome for _, outcome, _ in events()]
        assert outcomes.count("throttled") == 1
        assert outcomes.index("throttled") == len(outcomes) - 1
        assert log_in(client).status_code == 200  # not even with the right one

    @pytest.mark.parametrize(
        "username",
        ["x" * 1000, "a\x00b", "<script>alert(1)</script>", "😀" * 200, "\u202eabc", "' OR 1=1"],
    )
    def test_hostile_names(self, username: str, operator: User, client: Client) -> None:
        assert log_in(client, username=username).status_code == 200
        assert all(len(name) <= 150 and name.isprintable() for name, _, _ in events())
        client.force_login(operator)
        html = client.get("/admin/operators/loginevent/").content.decode()
        assert "<script>alert" not in html

    def test_it_is_looked_at_and_never_changed(self, operator: User, client: Client) -> None:
        log_in(client)
        page = f"/admin/operators/loginevent/{LoginEvent.objects.get().pk}/"
        assert client.get(f"{page}change/").status_code == 200
        assert client.post(f"{page}change/", {"username": "x"}).status_code == 403
        assert client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
        assert client.get("/admin/operators/loginevent/add/").status_code == 403


class TestPause:
    @pytest.fixture
    def wait(self, monkeypatch: pytest.MonkeyPatch):  # noqa: ANN201
        clock = {"now": time.time()}
        monkeypatch.setattr(gate.time, "time", lambda: clock["now"])

        def wait(minutes: float) -> None:
            clock["now"] += minutes * 60

        return wait

    def test_who_goes_on_stays(self, operator: User, client: Client, wait) -> None:  # noqa: ANN001
        log_in(client)
        for _ in range(10):
            assert client.get(HOME).status_code == 200
            wait(50)

    def test_who_pauses_is_out(self, operator: User, client: Client, wait) -> None:  # noqa: ANN001
        log_in(client)
        client.get(HOME)
        wait(61)
        page = "/admin/goods/sku/?q=1"
        answer = client.get(page)
        assert answer["Location"] == f"{LOGIN}?next=%2Fadmin%2Fgoods%2Fsku%2F%3Fq%3D1"
        assert client.get(page).status_code == 302
        assert events()[-1][:2] == ("operator", "timed_out")

    def test_as_long_as_the_setting_says(
        self,
        operator: User,
        client: Client,
        wait,
        settings: Settings,  # noqa: ANN001
    ) -> None:
        settings.OPERATOR_SESSION_MINUTES = 5
        log_in(client)
        client.get(HOME)
        wait(4)
        assert client.get(HOME).status_code == 200
        wait(5.1)
        assert client.get(HOME).status_code == 302

    @pytest.mark.parametrize(("minutes", "found"), [(1, []), (0, ["operators.E001"])])
    def test_none_at_all_is_a_mistake(
        self, minutes: int, found: list[str], settings: Settings
    ) -> None:
        settings.OPERATOR_SESSION_MINUTES = minutes
        assert [error.id for error in check_session_minutes()] == found

    def test_what_was_being_written_is_not(self, operator: User, client: Client, wait) -> None:  # noqa: ANN001
        log_in(client)
        client.get(HOME)
        wait(61)
        client.post("/admin/goods/brand/add/", {"name": "x", "first_letter": "X"})
        assert client.get("/admin/goods/brand/").status_code == 302

    def test_the_storefront_s_tokens_know_nothing_of_it(self, buyer: User, wait) -> None:  # noqa: ANN001
        shop = logged_in(buyer)
        wait(600)
        assert shop.get("/api/v1/user/").status_code == 200


def test_no_odd_address_makes_the_back_office_fail(operator: User, client: Client) -> None:
    client.force_login(operator)
    assert client.get("/admin/search/", {"s": "x", "page": "x"}).status_code == 404


def test_old_ones_are_removed_and_younger_ones_stay(
    settings: Settings,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.LOGIN_DAYS = 30
    monkeypatch.setattr(logins, "BATCH", 2)
    for age in (40, 35, 31, 29, 0):
        event = LoginEvent.objects.create(username=f"{age}", address="::1", outcome="code")
        at = timezone.now() - timedelta(days=age)
        LoginEvent.objects.filter(pk=event.pk).update(at=at)
    said = StringIO()
    with django_assert_max_num_queries(9):
        call_command("remove_old_logins", stdout=said)
    assert said.getvalue() == "3 login events removed.\n"
    assert list(LoginEvent.objects.order_by("pk").values_list("username", flat=True)) == ["29", "0"]
    assert "remove_old_logins" in [
        each["args"][0] for each in settings.CELERY_BEAT_SCHEDULE.values()
    ]
