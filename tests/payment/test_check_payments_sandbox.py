"""The credential test against the sandbox itself: what is wrong is told apart, and nobody pays anything."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.payment import gateways
from sandbox.config import Config
from sandbox.factory import create_app
from sandbox.wechatpay.config import WechatPayConfig
from tests.payment.made_keys import lay_keys
from tests.payment.sandboxes import on_a_socket


class Key(str):
    """The name of a file that `make_keys` makes."""


@dataclass
class Sandbox:
    """On a socket, with the keys that `make_keys` makes. ``clock_off`` is how far its clock is ahead of ours."""

    url: str
    keys: Path
    clock_off: timedelta = timedelta()

    def now(self) -> datetime:
        return timezone.now() + self.clock_off


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    place = tmp_path_factory.mktemp("sandbox")
    keys = lay_keys(place / "keys")
    # Bound after the sandbox is made, which asks for the time as soon as it starts.
    box: list[Sandbox] = []

    def now() -> datetime:
        return box[0].now() if box else timezone.now()

    files = {
        "SANDBOX_APP_PUBLIC_KEY": "alipay_app_public.pem",
        "SANDBOX_PRIVATE_KEY": "sandbox_private.pem",
        "SANDBOX_APP_CERT": "alipay_app.crt",
        "SANDBOX_ALIPAY_CERT": "alipay.crt",
        "SANDBOX_ALIPAY_ROOT_CERT": "alipay_root.crt",
        "SANDBOX_WECHATPAY_PLATFORM_CERT": "sandbox_wechatpay_platform.crt",
        "SANDBOX_WECHATPAY_PLATFORM_KEY": "sandbox_wechatpay_platform.pem",
        "SANDBOX_WECHATPAY_MERCHANT_CERT": "wechatpay_merchant.crt",
        "SANDBOX_WECHATPAY_APIV3_KEY": "wechatpay_apiv3_key",
        "SANDBOX_WECHATPAY_PRIVATE_KEY": "sandbox_wechatpay_private.pem",
    }
    environ = {name: str(keys / file) for name, file in files.items()}
    environ["SANDBOX_DATABASE"] = str(place / "sandbox.sqlite3")
    app = create_app(
        Config.from_env(environ), wechatpay_config=WechatPayConfig.from_env(environ), now=now
    )
    with on_a_socket(app) as address:
        box.append(Sandbox(address, keys))
        yield box[0]


@pytest.fixture
def sandbox(running: Sandbox, settings: Any) -> Iterator[Sandbox]:
    """The shop set up as the sandbox wants it; a test changes one thing."""
    keys = running.keys
    settings.PAYMENT_GATEWAYS = {
        "alipay": "apps.payment.gateways.alipay.AlipayGateway",
        "wechatpay": "apps.payment.gateways.wechatpay.WechatPayGateway",
    }
    settings.ALIPAY = settings.ALIPAY | {
        "gateway_url": f"{running.url}/gateway.do",
        "app_private_key": keys / "alipay_app_private.pem",
        "alipay_public_key": keys / "alipay_public.pem",
    }
    settings.WECHATPAY = settings.WECHATPAY | {
        "gateway_url": running.url,
        "notify_url": "https://shop.example/api/v1/payment/wechatpay/notify/",
        "merchant_private_key": keys / "wechatpay_merchant_private.pem",
        "merchant_cert": keys / "wechatpay_merchant.crt",
        "apiv3_key": (keys / "wechatpay_apiv3_key").read_text(),
        "public_key": keys / "wechatpay_public.pem",
    }
    running.clock_off = timedelta()
    gateways.gateway.cache_clear()
    yield running
    gateways.gateway.cache_clear()


@pytest.fixture
def check(sandbox: Sandbox, capsys: pytest.CaptureFixture) -> Callable[[str], str]:
    """What the command says of a provider; it must exit 1 unless that is "fine"."""

    def run(provider: str) -> str:
        gateways.gateway.cache_clear()
        is_fine = True
        try:
            call_command("check_payments", provider)
        except CommandError:
            is_fine = False
        said = capsys.readouterr().out.removeprefix(f"{provider}: ").rstrip("\n")
        assert (said == "fine") is is_fine
        return said

    return run


def test_with_the_keys_of_make_keys_both_are_fine(
    sandbox: Sandbox, capsys: pytest.CaptureFixture
) -> None:
    call_command("check_payments")
    assert capsys.readouterr().out == "alipay: fine\nwechatpay: fine\n"


def test_so_they_are_by_certificates(sandbox: Sandbox, settings: Any, check: Callable) -> None:
    keys = sandbox.keys
    settings.ALIPAY |= {
        "app_cert": keys / "alipay_app.crt",
        "alipay_cert": keys / "alipay.crt",
        "alipay_root_cert": keys / "alipay_root.crt",
    }
    settings.WECHATPAY |= {"public_key_id": "", "public_key": keys / "none"}
    assert check("alipay") == "fine"
    assert check("wechatpay") == "fine"


# What is wrong, and what the line must name so that whoever reads it knows where to look.
WRONG = {
    "alipay": [
        ({"alipay_public_key": Key("alipay_app_public.pem")}, "ALIPAY_PUBLIC_KEY"),
        ({"app_private_key": Key("sandbox_private.pem")}, "ALIPAY_APP_PRIVATE_KEY"),
        ({"app_id": "2021000000000002"}, "ALIPAY_APP_ID"),
    ],
    "wechatpay": [
        ({"public_key": Key("alipay_public.pem")}, "WECHATPAY_PUBLIC_KEY"),
        ({"public_key_id": "PUB_KEY_ID_2"}, "Wechatpay-Serial"),
        ({"merchant_private_key": Key("sandbox_private.pem")}, "WECHATPAY_MERCHANT_PRIVATE_KEY"),
        ({"mchid": "1900000002"}, "MCH_NOT_EXISTS"),
        ({"app_id": "wx0000000000000002"}, "APPID_MCHID_NOT_MATCH"),
        ({"apiv3_key": "x" * 32}, "WECHATPAY_APIV3_KEY"),
    ],
}
CLOCK = {"alipay": "isv.invalid-timestamp", "wechatpay": "timestamp"}


@pytest.mark.parametrize("provider", ["alipay", "wechatpay"])
def test_what_is_wrong_is_told_apart(
    sandbox: Sandbox, settings: Any, check: Callable, provider: str
) -> None:
    name = provider.upper()
    right = getattr(settings, name)
    said = {}
    for changed, named in WRONG[provider]:
        found = {
            key: sandbox.keys / value if isinstance(value, Key) else value
            for key, value in changed.items()
        }
        setattr(settings, name, right | found)
        said[named] = check(provider)
    setattr(settings, name, right)
    for hours in (-1, 1):
        sandbox.clock_off = timedelta(hours=hours)
        said[CLOCK[provider]] = check(provider)
    for named, line in said.items():
        others = [other for other in said if other != named and other in line]
        assert named in line
        assert others == []


def test_nothing_is_left_to_be_paid(sandbox: Sandbox, check: Callable) -> None:
    check("alipay")
    check("wechatpay")
    with closing(sqlite3.connect(sandbox.keys.parent / "sandbox.sqlite3")) as books:
        left = books.execute("SELECT DISTINCT provider, status FROM trades").fetchall()
    assert left == [("wechatpay", "CLOSED")]
