"""Asking Alipay: what is believed, what is unknown, and what a person must mend."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from Crypto.PublicKey import RSA

from apps.payment import gateways
from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.gateways.interface import PaymentTold
from sandbox.alipay import signing

NODE = "alipay_trade_query_response"
PAID = {
    "code": "10000",
    "msg": "Success",
    "out_trade_no": "1",
    "trade_no": "2026",
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "110.00",
    "send_pay_date": "2026-11-23 12:00:00",
}


def ask() -> PaymentTold | None:
    return gateways.gateway("alipay").query("1", at=datetime.now(UTC))


def signed_answer(
    node: dict, key: RSA.RsaKey, *, name: str = NODE, sign_first: bool = False, text: str = ""
) -> str:
    raw = text or json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    parts = [f'"{name}":{raw}', f'"sign":"{signing.sign_text(raw, key)}"']
    return "{" + ",".join(reversed(parts) if sign_first else parts) + "}"


@pytest.mark.parametrize("sign_first", [False, True])
@pytest.mark.parametrize(
    "subject", ["plain", "}{", '"}', '\\"}]', "a/b\\/c", "中文", "line\nbreak", f'"{NODE}":']
)
def test_whatever_stands_in_the_answer(
    answering: Callable, provider_key: RSA.RsaKey, subject: str, sign_first: bool
) -> None:
    answering(signed_answer(PAID | {"subject": subject}, provider_key, sign_first=sign_first))
    event = ask()
    assert event is not None
    assert (event.outcome, event.amount) == ("paid", Decimal("110.00"))
    assert event.paid_at == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    assert event.payload["subject"] == subject


def test_white_space_and_a_certificate_number_around_it(
    answering: Callable, provider_key: RSA.RsaKey
) -> None:
    raw = json.dumps(PAID, indent=2)
    sign = signing.sign_text(raw, provider_key)
    answering(f'\n{{ "alipay_cert_sn": "x", "{NODE}" : {raw} ,\n "sign" : "{sign}" }}\n')
    assert ask() is not None


def test_signed_before_its_slashes_were_escaped(
    answering: Callable, provider_key: RSA.RsaKey
) -> None:
    signed = json.dumps(PAID | {"body": "a/b"}, separators=(",", ":"))
    sent = signed.replace("/", "\\/")
    assert sent != signed
    answering(f'{{"{NODE}":{sent},"sign":"{signing.sign_text(signed, provider_key)}"}}')
    assert ask() is not None


@pytest.mark.parametrize("sub_code", ["ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST"])
def test_a_trade_nobody_has_opened(
    answering: Callable, provider_key: RSA.RsaKey, sub_code: str
) -> None:
    answering(signed_answer({"code": "40004", "sub_code": sub_code}, provider_key))
    assert ask() is None


def test_an_answer_about_another_number_is_unknown(
    answering: Callable, provider_key: RSA.RsaKey
) -> None:
    answering(signed_answer(PAID | {"out_trade_no": "2"}, provider_key))
    with pytest.raises(Unknown, match="told about 2"):
        ask()


def failure(code: str, sub_code: str = "") -> dict:
    return {"code": code, "msg": "no", "sub_code": sub_code, "sub_msg": "why"}


@pytest.mark.parametrize(
    ("node", "raised"),
    [
        (failure("20000", "isp.unknow-error"), Unknown),
        (failure("40004", "ACQ.SYSTEM_ERROR"), Unknown),
        (failure("40004", "AQC.SYSTEM_ERROR"), Unknown),
        (failure("40005", "isv.app-call-limited"), Rejected),
        (failure("40004", "ACQ.INVALID_PARAMETER"), Rejected),
        (failure("40002", "isv.invalid-signature"), Misconfigured),
        (failure("40006", "isv.insufficient-isv-permissions"), Misconfigured),
        ({k: v for k, v in PAID.items() if k != "total_amount"}, Unknown),
        (PAID | {"total_amount": "many"}, Unknown),
    ],
)
def test_refusals(
    answering: Callable, provider_key: RSA.RsaKey, node: dict, raised: type[Exception]
) -> None:
    answering(signed_answer(node, provider_key))
    with pytest.raises(raised):
        ask()


def test_an_unsigned_error_before_the_signature_was_checked(answering: Callable) -> None:
    answering(json.dumps({"error_response": failure("40002", "isv.invalid-app-id")}))
    with pytest.raises(Misconfigured, match="isv.invalid-app-id"):
        ask()


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({NODE: PAID}),
        json.dumps({NODE: PAID, "sign": ""}),
        json.dumps({NODE: PAID, "sign": "AAAA"}),
        json.dumps({NODE: PAID, "sign": 7}),
        json.dumps({NODE: failure("40004", "ACQ.TRADE_NOT_EXIST")}),
        json.dumps({NODE: []}),
        json.dumps({"other_response": PAID}),
        json.dumps([PAID]),
        "<html>maintenance</html>",
        "",
        "{",
        b"\xff\xfe",
    ],
)
def test_an_answer_that_cannot_be_believed_is_unknown(answering: Callable, body: str) -> None:
    answering(body)
    with pytest.raises(Unknown):
        ask()


def test_a_tampered_answer_is_unknown(answering: Callable, provider_key: RSA.RsaKey) -> None:
    answering(signed_answer(PAID, provider_key).replace("110.00", "110.01"))
    with pytest.raises(Unknown, match="signature"):
        ask()


def test_signed_by_another_key_is_unknown(answering: Callable, foreign_key: RSA.RsaKey) -> None:
    answering(signed_answer(PAID, foreign_key))
    with pytest.raises(Unknown, match="signature"):
        ask()


@pytest.mark.parametrize("status", [301, 404, 500, 502])
def test_another_http_status_is_unknown(
    answering: Callable, provider_key: RSA.RsaKey, status: int
) -> None:
    answering(signed_answer(PAID, provider_key), status=status)
    with pytest.raises(Unknown):
        ask()


def test_nobody_there_is_unknown(gateway_at: Callable) -> None:
    gateway_at("http://127.0.0.1:1/gateway.do")
    with pytest.raises(Unknown):
        ask()


def test_the_errors_tell_both_codes(answering: Callable, provider_key: RSA.RsaKey) -> None:
    answering(signed_answer(failure("40004", "ACQ.INVALID_PARAMETER"), provider_key))
    with pytest.raises(Rejected) as caught:
        ask()
    assert (caught.value.provider_code, caught.value.sub_code) == ("40004", "ACQ.INVALID_PARAMETER")


@pytest.mark.parametrize(
    ("told", "payer"),
    [
        ({"buyer_user_id": "2088000000000099", "buyer_open_id": "074a"}, "2088000000000099"),
        ({"buyer_open_id": "074a"}, "074a"),
        ({}, ""),
    ],
)
def test_who_paid(
    answering: Callable, provider_key: RSA.RsaKey, told: dict[str, str], payer: str
) -> None:
    answering(signed_answer(PAID | told, provider_key))
    event = ask()
    assert event is not None
    assert event.payer == payer


@pytest.mark.parametrize(
    ("sub_code", "is_temporary"),
    [("isv.app-call-limited", True), ("isv.method-call-limited", True)],
)
def test_asked_too_often(
    answering: Callable, provider_key: RSA.RsaKey, sub_code: str, is_temporary: bool
) -> None:
    answering(signed_answer(failure("40005", sub_code), provider_key))
    with pytest.raises(Rejected) as caught:
        ask()
    assert caught.value.is_temporary is is_temporary
