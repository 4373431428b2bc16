"""What Alipay tells of its own accord: payments, refunds, and what pretends to be either."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15

from apps.payment.exceptions import BadSignature, MalformedNotice
from apps.payment.gateways.alipay import AlipayGateway
from apps.payment.gateways.interface import Notice, PaymentTold, RefundTold, Told
from sandbox.alipay import signing
from tests.payment.alipay.conftest import AT

FIELDS = {
    "notify_id": "2026112300222120000000000000000001",
    "notify_type": "trade_status_sync",
    "app_id": "2021000000000001",
    "seller_id": "2088000000000001",
    "charset": "utf-8",
    "version": "1.0",
    "out_trade_no": "1",
    "trade_no": "2026",
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "110.00",
    "buyer_id": "2088000000000099",
    "subject": "美多商城 & 100% + 1",
    "gmt_payment": "2026-11-23 12:00:00",
}
REFUND = {"refund_fee": "80.00", "gmt_refund": "2026-11-23 12:30:00.123", "out_biz_no": "1R02"}


def posted(form: dict[str, str], *, charset: str = "utf-8") -> Notice:
    return Notice(headers={}, body=urlencode(form, encoding=charset).encode(), at=AT)


@pytest.fixture
def tell(gateway: AlipayGateway, provider_key: RSA.RsaKey) -> Callable[..., Told]:
    def tell(**changed: str) -> Told:
        return gateway.parse_notice(posted(signing.signed(FIELDS | changed, provider_key)))

    return tell


def test_paid(tell: Callable) -> None:
    told = tell()
    assert isinstance(told, PaymentTold)
    assert (told.outcome, told.amount, told.payer) == (
        "paid",
        Decimal("110.00"),
        "2088000000000099",
    )
    assert (told.event_id, told.app_id, told.account) == (
        FIELDS["notify_id"],
        FIELDS["app_id"],
        FIELDS["seller_id"],
    )
    assert told.paid_at == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_a_payer_by_open_id(tell: Callable) -> None:
    assert tell(buyer_id="", buyer_open_id="074a1").payer == "074a1"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("TRADE_FINISHED", "paid"),
        ("TRADE_CLOSED", "closed"),
        ("WAIT_BUYER_PAY", "other"),
        ("SOMETHING_NEW", "other"),
    ],
)
def test_other_statuses(tell: Callable, status: str, outcome: str) -> None:
    assert tell(trade_status=status).outcome == outcome


# --- Refunds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["TRADE_SUCCESS", "TRADE_CLOSED", "TRADE_FINISHED"])
def test_a_refund(tell: Callable, status: str) -> None:
    told = tell(**REFUND, trade_status=status)
    assert isinstance(told, RefundTold)
    assert (told.outcome, told.out_trade_no, told.out_request_no) == ("succeeded", "1", "1R02")
    # The sum of all refunds of the trade is not this one's amount.
    assert told.amount is None
    assert told.succeeded_at == datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
    assert (told.app_id, told.account) == (FIELDS["app_id"], FIELDS["seller_id"])


def test_a_repetition_is_the_same_event_and_the_next_refund_another(tell: Callable) -> None:
    first, again = (tell(**REFUND, notify_time=at) for at in ("1", "2"))
    second = tell(**REFUND | {"out_biz_no": "1R03"}, notify_id="another")
    assert first.event_id == again.event_id != second.event_id


@pytest.mark.parametrize(
    "fields",
    [
        {"refund_fee": "0.00", "out_biz_no": "1R02"},
        {"refund_fee": "", "gmt_refund": "", "out_biz_no": ""},
        {"out_biz_no": "1R02"},
    ],
)
def test_no_refund(tell: Callable, fields: dict[str, str]) -> None:
    told = tell(**fields)
    assert isinstance(told, PaymentTold)
    assert told.outcome == "paid"


@pytest.mark.parametrize(
    ("status", "outcome"), [("TRADE_SUCCESS", "paid"), ("TRADE_CLOSED", "other")]
)
def test_a_refund_without_its_number_tells_of_the_payment(
    tell: Callable,
    status: str,
    outcome: str,
) -> None:
    told = tell(**REFUND | {"out_biz_no": ""}, trade_status=status)
    assert isinstance(told, PaymentTold)
    assert told.outcome == outcome


@pytest.mark.parametrize(
    "wrong", [{"gmt_refund": "then"}, {"refund_fee": "much", "gmt_refund": ""}]
)
def test_a_refund_that_does_not_read(tell: Callable, wrong: dict[str, str]) -> None:
    with pytest.raises(MalformedNotice):
        tell(**REFUND | wrong)


# --- Lies -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*FIELDS, *REFUND])
@pytest.mark.parametrize("how", ["changed", "dropped", "blanked"])
def test_any_field_of_a_refund_tampered_with(
    gateway: AlipayGateway, provider_key: RSA.RsaKey, name: str, how: str
) -> None:
    form = signing.signed(FIELDS | REFUND, provider_key)
    form[name] = {"changed": form[name] + "1", "dropped": "", "blanked": ""}[how]
    if how == "dropped":
        del form[name]
    with pytest.raises(BadSignature):
        gateway.parse_notice(posted(form))


def test_signed_by_ourselves(gateway: AlipayGateway, merchant_key: RSA.RsaKey) -> None:
    with pytest.raises(BadSignature):
        gateway.parse_notice(posted(signing.signed(FIELDS, merchant_key)))


@pytest.mark.parametrize("sign_type", ["RSA", "rsa2", "", "none"])
def test_another_kind_of_signature(
    gateway: AlipayGateway, provider_key: RSA.RsaKey, sign_type: str
) -> None:
    form = signing.signed(FIELDS, provider_key) | {"sign_type": sign_type}
    with pytest.raises(BadSignature):
        gateway.parse_notice(posted(form))


def test_blanks_as_received_or_left_out(gateway: AlipayGateway, provider_key: RSA.RsaKey) -> None:
    without = signing.signed(FIELDS, provider_key) | {"body": ""}
    text = "&".join(f"{k}={v}" for k, v in sorted((FIELDS | {"body": ""}).items()))
    with_them = FIELDS | {
        "body": "",
        "sign_type": "RSA2",
        "sign": signing.sign_text(text, provider_key),
    }
    for form in (without, with_them):
        assert gateway.parse_notice(posted(form)).out_trade_no == "1"


# --- Encodings ------------------------------------------------------------------------------------


def test_gbk(gateway: AlipayGateway, provider_key: RSA.RsaKey) -> None:
    fields = FIELDS | {"charset": "GBK"}
    text = "&".join(f"{k}={v}" for k, v in sorted(fields.items()))
    signature = pkcs1_15.new(provider_key).sign(SHA256.new(text.encode("gbk")))
    form = fields | {"sign_type": "RSA2", "sign": b64encode(signature).decode()}
    told = gateway.parse_notice(posted(form, charset="gbk"))
    assert told.payload["subject"] == FIELDS["subject"]


def test_a_charset_that_alipay_does_not_write(tell: Callable) -> None:
    with pytest.raises(MalformedNotice):
        tell(charset="utf-7")


def test_plus_and_percent_in_a_value(tell: Callable) -> None:
    assert tell().payload["subject"] == "美多商城 & 100% + 1"


def test_a_name_that_comes_twice(gateway: AlipayGateway, provider_key: RSA.RsaKey) -> None:
    """The value that is believed is the one whose signature was checked."""
    body = posted(signing.signed(FIELDS, provider_key)).body
    with pytest.raises(BadSignature):
        gateway.parse_notice(Notice({}, body + b"&total_amount=0.01", AT))
    told = gateway.parse_notice(Notice({}, b"total_amount=0.01&" + body, AT))
    assert told.amount == Decimal("110.00")
