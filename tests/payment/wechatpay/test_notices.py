"""Notices, and forged ones: believed is what WeChat Pay signed within five minutes, and nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from wechatpayv3 import WeChatPay as Referee

from apps.payment.exceptions import BadSignature, MalformedNotice
from apps.payment.gateways.interface import Notice, PaymentTold, Receipt, RefundTold
from apps.payment.gateways.wechatpay import WechatPayGateway
from tests.payment.wechatpay.provider import (
    NOW,
    Signer,
    WeChatPay,
    envelope,
    notice,
    refund_notice_fields,
    sealed,
    transaction,
)
from tests.wechatpay_keys import WechatPayKeys, pem_of


def test_a_payment(gateway: WechatPayGateway, public: Signer) -> None:
    fields = transaction()
    told = gateway.parse_notice(notice(envelope(fields), public))
    assert told == PaymentTold(
        provider="wechatpay",
        kind="notice",
        event_id="EV-2018022511223320873",
        out_trade_no="2026112300000000000000000101",
        trade_no="4200002026112300000000000001",
        app_id="wx0000000000000001",
        account="1900000001",
        amount=Decimal("110.00"),
        currency="CNY",
        status="SUCCESS",
        outcome="paid",
        paid_at=datetime(2026, 11, 23, 3, 59, 30, tzinfo=UTC),
        payload={
            "id": "EV-2018022511223320873",
            "event_type": "TRANSACTION.SUCCESS",
            "resource": fields,
        },
        payer="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    )


@pytest.mark.parametrize(
    ("status", "outcome"), [("SUCCESS", "succeeded"), ("ABNORMAL", "stuck"), ("CLOSED", "failed")]
)
def test_a_refund(gateway: WechatPayGateway, public: Signer, status: str, outcome: str) -> None:
    is_done = status == "SUCCESS"
    changed = {} if is_done else {"success_time": None}
    fields = refund_notice_fields(refund_status=status, **changed)
    told = gateway.parse_notice(notice(envelope(fields), public))
    assert told == RefundTold(
        provider="wechatpay",
        kind="notice",
        event_id="EV-2018022511223320873",
        out_trade_no="2026112300000000000000000101",
        out_request_no="R2026112300000001",
        refund_no="50000000382019052709732678859",
        amount=Decimal("10.01"),
        status=status,
        outcome=outcome,
        succeeded_at=datetime(2026, 11, 23, 3, 59, 40, tzinfo=UTC) if is_done else None,
        payload={
            "id": "EV-2018022511223320873",
            "event_type": f"REFUND.{status}",
            "resource": fields,
        },
        app_id="",
        account="1900000001",
    )


def test_the_receipt(gateway: WechatPayGateway) -> None:
    assert gateway.receipt() == Receipt(200, "application/json", '{"code":"SUCCESS"}')


def test_both_kinds_of_keys_are_believed_at_once(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    public: Signer,
    platform: Signer,
    platform_answers: Callable[..., None],
) -> None:
    platform_answers()
    for signer in (platform, public, platform):
        told = gateway.parse_notice(notice(envelope(transaction()), signer))
        assert isinstance(told, PaymentTold)
        assert told.amount == Decimal("110.00")
    assert len(wechat.requests) == 1


def test_somebody_elses_library_reads_the_same(
    gateway: WechatPayGateway, public: Signer, referee: Referee
) -> None:
    heard = notice(envelope(transaction()), public)
    theirs = referee.callback(dict(heard.headers), heard.body)
    assert theirs["resource"] == gateway.parse_notice(heard).payload["resource"] == transaction()


# --- Forged ---------------------------------------------------------------------------------------


def refused_unheard(wechat: WeChatPay, gateway: WechatPayGateway, heard: Notice) -> None:
    with pytest.raises(BadSignature):
        gateway.parse_notice(heard)
    assert wechat.requests == []


@pytest.mark.parametrize(
    "name", ["id", "create_time", "resource_type", "event_type", "summary", "resource"]
)
@pytest.mark.parametrize("change", ["other", "blank", "gone"])
def test_a_field_of_the_envelope_changed(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    public: Signer,
    referee: Referee,
    name: str,
    change: str,
) -> None:
    content = envelope(transaction())
    genuine = notice(content, public)
    forged: dict[str, Any] = {**content, name: {"other": "x", "blank": ""}.get(change)}
    if change == "gone":
        del forged[name]
    heard = replace(genuine, body=json.dumps(forged, ensure_ascii=False).encode())
    refused_unheard(wechat, gateway, heard)
    assert referee.callback(dict(heard.headers), heard.body) is None


@pytest.mark.parametrize("name", ["algorithm", "ciphertext", "nonce", "associated_data"])
def test_a_field_of_the_resource_changed(
    wechat: WeChatPay, gateway: WechatPayGateway, public: Signer, name: str
) -> None:
    content = envelope(transaction())
    genuine = notice(content, public)
    # The one who forges knows our APIv3 key, even: it is the signature that refuses.
    cheap = envelope(transaction(amount={"total": 1, "currency": "CNY"}))
    resource = {**content["resource"], name: cheap["resource"][name] + " "}
    forged = json.dumps({**content, "resource": resource}, ensure_ascii=False).encode()
    refused_unheard(wechat, gateway, replace(genuine, body=forged))


@pytest.mark.parametrize("body", [b"", b"{}", b"\n", b"\xff"])
def test_another_body(
    wechat: WeChatPay, gateway: WechatPayGateway, public: Signer, body: bytes
) -> None:
    genuine = notice(envelope(transaction()), public)
    refused_unheard(wechat, gateway, replace(genuine, body=body))
    refused_unheard(wechat, gateway, replace(genuine, body=genuine.body + b"\n"))


@pytest.mark.parametrize("name", ["serial", "timestamp", "nonce", "signature"])
@pytest.mark.parametrize("value", [None, "", "x", "1", "-1", "９９", "9" * 400, "1e9"])
def test_a_header_changed(
    wechat: WeChatPay, gateway: WechatPayGateway, public: Signer, name: str, value: str | None
) -> None:
    wechat.answers("GET", "/v3/certificates", {"data": []})
    genuine = notice(envelope(transaction()), public)
    headers = {**genuine.headers, f"wechatpay-{name}": value or ""}
    if value is None:
        del headers[f"wechatpay-{name}"]
    # A serial that could be a certificate's is asked after, which test_certificates bounds.
    gateway.api.certificates.for_answer("AB", at=NOW)
    with pytest.raises(BadSignature):
        gateway.parse_notice(replace(genuine, headers=headers))
    assert len(wechat.requests) == 1


def test_the_headers_of_another_notice(
    wechat: WeChatPay, gateway: WechatPayGateway, public: Signer
) -> None:
    paid = notice(envelope(transaction()), public)
    other = notice(envelope(transaction(out_trade_no="2026112300000000000000000201")), public)
    refused_unheard(wechat, gateway, replace(paid, headers=other.headers))


def test_another_scheme(wechat: WeChatPay, gateway: WechatPayGateway, public: Signer) -> None:
    genuine = notice(envelope(transaction()), public)
    headers = {**genuine.headers, "wechatpay-signature-type": "WECHATPAY2-SM2-WITH-SM3"}
    refused_unheard(wechat, gateway, replace(genuine, headers=headers))


def test_a_probe_is_refused(wechat: WeChatPay, gateway: WechatPayGateway, public: Signer) -> None:
    genuine = notice(envelope(transaction()), public)
    probe = "WECHATPAY/SIGNTEST/" + genuine.headers["wechatpay-signature"][19:]
    headers = {**genuine.headers, "wechatpay-signature": probe}
    refused_unheard(wechat, gateway, replace(genuine, headers=headers))


def test_the_key_of_somebody_else(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    public: Signer,
    platform: Signer,
    wechatpay_keys: WechatPayKeys,
) -> None:
    ours = RSA.import_key(pem_of(wechatpay_keys.merchant))
    # Ours under their name, theirs of one kind under the name of the other, and a name of nobody's.
    for key, serial in [
        (ours, public.serial),
        (platform.key, public.serial),
        (public.key, public.serial[:-1] + "9"),
        (public.key, public.serial.lower()),
        (public.key, "PUB_KEY_ID_"),
    ]:
        heard = notice(envelope(transaction()), Signer(key, serial))
        refused_unheard(wechat, gateway, heard)


@pytest.mark.parametrize("timestamp", ["99999999999", "999999999999", "٣", "-1", "1e9", "9" * 5000])
def test_a_time_that_no_clock_shows(
    wechat: WeChatPay, gateway: WechatPayGateway, timestamp: str
) -> None:
    """Anybody can send it, and it is no fault of ours."""
    headers = {
        "wechatpay-serial": "PUB_KEY_ID_0000000000000000000000000000000001",
        "wechatpay-timestamp": timestamp,
        "wechatpay-nonce": "n",
        "wechatpay-signature": "c2ln",
    }
    refused_unheard(wechat, gateway, Notice(headers, b"{}", at=NOW))


@pytest.mark.parametrize(
    ("seconds", "is_fresh"), [(-301, False), (-300, True), (300, True), (301, False)]
)
def test_an_old_notice_is_a_recording(
    wechat: WeChatPay, gateway: WechatPayGateway, public: Signer, seconds: int, is_fresh: bool
) -> None:
    heard = notice(envelope(transaction()), public, signed_at=NOW - timedelta(seconds=seconds))
    if is_fresh:
        assert gateway.parse_notice(heard).event_id == "EV-2018022511223320873"
    else:
        refused_unheard(wechat, gateway, heard)


def test_a_notice_played_again_after_six_minutes(
    wechat: WeChatPay, gateway: WechatPayGateway, public: Signer
) -> None:
    heard = notice(envelope(transaction()), public)
    assert gateway.parse_notice(heard).event_id == "EV-2018022511223320873"
    refused_unheard(wechat, gateway, replace(heard, at=NOW + timedelta(minutes=6)))


# --- Signed, and not to be read -------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ""},
        {"id": 7},
        {"event_type": None},
        {"event_type": "COUPON.USE"},
        {"resource": None},
        {"resource": "x"},
        {"resource": {}},
        {"resource": {**sealed(b"{}", associated_data="transaction"), "algorithm": "AEAD_SM4_GCM"}},
        {"resource": sealed(b"[]", associated_data="transaction")},
        {"resource": sealed(b"\xff", associated_data="transaction")},
        {"resource": sealed(b"{}", associated_data="transaction")},
        {"resource": sealed(b"{}", associated_data="transaction", key="x" * 32)},
    ],
    ids=range(12),
)
def test_a_notice_that_does_not_read(
    gateway: WechatPayGateway, public: Signer, changed: dict[str, Any]
) -> None:
    with pytest.raises(MalformedNotice):
        gateway.parse_notice(notice(envelope(transaction(), **changed), public))


@pytest.mark.parametrize(
    "name", ["mchid", "appid", "out_trade_no", "transaction_id", "trade_state", "amount"]
)
@pytest.mark.parametrize("value", [None, ""])
def test_a_payment_without_a_field(
    gateway: WechatPayGateway, public: Signer, name: str, value: str | None
) -> None:
    with pytest.raises(MalformedNotice):
        gateway.parse_notice(notice(envelope(transaction(**{name: value})), public))


@pytest.mark.parametrize("name", ["mchid", "out_trade_no", "out_refund_no", "refund_id", "amount"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_refund_without_a_field(
    gateway: WechatPayGateway, public: Signer, name: str, value: str | None
) -> None:
    with pytest.raises(MalformedNotice):
        gateway.parse_notice(notice(envelope(refund_notice_fields(**{name: value})), public))
