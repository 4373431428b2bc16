"""The bill of a day: announced and signed, fetched, compared with its digest, read by the names of its columns."""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from apps.payment.exceptions import BillNotReady, Misconfigured, Rejected, Unknown
from apps.payment.gateways.interface import Bill, BillLine
from apps.payment.gateways.wechatpay import WechatPayGateway
from apps.payment.gateways.wechatpay.bills import read_bill
from tests.payment.wechatpay.provider import NOW, WeChatPay
from tests.wechatpay_keys import WechatPayKeys

DAY = date(2026, 11, 22)
PATH = "/v3/bill/tradebill"
FILE = "/v3/billdownload/file"
COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
PAYMENT = (
    "`2026-11-22 23:59:59,`wx0000000000000001,`1900000001,`0,`,`4200001,`T1,`oUpF8,`NATIVE,`SUCCESS,`OTHERS,`CNY,"
    "`109.00,`1.00,`0,`0,`0.00,`0.00,`,`,`美多, 商城,`,`0.66000,`0.60%,`110.00,`0.00,`"
)
REFUND = (
    "`2026-11-22 00:00:00,`wx0000000000000001,`1900000001,`0,`,`4200001,`T1,`oUpF8,`NATIVE,`REFUND,`OTHERS,`CNY,"
    "`0.00,`0.00,`5000001,`R1,`10.01,`0.00,`ORIGINAL,`PROCESSING,`美多, 商城,`,`-0.06000,`0.60%,`0.00,`10.01,`"
)
SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
SUM = "`2,`109.00,`10.01,`0.00,`0.60000,`110.00,`10.01"
TEXT = "\r\n".join([COLUMNS, PAYMENT, REFUND, SUMS, SUM, ""])
LINES = (
    BillLine(
        kind="payment",
        out_trade_no="T1",
        out_request_no="",
        trade_no="4200001",
        # What the buyer was asked for, a coupon of WeChat's included: it is what we asked for.
        amount=Decimal("110.00"),
        fee=Decimal("0.66"),
        status="SUCCESS",
        at=datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC),
    ),
    BillLine(
        kind="refund",
        out_trade_no="T1",
        out_request_no="R1",
        trade_no="4200001",
        amount=Decimal("10.01"),
        fee=Decimal("-0.06"),
        status="PROCESSING",
        at=datetime(2026, 11, 21, 16, 0, tzinfo=UTC),
    ),
)


def announced(wechat: WeChatPay, text: str = TEXT, **changed: Any) -> None:
    content = text.encode()
    wechat.answers(
        "GET",
        PATH,
        {
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
            "download_url": f"{wechat.url}{FILE}?token=6XIv5TUPto7pByrTQKhd6kwvyKLG2uY2wMMR8cNXqaA%2f",
            **changed,
        },
    )
    wechat.answers("GET", FILE, content, is_signed=False)


def test_a_day(wechat: WeChatPay, gateway: WechatPayGateway, wechatpay_keys: WechatPayKeys) -> None:
    announced(wechat)
    bill = gateway.bill(DAY, at=NOW)
    assert bill == Bill(LINES, hashlib.sha256(TEXT.encode()).hexdigest())
    asked, fetched = wechat.requests
    assert asked.target == f"{PATH}?bill_date=2026-11-22&bill_type=ALL"
    assert fetched.target.startswith(f"{FILE}?token=6XIv5TUP")
    for request in (asked, fetched):
        assert request.is_signed_by(wechatpay_keys.merchant_certificate)


def test_a_day_without_business(wechat: WeChatPay, gateway: WechatPayGateway) -> None:
    wechat.refuses("GET", PATH, 400, "NO_STATEMENT_EXIST")
    assert gateway.bill(DAY, at=NOW) == Bill((), hashlib.sha256(b"").hexdigest())


