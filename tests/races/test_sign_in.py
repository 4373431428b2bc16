"""One identity at QQ, one code, one account: whoever is first has it, and nobody else is left with half of it."""

from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from apps.users import services
from apps.users.gateways import Identity
from apps.users.models import OAuthAccount, User
from apps.users.services import bindings
from apps.verifications.models import Purpose
from apps.verifications.store import put_sms_code
from tests.factories import UserFactory
from tests.races.conftest import together
from tests.users.fake_provider import running, sign_in_settings
from tests.users.oauth.conftest import API, PASSWORD, SMS_CODE, consented

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PEOPLE = 8


@pytest.fixture
def all_look_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes before everybody has seen that nothing is bound."""
    barrier, look = Barrier(PEOPLE), bindings._refuse_bound

    def wait_for_the_others(*args: Any) -> None:
        look(*args)
        barrier.wait(timeout=30)

    monkeypatch.setattr(bindings, "_refuse_bound", wait_for_the_others)


def about_to_bind(identity: Identity, mobile: str) -> partial[Any]:
    put_sms_code(mobile, SMS_CODE, purpose=Purpose.SIGN_UP)
    token = services.binding_token(identity)
    body = {
        "mobile": mobile, "password": PASSWORD, "sms_code": SMS_CODE, "access_token": token
    }  # fmt: skip
    return partial(APIClient().post, f"{API}qq/user/", body)


def codes_of(answers: list[Any]) -> list[Any]:
    return sorted([answer.json().get("code", answer.status_code) for answer in answers], key=str)


@pytest.mark.usefixtures("all_look_first")
def test_one_identity_is_bound_to_one_of_many_new_accounts() -> None:
    identity = Identity("qq", "OPENID")
    answers = together(*(about_to_bind(identity, f"1380000000{n}") for n in range(PEOPLE)))
    assert codes_of(answers) == [201, *["already_bound"] * (PEOPLE - 1)]
    assert OAuthAccount.objects.get().user == User.objects.get(), "no account is left behind"


@pytest.mark.usefixtures("all_look_first")
def test_one_identity_is_bound_to_one_of_many_old_accounts() -> None:
    users = UserFactory.create_batch(PEOPLE)
    identity = Identity("qq", "OPENID")
    answers = together(*(about_to_bind(identity, user.mobile) for user in users))
    assert codes_of(answers) == [201, *["already_bound"] * (PEOPLE - 1)]
    assert OAuthAccount.objects.count() == 1


def test_one_code_logs_in_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as provider:
        monkeypatch.setattr(settings, "SIGN_IN", sign_in_settings(provider.address))
        OAuthAccount.objects.create(user=UserFactory(), provider="qq", openid="OPENID")
        browser = APIClient()
        query = consented(browser, provider, "qq", openid="OPENID")
        answers = together(*[partial(browser.get, f"{API}qq/user/", query)] * PEOPLE)
    assert codes_of(answers) == [200, *["sign_in_not_begun"] * (PEOPLE - 1)]
    assert provider.asked == ["/oauth2.0/token", "/oauth2.0/me"]
