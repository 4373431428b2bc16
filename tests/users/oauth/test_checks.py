"""The system checks name what is half configured."""

from typing import Any

import pytest
from django.conf import settings

from apps.users.checks import VARIABLES, check_sign_in, check_sign_in_deployment
from tests.docs.variables import variables


def messages(name: str, check: Any = check_sign_in, **changed: str) -> list[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for key, value in changed.items():
            patch.setitem(settings.SIGN_IN[name], key, value)
        return list(check(None))


def test_nothing_to_say() -> None:
    assert messages("qq") == []
    none = {"client_id": "", "client_secret": ""}
    assert messages("qq", **none) == []
    assert messages("qq", check_sign_in_deployment, **none, server="") != []


def test_the_variables_are_those_of_the_settings() -> None:
    named = {variable for names in VARIABLES.values() for variable in names}
    assert named <= variables().keys()
    assert VARIABLES.keys() == settings.SIGN_IN.keys()


@pytest.mark.parametrize(
    ("changed", "there", "missing"),
    [
        ({"client_secret": ""}, "WEIXIN_LOGIN_APP_ID", "WEIXIN_LOGIN_APP_SECRET"),
        ({"client_id": ""}, "WEIXIN_LOGIN_APP_SECRET", "WEIXIN_LOGIN_APP_ID"),
    ],
)
def test_one_of_the_two_is_missing(changed: dict[str, str], there: str, missing: str) -> None:
    (message,) = messages("wechat", **changed)
    assert message.id == "users.E001"
    assert message.msg.startswith(f"{there} is set and {missing} is not")


@pytest.mark.parametrize(
    "address", ["", "/oauth_callback.html", "shop.example", "ftp://x/y", "https://x/y#z"]
)
def test_a_callback_that_is_no_address(address: str) -> None:
    (message,) = messages("qq", callback_url=address)
    assert message.id == "users.E002"
    assert message.msg.startswith("QQ_CALLBACK_URL is ")


def test_in_production_nobody_comes_back_over_plain_http() -> None:
    found = messages("weibo", check_sign_in_deployment)
    assert {message.id for message in found} == {"users.W001", "users.W002"}
    assert len(found) == 6
    secure = {"callback_url": "https://shop.example/oauth_callback.html", "server": ""}
    assert len(messages("weibo", check_sign_in_deployment, **secure)) == 4
