"""A browser arrives at the gateway with a merchant's signed request."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.clock import beijing_text
from tests.sandbox.merchant import START, Clock, Merchant, url_of

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


def trades(app: Flask) -> list[Any]:
    return [entry.trade for entry in app.extensions["sandbox"].ledger.recent(10)]


@pytest.mark.parametrize("way", ["get", "post"])
def test_the_buyer_is_sent_to_the_cashier(
    app: Flask, client: FlaskClient, merchant: Merchant, way: str
) -> None:
    params = merchant.page_pay()
    is_get = way == "get"
    response = client.open(
        "/gateway.do",
        method=way,
        query_string=params if is_get else None,
        data=None if is_get else params,
    )
    assert response.status_code == 302
    (trade,) = trades(app)
    assert response.location == f"/cashier/{trade.token}/"
    assert len(trade.token) == 32
    page = client.get(response.location)
    assert page.status_code == 200
    for shown in ["99.90", "手机 一台", "202603041200000000010001", "2026-03-04 12:30:00", "沙箱"]:
        assert shown in page.text


@pytest.mark.parametrize(
    ("changes", "sub_code"),
    [
        ({"app_id": "2021000000000009"}, "isv.invalid-app-id"),
        ({"sign": "AAAA"}, "isv.invalid-signature"),
        ({"return_url": "http://thief.test/"}, "isv.invalid-signature"),
        ({"notify_url": "http://thief.test/"}, "isv.invalid-signature"),
        ({"timestamp": "2026-03-04 12:00:01"}, "isv.invalid-signature"),
    ],
)
def test_a_changed_link_opens_nothing(
    app: Flask,
    client: FlaskClient,
    merchant: Merchant,
    changes: dict[str, str],
    sub_code: str,
) -> None:
    response = client.get(url_of({**merchant.page_pay(), **changes}))
    assert response.content_type.startswith("text/html")
    assert sub_code in response.text
    assert "无法打开收银台" in response.text
    assert trades(app) == []


def test_an_old_link_opens_nothing(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    url = url_of(merchant.page_pay())
    clock.advance(minutes=15, seconds=1)
    assert "isv.invalid-timestamp" in client.get(url).text
    assert trades(app) == []


INVALID = "ACQ.INVALID_PARAMETER"


@pytest.mark.parametrize(
    ("biz", "sub_code"),
    [
        ({"out_trade_no": None}, INVALID),
        ({"out_trade_no": ""}, INVALID),
        ({"out_trade_no": "a" * 65}, INVALID),
        ({"out_trade_no": "a-b"}, INVALID),
        ({"out_trade_no": "订单1"}, INVALID),
        ({"out_trade_no": "1\n"}, INVALID),
        ({"out_trade_no": True}, INVALID),
        ({"total_amount": None}, INVALID),
        ({"total_amount": "0"}, INVALID),
        ({"total_amount": "0.00"}, INVALID),
        ({"total_amount": "-1.00"}, INVALID),
        ({"total_amount": "1.001"}, INVALID),
        ({"total_amount": "1e2"}, INVALID),
        ({"total_amount": "NaN"}, INVALID),
        ({"total_amount": "１.00"}, INVALID),
        ({"total_amount": 0.1 + 0.2}, INVALID),
        ({"total_amount": "100000000.01"}, "ACQ.TOTAL_FEE_EXCEED"),
        ({"subject": None}, INVALID),
        ({"subject": "  "}, INVALID),
        ({"subject": "x" * 257}, INVALID),
        ({"subject": "a/b"}, INVALID),
        ({"subject": "a=b"}, INVALID),
        ({"subject": "a&b"}, INVALID),
        ({"product_code": None}, INVALID),
        ({"product_code": "QUICK_WAP_WAY"}, INVALID),
        ({"time_expire": "2026-03-04"}, INVALID),
        ({"time_expire": "2026-03-04 12:00:59"}, INVALID),
        ({"time_expire": "2026-03-19 12:00:01"}, INVALID),
        ({"time_expire": "2026-03-04 11:59:59"}, "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR"),
        ({"time_expire": "2026-03-04 12:00:00"}, "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR"),
        ({"time_expire": None, "timeout_express": "1.5h"}, INVALID),
        ({"time_expire": None, "timeout_express": "16d"}, INVALID),
        ({"passback_params": "x" * 513}, INVALID),
        ({"notify_url": "notify"}, "isv.invalid-parameter"),
        ({"notify_url": "ftp://shop.test/n"}, "isv.invalid-parameter"),
        ({"notify_url": "http://shop.test/n?id=1"}, "isv.invalid-parameter"),
        ({"notify_url": "http://shop.test:99999/n"}, "isv.invalid-parameter"),
        ({"notify_url": "http://shop.test/" + "n" * 256}, "isv.invalid-parameter"),
        ({"return_url": "javascript:alert(1)"}, "isv.invalid-parameter"),
        ({"return_url": "http://shop.test/a\r\nSet-Cookie: a"}, "isv.invalid-parameter"),
    ],
)
def test_a_bad_order_opens_nothing(
    app: Flask, client: FlaskClient, merchant: Merchant, biz: dict[str, Any], sub_code: str
) -> None:
    response = client.post("/gateway.do", data=merchant.page_pay(**biz))
    assert f"· {sub_code}<" in response.text
    assert trades(app) == []


def test_an_expired_order_is_told_so(client: FlaskClient, merchant: Merchant) -> None:
    response = client.get(url_of(merchant.page_pay(time_expire="2026-03-04 11:59:59")))
    assert "订单已过期" in response.text


@pytest.mark.parametrize(
    "biz",
    [
        {"total_amount": "0.01"},
        {"total_amount": "100000000"},
        {"total_amount": "100000000.00"},
        {"total_amount": 9.9},
        {"out_trade_no": "a" * 64},
        {"subject": "商" * 256},
        {"time_expire": "2026-03-04 12:01:00"},
        {"time_expire": "2026-03-19 12:00:00"},
    ],
)
def test_the_limits_themselves_are_taken(
    client: FlaskClient, merchant: Merchant, biz: dict[str, Any]
) -> None:
    assert client.post("/gateway.do", data=merchant.page_pay(**biz)).status_code == 302


@pytest.mark.parametrize(
    ("timeout_express", "expires_at"),
    [
        (None, START + timedelta(days=15)),
        ("90m", START + timedelta(minutes=90)),
        ("2h", START + timedelta(hours=2)),
        ("1d", START + timedelta(days=1)),
        ("1c", START.replace(day=5, hour=0)),
    ],
)
def test_without_time_expire(
    app: Flask, client: FlaskClient, merchant: Merchant, timeout_express: Any, expires_at: Any
) -> None:
    client.get(url_of(merchant.page_pay(time_expire=None, timeout_express=timeout_express)))
    assert [trade.expires_at for trade in trades(app)] == [expires_at]


def test_the_same_order_opens_the_same_trade(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    first = client.get(url_of(merchant.page_pay(total_amount="99.9")))
    # The last minute is too short for a new trade, not for one that exists.
    clock.advance(minutes=10)
    url = url_of(merchant.page_pay())
    clock.advance(minutes=14, seconds=50)
    assert client.get(url).location == first.location
    assert len(trades(app)) == 1


@pytest.mark.parametrize("biz", [{"total_amount": "99.91"}, {"subject": "手机 两台"}])
def test_another_order_under_the_same_number_is_refused(
    app: Flask, client: FlaskClient, merchant: Merchant, biz: dict[str, str]
) -> None:
    client.get(url_of(merchant.page_pay()))
    (before,) = trades(app)
    assert "ACQ.CONTEXT_INCONSISTENT" in client.get(url_of(merchant.page_pay(**biz))).text
    assert trades(app) == [before]


def test_a_paid_order_says_so(client: FlaskClient, merchant: Merchant) -> None:
    cashier = client.get(url_of(merchant.page_pay())).location
    client.post(cashier, data={"action": "pay"})
    page = client.get(url_of(merchant.page_pay()))
    assert page.status_code == 200
    assert "ACQ.TRADE_HAS_SUCCESS" in page.text
    assert "交易已被支付" in page.text


def test_a_closed_order_says_so(client: FlaskClient, merchant: Merchant, clock: Clock) -> None:
    client.get(url_of(merchant.page_pay()))
    clock.advance(minutes=30)
    page = client.get(
        url_of(merchant.page_pay(time_expire=beijing_text(START + timedelta(hours=2))))
    )
    assert "ACQ.TRADE_HAS_CLOSE" in page.text
    assert "交易已经关闭" in page.text
