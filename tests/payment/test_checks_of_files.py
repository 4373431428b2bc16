"""What the system checks see of WeChat Pay, of certificates, and of the lines of PAYMENT_GATEWAYS."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from django.core.checks import WARNING, CheckMessage, Error

from apps.payment.checks import (
    check_alipay,
    check_alipay_deployment,
    check_minutes,
    check_providers,
    check_shop_name,
    check_wechatpay,
    check_wechatpay_deployment,
)
from tests.payment.made_keys import lay_keys

FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return lay_keys(tmp_path / "keys")


@pytest.fixture
def wechatpay(keys: Path, settings: Any) -> dict[str, Any]:
    """Settings with nothing wrong in them; a test changes one."""
    settings.PAYMENT_GATEWAYS = {"wechatpay": "not.imported"}
    settings.WECHATPAY = {
        "mchid": "1900000001",
        "app_id": "wx0000000000000001",
        "gateway_url": "https://api.mch.weixin.qq.com",
        "notify_url": "https://shop.example/api/v1/payment/wechatpay/notify/",
        "return_url": "https://shop.example/pay_success.html",
        "merchant_private_key": keys / "wechatpay_merchant_private.pem",
        "merchant_cert": keys / "wechatpay_merchant.crt",
        "apiv3_key": (keys / "wechatpay_apiv3_key").read_text(),
        "public_key": keys / "wechatpay_public.pem",
        "public_key_id": "PUB_KEY_ID_0000000000000000000000000000000001",
    }
    return settings.WECHATPAY


@pytest.fixture
def alipay(keys: Path, settings: Any) -> dict[str, Any]:
    """Alipay in certificate mode, likewise."""
    settings.ALIPAY = settings.ALIPAY | {
        "gateway_url": "https://openapi.alipay.com/gateway.do",
        "notify_url": "https://shop.example/api/v1/payment/alipay/notify/",
        "app_private_key": keys / "alipay_app_private.pem",
        "alipay_public_key": keys / "none.pem",
        "app_cert": keys / "alipay_app.crt",
        "alipay_cert": keys / "alipay.crt",
        "alipay_root_cert": keys / "alipay_root.crt",
    }
    return settings.ALIPAY


def ids(found: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in found]


def certificate(private: Path, *, start: datetime, end: datetime) -> bytes:
    """Over the key in a file, signed by itself."""
    key = load_pem_private_key(private.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Somebody")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, start, end)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_nothing_is_wrong(wechatpay: dict, alipay: dict) -> None:
    assert check_wechatpay(None) == []
    assert list(check_wechatpay_deployment(None)) == []


def test_nothing_is_wrong_with_alipays_certificates(alipay: dict) -> None:
    assert check_alipay(None) == []
    assert list(check_alipay_deployment(None)) == []


def test_a_provider_that_is_not_enabled_is_not_looked_at(settings: Any) -> None:
    settings.PAYMENT_GATEWAYS = {}
    settings.ALIPAY = settings.WECHATPAY = {}
    assert check_alipay(None) == check_wechatpay(None) == []
    assert [*check_alipay_deployment(None), *check_wechatpay_deployment(None)] == []


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("mchid", "", "payment.E017"),
        ("mchid", "19000x0001", "payment.E017"),
        ("app_id", "2021000000000001", "payment.E017"),
        ("app_id", "wx000000000000001", "payment.E017"),
        ("public_key_id", "1", "payment.E017"),
        ("apiv3_key", "", "payment.E014"),
        ("apiv3_key", "x" * 31, "payment.E014"),
        ("apiv3_key", "密" * 32, "payment.E014"),
        ("gateway_url", "api.mch.weixin.qq.com", "payment.E018"),
        ("notify_url", "/notify/", "payment.E018"),
        ("notify_url", "https://shop.example/notify/?from=wechat", "payment.E018"),
        ("return_url", "/pay_success.html", "payment.E018"),
    ],
)
def test_a_wrong_value(wechatpay: dict, name: str, value: str, found: str) -> None:
    wechatpay[name] = value
    assert ids(check_wechatpay(None)) == [found]


@pytest.mark.parametrize(
    ("name", "missing", "wrong", "misplaced"),
    [
        ("merchant_private_key", "payment.E010", "payment.E011", "wechatpay_public.pem"),
        ("merchant_cert", "payment.E012", "payment.E012", "wechatpay_merchant_private.pem"),
        ("public_key", "payment.E015", "payment.E016", "wechatpay_merchant_private.pem"),
    ],
)
def test_a_wrong_file(
    wechatpay: dict, keys: Path, name: str, missing: str, wrong: str, misplaced: str
) -> None:
    (keys / "text").write_text("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw")
    for file, found in (("none", missing), ("text", wrong), (misplaced, wrong)):
        wechatpay[name] = keys / file
        (message,) = check_wechatpay(None)
        assert message.id == found
        assert str(keys / file) in message.msg
        assert "manage.py make_keys" in str(message.hint)


def test_the_apiv3_key_is_not_shown(wechatpay: dict) -> None:
    wechatpay["apiv3_key"] = "very-secret"
    (message,) = check_wechatpay(None)
    assert "very-secret" not in f"{message.msg} {message.hint}"


def test_without_its_number_no_public_key_is_needed(wechatpay: dict, keys: Path) -> None:
    wechatpay.update(public_key_id="", public_key=keys / "none")
    assert check_wechatpay(None) == []


def test_the_certificate_of_another_key(wechatpay: dict, keys: Path) -> None:
    wechatpay["merchant_cert"] = keys / "sandbox_wechatpay_platform.crt"
    assert ids(check_wechatpay(None)) == ["payment.E013"]


def test_alipays_certificate_of_another_key(alipay: dict, keys: Path) -> None:
    alipay["app_cert"] = keys / "alipay.crt"
    assert ids(check_alipay(None)) == ["payment.E009"]


@pytest.mark.parametrize("name", ["app_cert", "alipay_cert", "alipay_root_cert"])
def test_some_of_alipays_certificates_only(alipay: dict, keys: Path, name: str) -> None:
    alipay[name] = None
    assert ids(check_alipay(None)) == ["payment.E007"]


@pytest.mark.parametrize("name", ["app_cert", "alipay_cert", "alipay_root_cert"])
def test_a_file_without_an_rsa_certificate(alipay: dict, keys: Path, name: str) -> None:
    only_ec = (keys / "alipay_root.crt").read_bytes().split(b"-----END CERTIFICATE-----")[0]
    (keys / "ec.crt").write_bytes(only_ec + b"-----END CERTIFICATE-----\n")
    for file in ("none", "ec.crt", "alipay_app_public.pem"):
        alipay[name] = keys / file
        assert ids(check_alipay(None)) == ["payment.E008"]


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (-10, -1, "expired on"),
        (-10, 29, "expires on"),
        (1, 100, "not valid yet"),
    ],
)
def test_a_certificate_out_of_date_warns_and_stops_nothing(
    wechatpay: dict, alipay: dict, keys: Path, settings: Any, start: int, end: int, said: str
) -> None:
    now = datetime.now(UTC)
    days = {"start": now + timedelta(days=start), "end": now + timedelta(days=end)}
    for config, check, name, private in (
        (wechatpay, check_wechatpay, "merchant_cert", "wechatpay_merchant_private.pem"),
        (alipay, check_alipay, "app_cert", "alipay_app_private.pem"),
    ):
        settings.PAYMENT_GATEWAYS = {check.__name__.removeprefix("check_"): "not.imported"}
        config[name] = keys / "dated.crt"
        (keys / "dated.crt").write_bytes(certificate(keys / private, **days))
        (message,) = check(None)
        assert message.level == WARNING
        assert message.id == "payment.W003"
        assert said in message.msg


def test_a_certificate_that_is_good_for_a_while(wechatpay: dict, keys: Path) -> None:
    now = datetime.now(UTC)
    (keys / "wechatpay_merchant.crt").write_bytes(
        certificate(
            keys / "wechatpay_merchant_private.pem", start=FIRST_DAY, end=now + timedelta(days=31)
        )
    )
    assert check_wechatpay(None) == []


def test_what_a_deployment_is_warned_of(wechatpay: dict, keys: Path) -> None:
    wechatpay["gateway_url"] = "http://127.0.0.1:8001"
    wechatpay["notify_url"] = "http://shop.example/api/v1/payment/wechatpay/notify/"
    (keys / "wechatpay_merchant_private.pem").chmod(0o644)
    assert ids(list(check_wechatpay_deployment(None))) == [
        "payment.W001",
        "payment.W004",
        "payment.W005",
    ]


@pytest.mark.parametrize(
    ("minutes", "found"),
    [(1, ["payment.E022"]), (2, []), (120, []), (121, ["payment.E022"])],
)
def test_how_long_an_order_waits(settings: Any, minutes: int, found: list[str]) -> None:
    settings.PAYMENT_MINUTES = minutes
    assert ids(list(check_minutes(None))) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [("", ["payment.E023"]), (" ", ["payment.E023"]), ("店", []), ("店" * 27, ["payment.E023"])],
)
def test_the_shops_name(settings: Any, name: str, found: list[str]) -> None:
    settings.SHOP_NAME = name
    assert ids(list(check_shop_name(None))) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ({"alipay": "apps.payment.gateways.alipay.AlipayGateway"}, []),
        ({"bank": "apps.payment.gateways.alipay.AlipayGateway"}, ["payment.E021"]),
        ({"alipay": "apps.payment.gateways.alipay.NoGateway"}, ["payment.E021"]),
        ({"alipay": "apps.payment.gateways.none.AlipayGateway"}, ["payment.E021"]),
        ({"a/b": "apps.payment.gateways.none.Gateway"}, ["payment.E020", "payment.E021"]),
        ({"x" * 21: "apps.payment.gateways.none.Gateway"}, ["payment.E020", "payment.E021"]),
    ],
)
def test_the_lines_of_the_gateways(settings: Any, line: dict, found: list[str]) -> None:
    settings.PAYMENT_GATEWAYS = line
    messages = list(check_providers(None))
    assert ids(messages) == found
    assert all(isinstance(message, Error) for message in messages)
