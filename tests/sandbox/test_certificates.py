"""Certificate mode, and the transfers that need it."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alipay import DCAliPay
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient

from sandbox.alipay.certificates import Certificates, root_number
from sandbox.config import Config, ConfigError
from tests.sandbox.certificates import Issued, issue, issue_all
from tests.sandbox.merchant import START, Merchant, ask, load_key

QUERY = "alipay.trade.query"
TRANSFER = "alipay.fund.trans.uni.transfer"
TRANSFER_QUERY = "alipay.fund.trans.common.query"
DOWNLOAD = "alipay.open.app.alipaycert.download"


@pytest.fixture(scope="session")
def issued(merchant_key: rsa.RSAPrivateKey, provider_key: rsa.RSAPrivateKey) -> Issued:
    return issue_all(merchant_key.public_key(), provider_key)


def read(issued: Issued) -> Certificates:
    return Certificates.read(app=issued.app, own=issued.own, roots=issued.roots)


@pytest.fixture(scope="session")
def numbers(issued: Issued) -> dict[str, str]:
    """The two numbers that a merchant sends, by the SDK's reckoning."""
    return {
        "app_cert_sn": DCAliPay.get_cert_sn(issued.app),
        "alipay_root_cert_sn": DCAliPay.get_root_cert_sn(issued.roots.decode()),
    }


@pytest.fixture
def client(start: Any, issued: Issued) -> FlaskClient:
    client: FlaskClient = start(certificates=read(issued)).test_client()
    return client


def node_of(body: dict[str, Any]) -> dict[str, Any]:
    (node,) = (part for part in body.values() if isinstance(part, dict))
    return node


def test_the_numbers_are_those_of_the_sdk(issued: Issued, numbers: dict[str, str]) -> None:
    certificates = read(issued)
    assert certificates.app_sn == numbers["app_cert_sn"]
    assert certificates.own_sn == DCAliPay.get_cert_sn(issued.own)
    assert certificates.root_sn == numbers["alipay_root_cert_sn"]
    assert len(certificates.root_sn) == 65


def test_what_is_no_rsa_certificate_has_no_number(issued: Issued) -> None:
    unreadable = (
        b"-----BEGIN CERTIFICATE-----\nMIIBszCCAVegAwIBAgIIaeL\n-----END CERTIFICATE-----\n"
    )
    assert root_number(unreadable + issued.roots.replace(b"\n", b"\r\n")) == read(issued).root_sn
    with pytest.raises(ValueError, match="no RSA certificate"):
        root_number(unreadable)


def test_an_answer_names_the_certificate_that_signed_it(
    client: FlaskClient, merchant: Merchant, issued: Issued, numbers: dict[str, str]
) -> None:
    body = ask(client, merchant.request(QUERY, {"out_trade_no": "1"}, **numbers))
    assert body["alipay_cert_sn"] == DCAliPay.get_cert_sn(issued.own)
    assert node_of(body)["sub_code"] == "ACQ.TRADE_NOT_EXIST"


