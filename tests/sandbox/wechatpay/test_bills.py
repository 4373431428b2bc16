"""The trade bill of a day: its text, its address, when it is there, and what switches put wrong."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.wechatpay.merchant import APPID, MCHID, Merchant, order, refused, switch_on

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.sandbox.merchant import Clock

TRADES = "/v3/pay/transactions"
REFUNDS = "/v3/refund/domestic/refunds"
BILL = "/v3/bill/tradebill"
DAY = "bill_date=2026-03-04"
HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
    "货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


def pay(client: FlaskClient, merchant: Merchant, number: str, fen: int, **changes: Any) -> str:
    """Order and pay by QR code; returns the provider's number."""
    wish = order(out_trade_no=number, amount={"total": fen}, time_expire=None, **changes)
    told = merchant.ordered(client, f"{TRADES}/native", wish)
    cashier = client.post("/scan", data={"code": told["code_url"]}).location
    client.post(cashier, data={"action": "pay"})
    trade = merchant.asked(client, f"{TRADES}/out-trade-no/{number}?mchid={MCHID}")
    return str(trade["transaction_id"])


def give_back(client: FlaskClient, merchant: Merchant, number: str, fen: int, total: int) -> str:
    amount = {"refund": fen, "total": total, "currency": "CNY"}
    wish = {"out_trade_no": number, "out_refund_no": f"R{number}", "amount": amount}
    return str(merchant.ordered(client, REFUNDS, wish)["refund_id"])


def fetch(client: FlaskClient, merchant: Merchant, query: str = DAY) -> str:
    """The text of a bill, once its hash has been checked."""
    told = merchant.asked(client, f"{BILL}?{query}")
    assert told["hash_type"] == "SHA1"
    content = download(client, merchant, told["download_url"])
    if "GZIP" in query:
        content = gzip.decompress(content)
    assert hashlib.sha1(content, usedforsecurity=False).hexdigest() == told["hash_value"]
    return content.decode()


def download(client: FlaskClient, merchant: Merchant, url: str) -> bytes:
    target = url.removeprefix("http://localhost")
    response = merchant.get(client, target)
    assert response.status_code == 200
    assert not [name for name, _ in response.headers if name.startswith("Wechatpay-")]
    return response.data


def rows(text: str) -> list[list[str]]:
    """Those between the header and the sums, without their backticks."""
    lines = text.split("\r\n")
    assert (lines[0], lines[-3], lines[-1]) == (HEADER, SUMS, "")
    return [values(line) for line in lines[1:-3]]


def sums(text: str) -> list[str]:
    return values(text.split("\r\n")[-2])


def values(line: str) -> list[str]:
    assert line.startswith("`")
    return line[1:].split(",`")


@pytest.fixture
def day(client: FlaskClient, merchant: Merchant, clock: Clock) -> dict[str, str]:
    """Two payments and a refund of 4 March, a refund of the 5th; it is now the 5th, ten o'clock."""
    numbers = {"T00001": pay(client, merchant, "T00001", 10000, attach="a=1")}
    clock.advance(hours=1)
    numbers["T00002"] = pay(client, merchant, "T00002", 99, description="手机, 一台\n`红`")
    clock.advance(hours=1)
    numbers["RT00001"] = give_back(client, merchant, "T00001", 2500, 10000)
    clock.advance(hours=11)
    numbers["RT00002"] = give_back(client, merchant, "T00002", 1, 99)
    clock.advance(hours=9)
    return numbers


def test_a_day(client: FlaskClient, merchant: Merchant, day: dict[str, str]) -> None:
    text = fetch(client, merchant)
    openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    start = [APPID, MCHID, "0", ""]
    assert rows(text) == [
        ["2026-03-04 12:00:00", *start, day["T00001"], "T00001", openid]
        + ["NATIVE", "SUCCESS", "OTHERS", "CNY", "100.00", "0.00", "0", "0", "0.00", "0.00", "", ""]
        + ["手机, 一台", "a=1", "0.60000", "0.60%", "100.00", "0.00", ""],
        ["2026-03-04 13:00:00", *start, day["T00002"], "T00002", openid]
        + ["NATIVE", "SUCCESS", "OTHERS", "CNY", "0.99", "0.00", "0", "0", "0.00", "0.00", "", ""]
        + ["手机, 一台 '红'", "", "0.01000", "0.60%", "0.99", "0.00", ""],
        ["2026-03-04 14:00:00", *start, day["T00001"], "T00001", openid]
        + ["NATIVE", "REFUND", "OTHERS", "CNY", "0.00", "0.00", day["RT00001"], "RT00001", "25.00"]
        + ["0.00", "ORIGINAL", "SUCCESS", "手机, 一台", "a=1", "-0.15000", "0.60%", "0.00"]
        + ["25.00", ""],
    ]
    assert sums(text) == ["3", "100.99", "25.00", "0.00", "0.46000", "100.99", "25.00"]


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize(
    ("query", "times"),
    [
        (f"{DAY}&bill_type=ALL", ["12:00:00", "13:00:00", "14:00:00"]),
        (f"{DAY}&bill_type=SUCCESS", ["12:00:00", "13:00:00"]),
        (f"{DAY}&bill_type=REFUND", ["14:00:00"]),
        (f"bill_type=ALL&{DAY}&tar_type=GZIP", ["12:00:00", "13:00:00", "14:00:00"]),
    ],
)
def test_a_kind_and_a_form(
    client: FlaskClient, merchant: Merchant, query: str, times: list[str]
) -> None:
    told = [row[0] for row in rows(fetch(client, merchant, query))]
    assert told == [f"2026-03-04 {time}" for time in times]


