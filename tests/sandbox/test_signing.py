from __future__ import annotations

import base64
from datetime import timedelta
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sandbox.alipay import signing
from tests.sandbox.merchant import APP_ID, SELLER_ID, START, Merchant


@pytest.fixture
def notice() -> dict[str, str]:
    return signing.notice_fields(
        app_id=APP_ID,
        seller_id=SELLER_ID,
        out_trade_no="T1",
        trade_no="2026030422001000000000000001",
        total_amount=Decimal("99.9"),
        subject='手机 {"a"} \\',
        notify_id="N1",
        created_at=START,
        paid_at=START + timedelta(minutes=2),
    )


def test_another_implementation_believes_a_notice(
    notice: dict[str, str], keys: tuple[str, str], merchant: Merchant
) -> None:
    assert merchant.believes_form(signing.signed(notice, signing.load_key(keys[1])))


def test_signing_what_is_signed_gives_the_same_signature(
    notice: dict[str, str], keys: tuple[str, str]
) -> None:
    key = signing.load_key(keys[1])
    told = signing.signed(notice, key)
    assert signing.sign(told, key) == told["sign"] == signing.sign(notice, key)


@pytest.mark.parametrize("name", ["total_amount", "out_trade_no", "trade_status", "app_id"])
def test_a_changed_field_is_not_believed(
    notice: dict[str, str], keys: tuple[str, str], merchant: Merchant, name: str
) -> None:
    forged = {**signing.signed(notice, signing.load_key(keys[1])), name: "x"}
    assert not merchant.believes_form(forged)


def test_another_library_believes_a_text(keys: tuple[str, str]) -> None:
    text = '{"subject":"茶 / {"}'
    key = signing.load_key(keys[1])
    signature = base64.b64decode(signing.sign_text(text, key))
    theirs = load_pem_public_key(key.public_key().export_key())
    theirs.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_request_keeps_sign_type_and_drops_blanks(
    keys: tuple[str, str], merchant: Merchant
) -> None:
    key = signing.load_key(keys[0])
    params = merchant.signed({"b": "2", "a": "1", "sign_type": "RSA2"})
    assert signing.verify_request(params, key)
    assert signing.verify_request({**params, "return_url": ""}, key)
    assert not signing.verify_request({**params, "sign_type": "RSA"}, key)


@pytest.mark.parametrize("junk", ["", "x", "====", "签名", "AAAA", "A" * 344])
def test_junk_is_no_signature(keys: tuple[str, str], junk: str) -> None:
    assert not signing.verify_text("a=1", junk, signing.load_key(keys[0]))


def test_the_notice_has_the_fields_of_a_payment_and_no_blank_one(notice: dict[str, str]) -> None:
    assert notice["notify_type"] == "trade_status_sync"
    assert notice["trade_status"] == "TRADE_SUCCESS"
    assert notice["total_amount"] == notice["receipt_amount"] == "99.90"
    assert notice["gmt_create"] == "2026-03-04 12:00:00"
    assert notice["gmt_payment"] == "2026-03-04 12:02:00"
    assert notice["fund_bill_list"] == '[{"amount":"99.90","fundChannel":"ALIPAYACCOUNT"}]'
    assert all(notice.values())
    assert not {"sign", "sign_type", "passback_params", "refund_fee"} & set(notice)


def test_the_return_does_not_say_whether_it_was_paid() -> None:
    fields = signing.return_fields(
        app_id=APP_ID,
        seller_id=SELLER_ID,
        out_trade_no="T1",
        trade_no="1",
        total_amount=Decimal("1"),
        returned_at=START,
    )
    assert fields == {
        "charset": "utf-8",
        "out_trade_no": "T1",
        "method": "alipay.trade.page.pay.return",
        "total_amount": "1.00",
        "trade_no": "1",
        "auth_app_id": APP_ID,
        "version": "1.0",
        "app_id": APP_ID,
        "seller_id": SELLER_ID,
        "timestamp": "2026-03-04 12:00:00",
    }
