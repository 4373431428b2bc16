"""What is wrong with the settings is said in a sentence: at the start what we can see, and by trying what we cannot."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from apps.payment import gateways
from apps.payment.exceptions import Misconfigured, Unknown, UnknownProvider
from apps.payment.gateways.alipay import AlipayGateway
from apps.payment.gateways.wechatpay import WechatPayGateway
from tests.payment.wechatpay.provider import NOW, Signer, WeChatPay, certificates
from tests.wechatpay_keys import APIV3_KEY, WechatPayKeys, certificate_of, new_key, pem_of

CODE = {"code_url": "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}
NATIVE = "/v3/pay/transactions/native"


class Answering(dict):
    """A plan for every number: what is asked after is drawn at random."""

    def __missing__(self, key: tuple[str, str]) -> Any:
        method, path = key
        return self["POST", "close"] if path.endswith("/close") else self[method, "order"]


@pytest.fixture
def well(wechat: WeChatPay, wechatpay_keys: WechatPayKeys) -> WeChatPay:
    """WeChat Pay for a merchant with whom all is well."""
    wechat.planned = Answering()
    wechat.refuses("GET", "order", 404, "ORDER_NOT_EXIST")
    wechat.answers("GET", "/v3/certificates", certificates(wechatpay_keys.platform_certificate))
    wechat.answers("POST", NATIVE, CODE)
    wechat.answers("POST", "close", status=204)
    yield wechat
    wechat.planned = {}


def test_all_is_well(well: WeChatPay, gateway: WechatPayGateway) -> None:
    gateway.check_credentials(at=NOW)
    asked, opened, ordered, closed = well.requests
    number = ordered.content["out_trade_no"]
    assert number.startswith("CHECK")
    assert len(number) <= 32
    assert urlsplit(asked.target).path.endswith(f"/out-trade-no/{number}")
    assert opened.target == "/v3/certificates"
    assert ordered.content["amount"] == {"total": 1, "currency": "CNY"}
    assert ordered.content["time_expire"] == "2026-11-23T12:05:00+08:00"
    # Whoever checks leaves nothing open behind.
    assert urlsplit(closed.target).path.endswith(f"/out-trade-no/{number}/close")


def test_a_merchant_without_platform_certificates(
    well: WeChatPay, gateway: WechatPayGateway
) -> None:
    well.refuses("GET", "/v3/certificates", 404, "RESOURCE_NOT_EXISTS")
    gateway.check_credentials(at=NOW)
    assert len(well.requests) == 4


def misconfigured(gateway: WechatPayGateway, words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        gateway.check_credentials(at=NOW)


@pytest.mark.parametrize(
    "message",
    ["商户证书序列号有误", "签名错误，请检查后再试", "timestamp与发起请求的时间不得超过5分钟"],
)
def test_our_signature_is_refused(well: WeChatPay, gateway: WechatPayGateway, message: str) -> None:
    well.refuses("GET", "order", 401, "SIGN_ERROR", message)
    misconfigured(gateway, message)
    assert len(well.requests) == 1


@pytest.mark.parametrize("path", [("GET", "order"), ("POST", NATIVE)])
@pytest.mark.parametrize(
    "code", ["MCH_NOT_EXISTS", "APPID_MCHID_NOT_MATCH", "NO_AUTH", "PARAM_ERROR"]
)
def test_our_numbers_are_refused(
    well: WeChatPay, gateway: WechatPayGateway, path: tuple[str, str], code: str
) -> None:
    well.refuses(*path, 400, code)
    misconfigured(gateway, code)


def test_another_public_key(
    well: WeChatPay, gateway: WechatPayGateway, public: Signer, platform: Signer
) -> None:
    well.signer = Signer(platform.key, public.serial)
    well.answers("GET", "/v3/certificates", certificates(), signer=well.signer)
    misconfigured(gateway, "WECHATPAY_PUBLIC_KEY WeChat Pay's own")
    assert well.asked("POST", NATIVE) == []


def test_another_id_of_the_public_key(
    well: WeChatPay, gateway: WechatPayGateway, public: Signer
) -> None:
    signer = Signer(public.key, "PUB_KEY_ID_7")
    well.answers("GET", "/v3/certificates", certificates(), signer=signer)
    misconfigured(gateway, "PUB_KEY_ID_7, which we do not know")


def test_another_public_key_where_there_are_no_certificates(
    well: WeChatPay, gateway: WechatPayGateway, public: Signer, platform: Signer
) -> None:
    well.refuses("GET", "/v3/certificates", 404, "RESOURCE_NOT_EXISTS")
    well.answers("POST", NATIVE, CODE, signer=Signer(platform.key, public.serial))
    misconfigured(gateway, "WECHATPAY_PUBLIC_KEY")


def test_another_apiv3_key(
    well: WeChatPay, gateway: WechatPayGateway, wechatpay_keys: WechatPayKeys
) -> None:
    content = certificates(wechatpay_keys.platform_certificate, key="x" * 32)
    well.answers("GET", "/v3/certificates", content)
    misconfigured(gateway, "WECHATPAY_APIV3_KEY")


def test_nobody_answers(well: WeChatPay, gateway: WechatPayGateway) -> None:
    well.answers("GET", "order", status=502)
    with pytest.raises(Unknown):
        gateway.check_credentials(at=NOW)


def test_too_many_at_once(well: WeChatPay, gateway: WechatPayGateway) -> None:
    well.refuses("POST", NATIVE, 429, "FREQUENCY_LIMITED")
    with pytest.raises(Unknown):
        gateway.check_credentials(at=NOW)


# --- At the start ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "variable"),
    [
        ("merchant_private_key", "WECHATPAY_MERCHANT_PRIVATE_KEY"),
        ("merchant_cert", "WECHATPAY_MERCHANT_CERT"),
        ("public_key", "WECHATPAY_PUBLIC_KEY"),
    ],
)
def test_a_file_is_missing_or_is_no_key(
    gateway_with: Callable, tmp_path: Path, setting: str, variable: str
) -> None:
    path = tmp_path / "file.pem"
    with pytest.raises(Misconfigured, match=f"{variable}: {path} cannot be read"):
        gateway_with(**{setting: path})
    path.write_text("-----BEGIN NONSENSE-----")
    with pytest.raises(Misconfigured, match=f"{variable}: {path} is no"):
        gateway_with(**{setting: path})
    # The others do not mind.
    assert isinstance(gateways.gateway("alipay"), AlipayGateway)


def test_a_certificate_of_another_key(gateway_with: Callable, tmp_path: Path) -> None:
    (tmp_path / "other.crt").write_bytes(certificate_of(new_key()).public_bytes(Encoding.PEM))
    with pytest.raises(Misconfigured, match="is not the certificate of"):
        gateway_with(merchant_cert=tmp_path / "other.crt")


@pytest.mark.parametrize("key", ["", "x" * 31, "x" * 33, "密" * 32])
def test_an_apiv3_key_of_another_length(gateway_with: Callable, key: str) -> None:
    with pytest.raises(Misconfigured, match=f"has {len(key.encode())} bytes, and must have 32"):
        gateway_with(apiv3_key=key)


def test_a_merchant_with_platform_certificates_only(
    wechat: WeChatPay, gateway_with: Callable, tmp_path: Path, platform_answers: Callable
) -> None:
    gateway = gateway_with(
        public_key_id="", public_key=tmp_path / "none.pem", gateway_url=wechat.url
    )
    platform_answers()
    assert gateway.api.fetch_certificates(NOW).keys() == {
        int(wechat.planned["GET", "/v3/certificates"].signer.serial, 16)
    }
    assert "wechatpay-serial" not in wechat.requests[0].headers
    # What the public key signs is then signed by nobody.
    platform_answers(signer=wechat.signer)
    with pytest.raises(Unknown):
        gateway.api.fetch_certificates(NOW)


def test_the_secrets_are_not_shown(
    gateway: WechatPayGateway, wechatpay_keys: WechatPayKeys
) -> None:
    shown = repr(gateway.us)
    assert APIV3_KEY not in shown
    assert "RSAPrivateKey" not in shown


def test_a_shop_without_wechat_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    known = settings.PAYMENT_GATEWAYS
    assert list(known) == ["alipay", "wechatpay"]
    gateways.gateway.cache_clear()
    monkeypatch.setattr(settings, "PAYMENT_GATEWAYS", {"alipay": known["alipay"]})
    with pytest.raises(UnknownProvider):
        gateways.gateway("wechatpay")
    gateways.gateway.cache_clear()


def test_a_key_that_is_no_rsa_key(gateway_with: Callable, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for setting, content in (("merchant_private_key", pem_of(key)), ("public_key", public)):
        (tmp_path / setting).write_bytes(content)
        with pytest.raises(Misconfigured, match="is no RSA key"):
            gateway_with(**{setting: tmp_path / setting})