def test_keys_are_taken_beside_certificates(client: FlaskClient, merchant: Merchant) -> None:
    body = ask(client, merchant.request(QUERY, {"out_trade_no": "1"}))
    assert node_of(body)["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    assert "alipay_cert_sn" not in body


def test_in_certificate_mode_the_certified_key_counts(
    start: Any, merchant: Merchant, issued: Issued, keys: tuple[str, str], numbers: dict[str, str]
) -> None:
    """Here the key that was uploaded is another one, so a signature by key is refused."""
    other = load_key(keys[1]).public_key()
    client = start(certificates=read(issued), app_public_key=other).test_client()
    by_key = merchant.request(QUERY, {"out_trade_no": "1"})
    assert node_of(ask(client, by_key))["sub_code"] == "isv.invalid-signature"
    certified = merchant.request(QUERY, {"out_trade_no": "1"}, **numbers)
    assert node_of(ask(client, certified))["sub_code"] == "ACQ.TRADE_NOT_EXIST"


@pytest.mark.parametrize(
    ("changes", "sub_code"),
    [
        ({"app_cert_sn": ""}, "isv.missing-app-cert-sn"),
        ({"app_cert_sn": "0" * 32}, "isv.invalid-app-cert-sn"),
        ({"alipay_root_cert_sn": ""}, "isv.missing-alipay-root-cert-sn"),
        ({"alipay_root_cert_sn": "0" * 32}, "isv.invalid-alipay-root-cert-sn"),
    ],
)
def test_wrong_numbers_are_refused(
    client: FlaskClient,
    merchant: Merchant,
    numbers: dict[str, str],
    changes: dict[str, str],
    sub_code: str,
) -> None:
    params = merchant.request(QUERY, {"out_trade_no": "1"}, **{**numbers, **changes})
    node = node_of(ask(client, params))
    assert (node["code"], node["sub_code"]) == ("40002", sub_code)


def test_an_expired_certificate_is_refused(
    start: Any,
    merchant: Merchant,
    merchant_key: rsa.RSAPrivateKey,
    provider_key: rsa.RSAPrivateKey,
    issued: Issued,
    numbers: dict[str, str],
) -> None:
    until = START - timedelta(seconds=1)
    old = issue("old", merchant_key.public_key(), "App CA", provider_key, until=until)
    certificates = Certificates.read(app=old, own=issued.own, roots=issued.roots)
    client = start(certificates=certificates).test_client()
    sent = {**numbers, "app_cert_sn": DCAliPay.get_cert_sn(old)}
    node = node_of(ask(client, merchant.request(QUERY, {"out_trade_no": "1"}, **sent)))
    assert node["sub_code"] == "isv.app-cert-expired"


def test_without_certificates_there_is_no_certificate_mode(
    start: Any, merchant: Merchant, numbers: dict[str, str]
) -> None:
    client = start().test_client()
    certified = merchant.request(QUERY, {"out_trade_no": "1"}, **numbers)
    assert node_of(ask(client, certified))["sub_code"] == "isv.invalid-app-cert-sn"
    for method in (TRANSFER, TRANSFER_QUERY):
        node = node_of(ask(client, merchant.request(method, {"out_biz_no": "P1"})))
        assert (node["code"], node["sub_code"]) == ("40002", "isv.missing-app-cert-sn")


def test_the_providers_certificate_can_be_fetched(
    client: FlaskClient, merchant: Merchant, issued: Issued, numbers: dict[str, str]
) -> None:
    wanted = {"alipay_cert_sn": DCAliPay.get_cert_sn(issued.own)}
    node = node_of(ask(client, merchant.request(DOWNLOAD, wanted, **numbers)))
    assert base64.b64decode(node["alipay_cert_content"]) == issued.own
    other = merchant.request(DOWNLOAD, {"alipay_cert_sn": "0" * 32}, **numbers)
    assert node_of(ask(client, other))["sub_code"] == "CERT_NOT_EXIST"


# --- Transfers ----------------------------------------------------------------------------------
PAYOUT: dict[str, Any] = {
    "out_biz_no": "P1",
    "trans_amount": "0.10",
    "biz_scene": "DIRECT_TRANSFER",
    "product_code": "TRANS_ACCOUNT_NO_PWD",
    "order_title": "退款",
    "payee_info": {"identity": "2088000000000099", "identity_type": "ALIPAY_USER_ID"},
}


def payee(kind: str, identity: str, **more: str) -> dict[str, Any]:
    return {"payee_info": {"identity_type": kind, "identity": identity, **more}}


@pytest.fixture
def send(client: FlaskClient, merchant: Merchant, numbers: dict[str, str]) -> Any:
    """Calls a method in certificate mode; the answer's node."""

    def _send(method: str, biz: dict[str, Any]) -> dict[str, Any]:
        return node_of(ask(client, merchant.request(method, biz, **numbers)))

    return _send


def payouts(client: FlaskClient) -> list[tuple[str, int, str]]:
    found = client.get("/ledger.json").get_json()["payouts"]
    return [(item["out_biz_no"], item["fen"], item["payee"]) for item in found]


def test_money_is_sent_once(client: FlaskClient, send: Any) -> None:
    first = send(TRANSFER, PAYOUT)
    assert first == {
        "code": "10000",
        "msg": "Success",
        "order_id": first["order_id"],
        "out_biz_no": "P1",
        "pay_fund_order_id": first["order_id"],
        "status": "SUCCESS",
        "trans_date": "2026-03-04 12:00:00",
    }
    assert send(TRANSFER, PAYOUT) == first
    assert payouts(client) == [("P1", 10, "ALIPAY_USER_ID:2088000000000099")]


@pytest.mark.parametrize(
    "change", [{"trans_amount": "0.11"}, payee("ALIPAY_USER_ID", "2088000000000098")]
)
def test_another_transfer_under_the_same_number_is_refused(
    client: FlaskClient, send: Any, change: dict[str, Any]
) -> None:
    send(TRANSFER, PAYOUT)
    assert send(TRANSFER, PAYOUT | change)["sub_code"] == "BIZ_UNIQUE_EXCEPTION"
    assert len(payouts(client)) == 1


@pytest.mark.parametrize(
    ("change", "sub_code"),
    [
        ({"out_biz_no": ""}, "INVALID_PARAMETER"),
        ({"out_biz_no": "P-1"}, "INVALID_PARAMETER"),
        ({"biz_scene": "PERSONAL"}, "INVALID_PARAMETER"),
        ({"product_code": "STD_RED_PACKET"}, "INVALID_PARAMETER"),
        ({"order_title": ""}, "INVALID_PARAMETER"),
        ({"payee_info": None}, "INVALID_PARAMETER"),
        ({"trans_amount": "x"}, "ACQ.INVALID_PARAMETER"),
        ({"trans_amount": "0.09"}, "EXCEED_LIMIT_SM_MIN_AMOUNT"),
        (payee("BANK", "2088000000000099"), "INVALID_PARAMETER"),
        (payee("ALIPAY_LOGON_ID", "a@b.test"), "INVALID_PARAMETER"),
        (payee("ALIPAY_LOGON_ID", "nobody", name="某人"), "PAYEE_NOT_EXIST"),
        (payee("ALIPAY_USER_ID", "2099000000000099"), "PAYEE_NOT_EXIST"),
    ],
)
def test_a_bad_transfer_sends_nothing(
    client: FlaskClient, send: Any, change: dict[str, Any], sub_code: str
) -> None:
    assert send(TRANSFER, PAYOUT | change)["sub_code"] == sub_code
    assert payouts(client) == []


def test_a_transfer_is_asked_for_by_either_number(send: Any) -> None:
    order_id = send(TRANSFER, PAYOUT | payee("ALIPAY_LOGON_ID", "a@b.test", name="某人"))[
        "order_id"
    ]
    for number in ({"out_biz_no": "P1"}, {"order_id": order_id}):
        found = send(TRANSFER_QUERY, number)
        assert (found["status"], found["trans_amount"]) == ("SUCCESS", "0.10")
        assert found["pay_date"] == "2026-03-04 12:00:00"
    assert send(TRANSFER_QUERY, {"out_biz_no": "P2"})["sub_code"] == "ORDER_NOT_EXIST"
    assert send(TRANSFER_QUERY, {})["sub_code"] == "INVALID_PARAMETER"


def test_without_funds_nothing_is_sent(client: FlaskClient, send: Any) -> None:
    client.post("/faults", json={"name": "no_balance", "action": "transfer", "times": 1})
    assert send(TRANSFER, PAYOUT)["sub_code"] == "PAYER_BALANCE_NOT_ENOUGH"
    assert payouts(client) == []
    assert send(TRANSFER, PAYOUT)["status"] == "SUCCESS"


def test_a_transfer_can_take_its_time(client: FlaskClient, send: Any) -> None:
    client.post("/faults", json={"name": "refund_processing", "out_trade_no": "P1"})
    dealing = send(TRANSFER, PAYOUT)
    assert dealing["status"] == "DEALING"
    assert "trans_date" not in dealing
    assert send(TRANSFER_QUERY, {"out_biz_no": "P1"})["status"] == "DEALING"
    client.delete("/faults")
    assert send(TRANSFER_QUERY, {"out_biz_no": "P1"})["status"] == "SUCCESS"


@pytest.mark.parametrize("after", ["", "_after"])
def test_a_transfer_whose_outcome_is_unknown(client: FlaskClient, send: Any, after: str) -> None:
    client.post("/faults", json={"name": f"system_error{after}", "times": 1})
    assert send(TRANSFER, PAYOUT)["sub_code"] == "SYSTEM_ERROR"
    assert len(payouts(client)) == (1 if after else 0)
    assert send(TRANSFER, PAYOUT)["status"] == "SUCCESS"
    assert len(payouts(client)) == 1


# --- Configuration ------------------------------------------------------------------------------
@pytest.fixture
def environ(keys: tuple[str, str], issued: Issued, tmp_path: Path) -> dict[str, str]:
    contents: dict[str, bytes] = {
        "SANDBOX_APP_PUBLIC_KEY": keys[0].encode(),
        "SANDBOX_PRIVATE_KEY": keys[1].encode(),
        "SANDBOX_APP_CERT": issued.app,
        "SANDBOX_ALIPAY_CERT": issued.own,
        "SANDBOX_ALIPAY_ROOT_CERT": issued.roots,
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: str(tmp_path / name) for name in contents}


def test_the_certificates_are_read_if_they_are_there(environ: dict[str, str]) -> None:
    config = Config.from_env(environ)
    assert config.certificates is not None
    for name in ("SANDBOX_APP_CERT", "SANDBOX_ALIPAY_CERT", "SANDBOX_ALIPAY_ROOT_CERT"):
        Path(environ[name]).unlink()
    assert Config.from_env(environ).certificates is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("SANDBOX_ALIPAY_ROOT_CERT", None),
        ("SANDBOX_APP_CERT", b"junk"),
        ("SANDBOX_ALIPAY_ROOT_CERT", b"junk"),
    ],
)
def test_a_certificate_that_cannot_be_read_is_named(
    environ: dict[str, str], name: str, content: bytes | None
) -> None:
    if content is None:
        Path(environ[name]).unlink()
    else:
        Path(environ[name]).write_bytes(content)
    with pytest.raises(ConfigError, match="certificate"):
        Config.from_env(environ)


def test_the_certificate_must_be_of_the_signing_key(
    environ: dict[str, str], issued: Issued
) -> None:
    Path(environ["SANDBOX_ALIPAY_CERT"]).write_bytes(issued.app)
    with pytest.raises(ConfigError, match="SANDBOX_ALIPAY_CERT"):
        Config.from_env(environ)
