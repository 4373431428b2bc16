"""The checks every request passes, and the signature of every answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509

from sandbox.wechatpay import authorization
from sandbox.wechatpay.refusals import SignError
from tests.sandbox.wechatpay.merchant import (
    MCHID,
    NONCE,
    NUMBER,
    PLATFORM_SERIAL,
    PUBLIC_KEY_ID,
    Merchant,
    refused,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from flask.testing import FlaskClient

    from tests.sandbox.merchant import Clock

QUERY = f"/v3/pay/transactions/out-trade-no/{NUMBER}?mchid={MCHID}"
KIND = "WECHATPAY2-SHA256-RSA2048"
PAIRS = {
    "mchid": MCHID,
    "nonce_str": NONCE,
    "signature": "AAAA",
    "timestamp": "1772596800",
    "serial_no": "0AB1",
}


def header(pairs: dict[str, str]) -> str:
    return f"{KIND} " + ",".join(f'{name}="{value}"' for name, value in pairs.items())


def test_the_platform_certificate_comes_sealed(
    client: FlaskClient, merchant: Merchant, platform_key: rsa.RSAPrivateKey
) -> None:
    (row,) = merchant.asked(client, "/v3/certificates")["data"]
    assert row["serial_no"] == f"{PLATFORM_SERIAL:X}"
    assert row["effective_time"] == "2025-03-04T12:00:00+08:00"
    assert row["expire_time"] == "2126-02-08T12:00:00+08:00"
    assert row["encrypt_certificate"]["associated_data"] == "certificate"
    certificate = x509.load_pem_x509_certificate(merchant.opened(row["encrypt_certificate"]))
    assert certificate.public_key() == platform_key.public_key()


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (PUBLIC_KEY_ID, PUBLIC_KEY_ID),
        ("", f"{PLATFORM_SERIAL:X}"),
        (f"{PLATFORM_SERIAL:X}", f"{PLATFORM_SERIAL:X}"),
    ],
)
def test_the_merchant_chooses_the_key_of_the_answer(
    client: FlaskClient, merchant: Merchant, asked: str, answered: str
) -> None:
    response = merchant.asking_for(asked).get(client, "/v3/certificates")
    assert merchant.told(response)
    assert response.headers["Wechatpay-Serial"] == answered
    assert response.headers["Wechatpay-Timestamp"] == "1772596800"
    assert not merchant.believes(response.headers, response.data + b" ")


def test_an_unknown_key_is_refused(client: FlaskClient, merchant: Merchant) -> None:
    response = merchant.asking_for("PUB_KEY_ID_2").get(client, "/v3/certificates")
    assert refused(response)[:2] == (400, "PARAM_ERROR")


def test_no_two_answers_share_a_nonce(client: FlaskClient, merchant: Merchant) -> None:
    nonces = {merchant.get(client, "/v3/certificates").headers["Wechatpay-Nonce"] for _ in range(3)}
    assert len(nonces) == 3


CAUSES = {
    "缺少 Authorization": "",
    "认证类型不正确": header(PAIRS).replace(KIND, "WECHATPAY2-SM2-WITH-SM3"),
    "认证类型": header(PAIRS).replace(KIND, KIND.lower()),
    "五个以逗号相连": header({k: v for k, v in PAIRS.items() if k != "signature"}),
    "五个以逗号": header({**PAIRS, "extra": "1"}),
    "五个以": header(PAIRS).replace(",", ", "),
    "五个": header(PAIRS).replace('"', "'"),
    '名称="值"': header(PAIRS) + ',mchid="1"',
    "nonce_str": header({**PAIRS, "nonce_str": "N" * 33}),
    "timestamp": header({**PAIRS, "timestamp": "1772596800000"}),
    "以秒计": header({**PAIRS, "timestamp": "١٧٧٢٥٩٦٨٠٠"}),
    "serial_no": header({**PAIRS, "serial_no": "PUB_KEY_ID_1"}),
}


@pytest.mark.parametrize("message", CAUSES)
def test_a_malformed_header_is_told_apart(message: str) -> None:
    with pytest.raises(SignError, match=message):
        authorization.read(CAUSES[message])


def test_the_values_come_in_any_order() -> None:
    claim = authorization.read(header(dict(reversed(PAIRS.items()))))
    assert vars(claim) == PAIRS


@pytest.mark.parametrize("drift", [-301, 301])
def test_a_clock_that_is_off_is_said_before_the_signature(
    client: FlaskClient, merchant: Merchant, clock: Clock, drift: int
) -> None:
    at = str(int(clock().timestamp()) + drift)
    headers = merchant.headers("GET", QUERY, timestamp=at, signature="AAAA", serial_no="1")
    status, code, message = refused(client.get(QUERY, headers=headers))
    assert (status, code) == (401, "SIGN_ERROR")
    assert "5 分钟" in message


@pytest.mark.parametrize("drift", [-300, 300])
def test_five_minutes_are_borne(
    client: FlaskClient, merchant: Merchant, clock: Clock, drift: int
) -> None:
    at = str(int(clock().timestamp()) + drift)
    headers = merchant.headers("GET", "/v3/certificates", timestamp=at)
    assert merchant.told(client.get("/v3/certificates", headers=headers))


def test_another_certificate_is_said(client: FlaskClient, merchant: Merchant) -> None:
    headers = merchant.headers("GET", QUERY, serial_no=f"{PLATFORM_SERIAL:X}")
    status, code, message = refused(client.get(QUERY, headers=headers))
    assert (status, code) == (401, "SIGN_ERROR")
    assert "序列号" in message


def test_an_expired_certificate_is_said(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    clock.advance(days=36501)
    status, code, message = refused(merchant.get(client, QUERY))
    assert (status, code) == (401, "SIGN_ERROR")
    assert "过期" in message


def test_an_unknown_merchant_is_refused(client: FlaskClient, merchant: Merchant) -> None:
    headers = merchant.headers("GET", QUERY, mchid="1900000002")
    assert refused(client.get(QUERY, headers=headers))[:2] == (400, "MCH_NOT_EXISTS")


@pytest.mark.parametrize(
    "target",
    [
        QUERY.partition("?")[0],
        f"{QUERY}&",
        QUERY.replace("out-trade-no", "id"),
        QUERY.replace(MCHID, "1900000002"),
    ],
)
def test_a_signature_over_another_address_is_refused(
    client: FlaskClient, merchant: Merchant, target: str
) -> None:
    response = client.get(QUERY, headers=merchant.headers("GET", target))
    assert refused(response)[:2] == (401, "SIGN_ERROR")


@pytest.mark.parametrize("signature", ["", "AAAA", "签名", "A" * 344, "===="])
def test_junk_is_no_signature(client: FlaskClient, merchant: Merchant, signature: str) -> None:
    headers = merchant.headers("GET", QUERY, signature=signature)
    headers["Authorization"] = headers["Authorization"].encode().decode("latin-1")
    status, code, message = refused(client.get(QUERY, headers=headers))
    assert (status, code) == (401, "SIGN_ERROR")
    assert "验签失败" in message


def test_the_body_is_signed_as_sent(client: FlaskClient, merchant: Merchant) -> None:
    target = f"/v3/pay/transactions/out-trade-no/{NUMBER}/close"
    sent, signed = json.dumps({"mchid": MCHID}).encode(), b'{"mchid":"1900000001"}'
    headers = merchant.headers("POST", target, signed)
    assert refused(client.post(target, data=sent, headers=headers))[:2] == (401, "SIGN_ERROR")
    headers = merchant.headers("POST", target, sent)
    assert refused(client.post(target, data=sent, headers=headers))[:2] == (404, "ORDER_NOT_EXIST")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("User-Agent", ""),
        ("Accept", ""),
        ("Accept", "text/html"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ],
)
def test_a_header_that_is_missing_is_refused(
    client: FlaskClient, merchant: Merchant, name: str, value: str
) -> None:
    target = "/v3/refund/domestic/refunds"
    headers = {**merchant.headers("POST", target, b"{}"), name: value}
    response = client.post(target, data=b"{}", headers=headers)
    status, code, message = refused(response)
    assert (status, code) == (400, "INVALID_REQUEST")
    assert name in message


@pytest.mark.parametrize("spelling", ["T%7C1*2-_3", "T|1*2-_3", "T%7C1%2A2-_3"])
def test_an_escaped_number_is_signed_as_it_was_escaped(
    client: FlaskClient, merchant: Merchant, spelling: str
) -> None:
    """With a server that hands on the path decoded only, as Granian does."""
    target = f"/v3/pay/transactions/out-trade-no/{spelling}?mchid={MCHID}"
    undecoded: dict[str, Any] = {"RAW_URI": "", "REQUEST_URI": ""}
    response = client.get(
        target, headers=merchant.headers("GET", target), environ_overrides=undecoded
    )
    assert refused(response)[:2] == (404, "ORDER_NOT_EXIST")


def test_an_address_that_is_not_there_is_said_to_the_merchant_only(
    client: FlaskClient, merchant: Merchant
) -> None:
    assert refused(merchant.get(client, "/v3/nothing"))[:2] == (404, "RESOURCE_NOT_EXISTS")
    assert refused(client.get("/v3/nothing", headers={"Accept": "application/json"}))[0] == 401