def test_what_moves_after_midnight_is_of_the_next_day(
    client: FlaskClient, merchant: Merchant, clock: Clock, day: dict[str, str]
) -> None:
    clock.advance(days=1)
    (row,) = rows(fetch(client, merchant, "bill_date=2026-03-05"))
    assert (row[0], row[14]) == ("2026-03-05 01:00:00", day["RT00002"])


def test_a_day_without_trades_has_no_bill(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    clock.advance(days=1)
    assert refused(merchant.get(client, f"{BILL}?{DAY}"))[:2] == (400, "NO_STATEMENT_EXIST")


@pytest.mark.parametrize(
    ("hours", "code"),
    [(12 + 10, ""), (12 + 9.999, "STATEMENT_CREATING"), (11, "INVALID_REQUEST")],
)
def test_a_bill_is_there_from_ten_of_the_next_day(
    client: FlaskClient, merchant: Merchant, clock: Clock, hours: float, code: str
) -> None:
    pay(client, merchant, "T00001", 1)
    clock.advance(hours=hours)
    response = merchant.get(client, f"{BILL}?{DAY}")
    if code:
        assert refused(response)[:2] == (400, code)
    else:
        assert merchant.told(response)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("bill_type=ALL", "PARAM_ERROR"),
        ("bill_date=20260304", "PARAM_ERROR"),
        ("bill_date=2026-02-30", "PARAM_ERROR"),
        (f"{DAY}&bill_type=OTHER", "PARAM_ERROR"),
        (f"{DAY}&tar_type=ZIP", "PARAM_ERROR"),
        ("bill_date=2025-12-02", "INVALID_REQUEST"),
        ("bill_date=2025-12-03", "NO_STATEMENT_EXIST"),
        ("bill_date=2026-03-06", "INVALID_REQUEST"),
    ],
)
@pytest.mark.usefixtures("day")
def test_a_bill_that_cannot_be(
    client: FlaskClient, merchant: Merchant, query: str, code: str
) -> None:
    assert refused(merchant.get(client, f"{BILL}?{query}"))[:2] == (400, code)


@pytest.mark.usefixtures("day")
def test_a_download_is_for_the_merchant_and_for_five_minutes(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    url = merchant.asked(client, f"{BILL}?{DAY}")["download_url"]
    assert refused(client.get(url, headers={"Accept": "*/*"}))[:2] == (401, "SIGN_ERROR")
    clock.advance(seconds=299)
    assert download(client, merchant, url)
    clock.advance(seconds=1)
    response = merchant.get(client, url.removeprefix("http://localhost"))
    assert refused(response)[:2] == (404, "RESOURCE_NOT_EXISTS")


@pytest.mark.usefixtures("day")
def test_a_bill_that_is_late(client: FlaskClient, merchant: Merchant) -> None:
    switch_on(client, "bill_not_ready", times=1)
    assert refused(merchant.get(client, f"{BILL}?{DAY}"))[:2] == (400, "STATEMENT_CREATING")
    assert fetch(client, merchant)


def test_a_bill_that_is_early(client: FlaskClient, merchant: Merchant) -> None:
    pay(client, merchant, "T00001", 1)
    switch_on(client, "bill_early")
    assert len(rows(fetch(client, merchant))) == 1


@pytest.mark.usefixtures("day")
def test_a_hash_that_does_not_fit(client: FlaskClient, merchant: Merchant) -> None:
    switch_on(client, "bill_broken_hash", times=1)
    told = merchant.asked(client, f"{BILL}?{DAY}")
    content = download(client, merchant, told["download_url"])
    assert hashlib.sha1(content, usedforsecurity=False).hexdigest() != told["hash_value"]
    assert fetch(client, merchant) == content.decode()


@pytest.mark.parametrize(
    ("name", "column", "told"),
    [
        ("bill_other_amount", 12, ["100.01", "0.99", "0.00"]),
        ("bill_other_fee", 22, ["0.61000", "0.01000", "-0.15000"]),
        ("bill_missing_row", 6, ["T00002", "T00001"]),
        ("bill_duplicate_row", 6, ["T00001", "T00001", "T00002", "T00001"]),
    ],
)
@pytest.mark.usefixtures("day")
def test_one_row_is_wrong(
    client: FlaskClient, merchant: Merchant, name: str, column: int, told: list[str]
) -> None:
    """And the sums are those of the rows, as a provider's would be."""
    right = fetch(client, merchant)
    switch_on(client, name, times=1)
    wrong = fetch(client, merchant)
    assert [row[column] for row in rows(wrong)] == told
    assert sums(wrong)[0] == str(len(told))
    assert fetch(client, merchant) == right


@pytest.mark.usefixtures("day")
def test_the_row_of_one_trade_is_wrong(client: FlaskClient, merchant: Merchant) -> None:
    switch_on(client, "bill_other_amount", out_trade_no="T00002", value=5)
    text = fetch(client, merchant)
    assert [row[12] for row in rows(text)] == ["100.00", "1.04", "0.00"]
    assert sums(text)[1] == "101.04"


@pytest.mark.usefixtures("day")
def test_a_row_that_nobody_knows(client: FlaskClient, merchant: Merchant) -> None:
    switch_on(client, "bill_extra_row", value=12345)
    *known, stray = rows(fetch(client, merchant))
    assert len(known) == 3
    assert stray[6] not in {"T00001", "T00002"}
    assert (stray[9], stray[12], stray[22], stray[24]) == ("SUCCESS", "123.45", "0.74000", "123.45")
