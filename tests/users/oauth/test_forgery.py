"""Somebody wants another browser to be signed in with a code of theirs, or with somebody else's."""

import pytest
from rest_framework.test import APIClient

from apps.users.models import User
from apps.users.store import sign_in as store
from tests.core.refusals import refused
from tests.users.fake_provider import FakeProvider
from tests.users.oauth.conftest import (
    API,
    OPENIDS,
    back,
    begin,
    bound,
    come_back,
    consented,
)

pytestmark = pytest.mark.django_db


class TestForgery:
    """Somebody has a code of their own and wants another browser to be logged in with it, or the reverse."""

    @pytest.fixture
    def victim(self) -> APIClient:
        return APIClient()

    @pytest.fixture
    def attacker(self) -> APIClient:
        return APIClient()

    @pytest.fixture
    def theirs(self, attacker: APIClient, provider: FakeProvider, stranger: User) -> dict[str, str]:
        """The code and the state of the attacker, whom the shop knows."""
        bound(stranger, "qq")
        return consented(attacker, provider, "qq")

    def test_a_browser_that_has_begun_nothing(
        self, victim: APIClient, theirs: dict[str, str], provider: FakeProvider
    ) -> None:
        for query in (theirs, {"code": theirs["code"]}):
            refused(come_back(victim, "qq", **query), status=400, code="sign_in_not_begun")
        assert provider.asked == []

    def test_anothers_state_in_a_browser_that_has_begun(
        self, victim: APIClient, theirs: dict[str, str], provider: FakeProvider
    ) -> None:
        begin(victim, "qq")
        refused(come_back(victim, "qq", **theirs), status=400, code="sign_in_not_begun")
        assert provider.asked == []

    @pytest.mark.parametrize(
        "state",
        [
            "", "/", "/cart.html", "/cart.html?state=", "/cart.html?state=" + "A" * 22, "\x00",
            "/cart.html?state=" + "A" * 5000, "javascript:alert(1)", "手机", "?state[]=x",
        ],
    )  # fmt: skip
    def test_a_forged_state(self, state: str, api: APIClient, provider: FakeProvider) -> None:
        query = consented(api, provider, "qq")
        answer = come_back(api, "qq", code=query["code"], state=state)
        refused(answer, status=400, code="sign_in_not_begun")
        assert provider.asked == []
        assert come_back(api, "qq", **query).status_code == 200

    def test_a_nonce_with_something_before_or_behind_it(
        self, api: APIClient, provider: FakeProvider
    ) -> None:
        query = consented(api, provider, "qq")
        nonce = query["state"][-22:]
        for state in (
            nonce,
            f"x{nonce}",
            f"?state={nonce}A",
            f"?state=A{nonce}",
            f"?estate={nonce}",
        ):
            answer = come_back(api, "qq", code=query["code"], state=state)
            refused(answer, status=400, code="sign_in_not_begun")

    def test_a_swapped_cookie(
        self, attacker: APIClient, provider: FakeProvider, api: APIClient
    ) -> None:
        query = consented(api, provider, "qq")
        begin(attacker, "qq")
        attacker_cookie = attacker.cookies["oauth"].value
        api.cookies["oauth"] = attacker_cookie
        refused(come_back(api, "qq", **query), status=400, code="sign_in_not_begun")

    def test_one_providers_beginning_is_not_anothers(
        self, api: APIClient, provider: FakeProvider
    ) -> None:
        begin(api, "weibo")
        query = consented(APIClient(), provider, "qq")
        refused(come_back(api, "qq", code=query["code"]), status=400, code="sign_in_not_begun")

    def test_a_code_of_another_provider(self, api: APIClient, provider: FakeProvider) -> None:
        code = consented(api, provider, "qq")["code"]
        begin(api, "weibo")
        refused(come_back(api, "weibo", code=code), status=400, code="code_rejected")

    def test_two_tabs_do_not_disturb_each_other(
        self, api: APIClient, provider: FakeProvider
    ) -> None:
        first, second = (consented(api, provider, "qq") for _ in range(2))
        for query in (first, second):
            assert come_back(api, "qq", **query).status_code == 200

    def test_the_callback_page_on_our_own_origin_tells_its_state(
        self, victim: APIClient, theirs: dict[str, str], provider: FakeProvider
    ) -> None:
        begin(victim, "qq")
        page = "http://testserver/oauth_callback.html"
        for address in (
            f"{page}?code={theirs['code']}&state={theirs['state']}",
            f"{page}?code={theirs['code']}",
        ):
            answer = victim.get(f"{API}qq/user/", {"code": theirs["code"]}, HTTP_REFERER=address)
            refused(answer, status=400, code="sign_in_not_begun")

        location = provider.consent(begin(victim, "qq"), OPENIDS["qq"])
        own = {"code": back(location)["code"]}
        answer = victim.get(f"{API}qq/user/", own, HTTP_REFERER=location)
        assert answer.status_code == 200

    @pytest.mark.parametrize("later", [599, 601])
    def test_ten_minutes_later(
        self, later: int, api: APIClient, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        query = consented(api, provider, "qq")
        now = store.time.time()
        monkeypatch.setattr(store.time, "time", lambda: now + later)
        answer = come_back(api, "qq", **query)
        assert answer.status_code == (200 if later < 600 else 400)