def test_a_bill_that_is_not_ready(wechat: WeChatPay, gateway: WechatPayGateway) -> None:
    wechat.refuses("GET", PATH, 400, "STATEMENT_CREATING")
    with pytest.raises(BillNotReady):
        gateway.bill(DAY, at=NOW)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "INVALID_REQUEST", Rejected),
        (401, "SIGN_ERROR", Misconfigured),
        (500, "SYSTEM_ERROR", Unknown),
    ],
)
def test_a_bill_refused(
    wechat: WeChatPay, gateway: WechatPayGateway, status: int, code: str, expected: type[Exception]
) -> None:
    wechat.refuses("GET", PATH, status, code)
    with pytest.raises(expected):
        gateway.bill(DAY, at=NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"hash_value": "0" * 40},
        {"hash_value": None},
        {"hash_type": "MD5"},
        {"download_url": None},
        {"download_url": "http://127.0.0.1:9/v3/billdownload/file?token=1"},
        {"download_url": "https://api.mch.weixin.qq.com.evil.example/v3/billdownload/file"},
        {"download_url": "//evil.example/v3/billdownload/file"},
        {"download_url": "/v3/billdownload/file?token=1"},
    ],
    ids=str,
)
def test_a_bill_from_elsewhere_or_changed(
    wechat: WeChatPay, gateway: WechatPayGateway, changed: dict[str, Any]
) -> None:
    announced(wechat, **changed)
    with pytest.raises(Unknown):
        gateway.bill(DAY, at=NOW)


def test_our_signature_goes_nowhere_else(wechat: WeChatPay, gateway: WechatPayGateway) -> None:
    """Another name of the very same machine is somebody else, and so is whom we are sent on to."""
    elsewhere = wechat.url.replace("127.0.0.1", "localhost")
    announced(wechat, download_url=f"{elsewhere}{FILE}")
    with pytest.raises(Unknown):
        gateway.bill(DAY, at=NOW)
    announced(wechat)
    wechat.answers("GET", FILE, status=302, Location=f"{wechat.url}/elsewhere")
    with pytest.raises(Unknown):
        gateway.bill(DAY, at=NOW)
    assert len(wechat.asked("GET", FILE)) == 1
    assert wechat.asked("GET", "/elsewhere") == []


# --- Reading --------------------------------------------------------------------------------------


def test_columns_are_found_by_their_names() -> None:
    order = [COLUMNS.split(",").index(name) for name in reversed(COLUMNS.split(","))]

    def turned(line: str, separator: str) -> str:
        values = line.removeprefix("`").split(separator)
        return separator.join(values[n] for n in order)

    text = "\n".join(
        [
            turned(COLUMNS, ","),
            "`" + turned(PAYMENT, ",`"),
            "`" + turned(REFUND, ",`"),
            SUMS,
            SUM,
        ]
    )
    assert read_bill(text.encode(), mchid="1900000001").lines == LINES


def test_a_mark_at_the_beginning_is_skipped() -> None:
    assert read_bill(TEXT.encode("utf-8-sig"), mchid="1900000001").lines == LINES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "美多",
        TEXT.replace(PAYMENT + "\r\n", ""),
        TEXT.replace(REFUND, f"{REFUND}\r\n{REFUND}"),
        TEXT.replace("`110.00", "`110.01", 1),
        TEXT.replace("`0.00,`10.01,`\r", "`0.00,`10.00,`\r"),
        TEXT.replace("`0.66000", "`0.67000"),
        TEXT.replace("`0.66000", "`"),
        TEXT.replace("`0.66000", "`NaN"),
        TEXT.replace("`2,`109.00", "`3,`109.00"),
        TEXT.replace(SUM, ""),
        TEXT.replace(SUMS, ""),
        TEXT.replace(f"{SUM}\r\n", f"{SUM}\r\n{SUM}\r\n"),
        TEXT.replace(COLUMNS, COLUMNS.replace("手续费", "手续")),
        TEXT.replace("`T1,", ""),
        TEXT.replace("`2026-11-22 23:59:59", "`昨天"),
        TEXT.replace("`2026-11-22 23:59:59", "2026-11-22 23:59:59"),
        TEXT.replace("`1900000001", "`1900000002"),
        TEXT.replace("`CNY", "`USD"),
        TEXT.replace("`SUCCESS", "`NEW_WORD"),
        TEXT[: len(TEXT) // 2],
    ],
    ids=range(21),
)
def test_a_bill_that_does_not_add_up_is_none(text: str) -> None:
    assert text != TEXT
    with pytest.raises(Unknown):
        read_bill(text.encode(), mchid="1900000001")


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(Unknown):
        read_bill(TEXT.encode("gbk"), mchid="1900000001")
