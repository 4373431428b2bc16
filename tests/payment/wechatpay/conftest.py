from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from wechatpayv3 import WeChatPay as Referee
from wechatpayv3 import WeChatPayType

from apps.payment import gateways
from apps.payment.gateways import http
from apps.payment.gateways.wechatpay import WechatPayGateway
from apps.payment.gateways.wechatpay.account import Account
from apps.payment.gateways.wechatpay.api import Api
from tests.payment.wechatpay.provider import (
    NOW,
    Signer,
    WeChatPay,
    certificates,
    platform_signer,
    public_signer,
)
from tests.wechatpay_keys import WechatPayKeys, pem_of


@pytest.fixture(scope="session")
def public(wechatpay_keys: WechatPayKeys) -> Signer:
    return public_signer(wechatpay_keys)


@pytest.fixture(scope="session")
def platform(wechatpay_keys: WechatPayKeys) -> Signer:
    return platform_signer(wechatpay_keys)


@pytest.fixture(scope="session")
def wechat_server(public: Signer) -> Iterator[WeChatPay]:
    provider = WeChatPay(public)
    with provider.serve():
        yield provider


@pytest.fixture
def wechat(wechat_server: WeChatPay, public: Signer) -> WeChatPay:
    """WeChat Pay on a socket; it signs with its public key unless told otherwise."""
    wechat_server.signer = public
    wechat_server.requests.clear()
    wechat_server.planned.clear()
    wechat_server.now = lambda: NOW
    return wechat_server


@pytest.fixture
def gateway_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., WechatPayGateway]]:
    """Make the shop's gateway of changed settings."""

    def make(**changed: Any) -> WechatPayGateway:
        for name, value in changed.items():
            monkeypatch.setitem(settings.WECHATPAY, name, value)
        gateways.gateway.cache_clear()
        return gateways.gateway("wechatpay")

    yield make
    monkeypatch.undo()
    gateways.gateway.cache_clear()


@pytest.fixture(scope="session")
def account(wechatpay_keys: WechatPayKeys) -> Account:
    """Read once: to check a private key takes a tenth of a second."""
    return Account.from_settings(settings.WECHATPAY)


@pytest.fixture
def gateway(wechat: WeChatPay, account: Account) -> WechatPayGateway:
    """The shop's gateway as at its start, with that server for WeChat Pay."""
    client = http.Client(connect_timeout=1.0, read_timeout=1.0)
    api = Api(account, client, gateway_url=wechat.url)
    config = settings.WECHATPAY
    return WechatPayGateway(
        account, api, notify_url=config["notify_url"], return_url=config["return_url"]
    )


@pytest.fixture
def platform_answers(
    wechat: WeChatPay, platform: Signer, wechatpay_keys: WechatPayKeys
) -> Callable[..., None]:
    """Let WeChat Pay give out its platform certificate, signed with it unless told otherwise."""

    def answers(**how: Any) -> None:
        content = certificates(wechatpay_keys.platform_certificate)
        wechat.answers("GET", "/v3/certificates", content, **{"signer": platform, **how})

    return answers


@pytest.fixture(scope="session")
def referee(wechatpay_keys: WechatPayKeys) -> Referee:
    """The same merchant by somebody else's library."""
    config = settings.WECHATPAY
    return Referee(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=config["mchid"],
        private_key=pem_of(wechatpay_keys.merchant).decode(),
        cert_serial_no=f"{wechatpay_keys.merchant_certificate.serial_number:X}",
        appid=config["app_id"],
        apiv3_key=config["apiv3_key"],
        public_key=config["public_key"].read_text(),
        public_key_id=config["public_key_id"],
    )
