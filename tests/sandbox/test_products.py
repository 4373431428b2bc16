"""The ways to pay beside the page: a phone's browser, an app, a QR code."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.sandbox.merchant import NUMBER, START, Clock, Merchant, call, pay, query_of, url_of

QUERY = "alipay.trade.query"
CLOSE = "alipay.trade.close"
PRECREATE = "alipay.trade.precreate"


def code_of(client: FlaskClient, merchant: Merchant, **biz: str | None) -> str:
    """The text of the order's QR code."""
    answer = client.post("/gateway.do", data=merchant.order("qr", **biz)).get_json()
    node = answer["alipay_trade_precreate_response"]
    assert (node["code"], node["out_trade_no"]) == ("10000", NUMBER)
    return str(node["qr_code"])


def refused(client: FlaskClient, params: dict[str, str]) -> str:
    (node,) = (
        part
        for part in client.post("/gateway.do", data=params).get_json().values()
        if isinstance(part, dict)
    )
    return str(node["sub_code"])


def trades(app: Flask) -> list[tuple[str, str]]:
    entries = app.extensions["sandbox"].ledger.recent(10)
    return [(entry.trade.product, entry.trade.status.value) for entry in entries]


# --- A phone's browser --------------------------------------------------------------------------
def test_a_phones_browser_returns_with_its_own_method(
    client: FlaskClient, merchant: Merchant
) -> None:
    params = merchant.order("wap", return_url="http://shop.test/paid")
    cashier = client.get(url_of(params)).location
    location = client.post(cashier, data={"action": "pay"}).location
    assert location.startswith("http://shop.test/paid?")
    fields = query_of(location)
    assert fields["method"] == "alipay.trade.wap.pay.return"
    assert merchant.believes_form(fields)


def test_who_leaves_goes_to_the_quit_url(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    params = merchant.order("wap", quit_url="http://shop.test/orders?id=1")
    cashier = client.get(url_of(params)).location
    left = client.post(cashier, data={"action": "leave"})
    assert (left.status_code, left.location) == (302, "http://shop.test/orders?id=1")
    assert trades(app) == [("wap", "WAITING")]


@pytest.mark.parametrize(
    "biz",
    [
        {"product_code": "QUICK_WAP_PAY"},
        {"product_code": "FAST_INSTANT_TRADE_PAY"},
        {"quit_url": "javascript:alert(1)"},
        {"quit_url": "http://shop.test/" + "q" * 400},
    ],
)
def test_a_bad_wap_order_opens_nothing(
    app: Flask, client: FlaskClient, merchant: Merchant, biz: dict[str, str]
) -> None:
    assert "ACQ.INVALID_PARAMETER" in client.get(url_of(merchant.order("wap", **biz))).text
    assert trades(app) == []


# --- An app -------------------------------------------------------------------------------------
def test_the_order_string_opens_the_cashier(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    order = urlencode(merchant.order("app"))
    pasted = client.post("/alipay/app", data={"order": f" {order} "})
    assert pasted.location == f"/alipay/app?{order}"
    cashier = client.get(pasted.location).location
    page = client.post(cashier, data={"action": "pay"})
    assert "支付成功" in page.text
    assert trades(app) == [("app", "PAID")]


def test_a_changed_order_string_opens_nothing(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    changed = {**merchant.order("app"), "notify_url": "http://thief.test/"}
    assert "isv.invalid-signature" in client.get("/alipay/app", query_string=changed).text
    assert trades(app) == []


def test_the_app_takes_no_page_and_the_gateway_no_order_string(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    page = client.get("/alipay/app", query_string=merchant.page_pay())
    assert "isv.invalid-method" in page.text
    assert refused(client, merchant.order("app")) == "isv.invalid-method"
    assert trades(app) == []
    assert "订单串" in client.get("/alipay/app").text


# --- A QR code ----------------------------------------------------------------------------------
def test_a_scanned_code_leads_to_the_cashier(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    code = code_of(client, merchant)
    assert code.startswith("https://qr.alipay.com/")
    assert trades(app) == [("qr", "OFFERED")]
    assert "等待扫码" in client.get("/").text
    scanned = client.post("/scan", data={"code": f"{code}\n"})
    assert scanned.status_code == 302
    assert trades(app) == [("qr", "WAITING")]
    assert client.post("/scan", data={"code": code}).location == scanned.location
    client.post(scanned.location, data={"action": "pay"})
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "TRADE_SUCCESS"


@pytest.mark.parametrize("method", [QUERY, CLOSE, "alipay.trade.refund"])
def test_before_it_is_scanned_there_is_no_trade(
    app: Flask, client: FlaskClient, merchant: Merchant, method: str
) -> None:
    code_of(client, merchant)
    answer = call(client, merchant, method, out_trade_no=NUMBER, refund_amount="1.00")
    assert answer["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    assert trades(app) == [("qr", "OFFERED")]


def test_one_order_gets_one_code(app: Flask, client: FlaskClient, merchant: Merchant) -> None:
    code_of(client, merchant)
    assert refused(client, merchant.order("qr")) == "ACQ.APPLY_PC_MERCHANT_CODE_ERROR"
    other = merchant.order("qr", total_amount="1.00")
    assert refused(client, other) == "ACQ.CONTEXT_INCONSISTENT"
    assert trades(app) == [("qr", "OFFERED")]


def test_an_order_with_a_code_can_be_paid_on_its_page_too(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    code = code_of(client, merchant)
    cashier = client.get(url_of(merchant.page_pay())).location
    assert client.post("/scan", data={"code": code}).location == cashier
    assert trades(app) == [("qr", "WAITING")]


@pytest.mark.parametrize(
    ("before", "sub_code"),
    [("pay", "ACQ.TRADE_HAS_SUCCESS"), ("close", "ACQ.TRADE_HAS_CLOSE")],
)
def test_what_is_settled_gets_no_code(
    client: FlaskClient, merchant: Merchant, before: str, sub_code: str
) -> None:
    if before == "pay":
        pay(client, merchant)
    else:
        client.get(url_of(merchant.page_pay()))
        call(client, merchant, CLOSE, out_trade_no=NUMBER)
    assert refused(client, merchant.order("qr")) == sub_code


@pytest.mark.parametrize(("time_expire", "minutes"), [("2026-03-04 12:30:00", 30), (None, 120)])
def test_an_expired_code_opens_nothing(
    app: Flask,
    client: FlaskClient,
    merchant: Merchant,
    clock: Clock,
    time_expire: str | None,
    minutes: int,
) -> None:
    """With its order, or after two hours, though the order could be paid for three."""
    code = code_of(client, merchant, time_expire=time_expire)
    clock.advance(minutes=minutes, seconds=-1)
    assert app.extensions["sandbox"].ledger.by_code(code).expires_at >= clock()
    clock.advance(seconds=1)
    page = client.post("/scan", data={"code": code})
    assert page.status_code == 410
    assert "二维码已过期" in page.text
    assert trades(app) == [("qr", "OFFERED")]


def test_without_an_expiry_a_code_s_order_lasts_three_hours(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    code = code_of(client, merchant, time_expire=None, product_code=None)
    trade = app.extensions["sandbox"].ledger.by_code(code)
    assert trade.expires_at == START + timedelta(hours=3)


@pytest.mark.parametrize("code", ["", "https://qr.alipay.com/bax0", "随便"])
def test_another_code_leads_nowhere(client: FlaskClient, code: str) -> None:
    assert client.post("/scan", data={"code": code}).status_code == 404
