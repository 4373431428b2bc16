"""What a query tells of a trade in each of its states, and closing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.wechatpay.merchant import (
    APPID,
    MCHID,
    NUMBER,
    Merchant,
    order,
    refused,
)

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from tests.sandbox.merchant import Clock

NATIVE = "/v3/pay/transactions/native"
TRADE = f"/v3/pay/transactions/out-trade-no/{NUMBER}"
QUERY = f"{TRADE}?mchid={MCHID}"
CLOSE = f"{TRADE}/close"


@pytest.fixture
def cashier(client: FlaskClient, merchant: Merchant) -> str:
    told = merchant.ordered(client, NATIVE, order(attach="a=1"))
    return client.post("/scan", data={"code": told["code_url"]}).location


def pay(client: FlaskClient, cashier: str) -> None:
    assert "支付成功" in client.post(cashier, data={"action": "pay"}).text


@pytest.mark.usefixtures("cashier")
def test_an_unpaid_trade(client: FlaskClient, merchant: Merchant) -> None:
    assert merchant.asked(client, QUERY) == {
        "appid": APPID,
        "mchid": MCHID,
        "out_trade_no": NUMBER,
        "trade_state": "NOTPAY",
        "trade_state_desc": "订单未支付",
        "attach": "a=1",
        "amount": {"total": 9990, "currency": "CNY"},
        "promotion_detail": [],
    }


def test_a_paid_trade_by_either_number(
    client: FlaskClient, merchant: Merchant, clock: Clock, cashier: str
) -> None:
    clock.advance(minutes=2)
    pay(client, cashier)
    trade = merchant.asked(client, QUERY)
    number = trade["transaction_id"]
    assert number.isdigit()
    assert len(number) == 28
    assert trade == {
        "appid": APPID,
        "mchid": MCHID,
        "out_trade_no": NUMBER,
        "transaction_id": number,
        "trade_type": "NATIVE",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "attach": "a=1",
        "success_time": "2026-03-04T12:02:00+08:00",
        "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "amount": {
            "total": 9990,
            "payer_total": 9990,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
        "promotion_detail": [],
    }
    assert merchant.asked(client, f"/v3/pay/transactions/id/{number}?mchid={MCHID}") == trade


def test_an_unpaid_trade_has_no_number_of_the_providers_yet(
    app: Flask, client: FlaskClient, merchant: Merchant, cashier: str
) -> None:
    token = cashier.split("/cashier/")[1].strip("/")
    hidden = app.extensions["sandbox"].ledger.by_token(token).trade_no
    response = merchant.get(client, f"/v3/pay/transactions/id/{hidden}?mchid={MCHID}")
    assert refused(response)[:2] == (404, "ORDER_NOT_EXIST")


def test_a_number_that_nobody_ordered(client: FlaskClient, merchant: Merchant) -> None:
    assert refused(merchant.get(client, QUERY)) == (404, "ORDER_NOT_EXIST", "订单不存在")


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "PARAM_ERROR"), ("?mchid=", "PARAM_ERROR"), ("?mchid=1900000002", "INVALID_REQUEST")],
)
@pytest.mark.parametrize("address", [TRADE, "/v3/pay/transactions/id/42"])
def test_a_query_names_its_merchant(
    client: FlaskClient, merchant: Merchant, address: str, query: str, code: str
) -> None:
    assert refused(merchant.get(client, address + query))[:2] == (400, code)


@pytest.mark.usefixtures("cashier")
def test_closing_is_answered_with_nothing_signed_and_may_be_repeated(
    client: FlaskClient, merchant: Merchant
) -> None:
    for _ in range(2):
        response = merchant.post(client, CLOSE, {"mchid": MCHID})
        assert (response.status_code, response.data) == (204, b"")
        assert merchant.believes(response.headers, b"")
    assert merchant.asked(client, QUERY)["trade_state"] == "CLOSED"


def test_a_closed_trade_cannot_be_paid(
    client: FlaskClient, merchant: Merchant, cashier: str
) -> None:
    merchant.post(client, CLOSE, {"mchid": MCHID})
    assert "交易已关闭" in client.post(cashier, data={"action": "pay"}).text
    assert merchant.asked(client, QUERY)["trade_state"] == "CLOSED"


def test_a_paid_trade_cannot_be_closed(
    client: FlaskClient, merchant: Merchant, cashier: str
) -> None:
    pay(client, cashier)
    response = merchant.post(client, CLOSE, {"mchid": MCHID})
    assert refused(response)[:2] == (400, "ORDERPAID")
    assert merchant.asked(client, QUERY)["trade_state"] == "SUCCESS"


@pytest.mark.parametrize(
    ("body", "code"),
    [({}, "PARAM_ERROR"), ({"mchid": "1900000002"}, "INVALID_REQUEST"), ([], "PARAM_ERROR")],
)
@pytest.mark.usefixtures("cashier")
def test_closing_names_its_merchant(
    client: FlaskClient, merchant: Merchant, body: Any, code: str
) -> None:
    assert refused(merchant.post(client, CLOSE, body))[:2] == (400, code)
    assert merchant.asked(client, QUERY)["trade_state"] == "NOTPAY"


def test_a_number_that_nobody_ordered_cannot_be_closed(
    client: FlaskClient, merchant: Merchant
) -> None:
    response = merchant.post(client, CLOSE, {"mchid": MCHID})
    assert refused(response)[:2] == (404, "ORDER_NOT_EXIST")


def test_a_refused_payment_leaves_the_trade_open(
    client: FlaskClient, merchant: Merchant, cashier: str
) -> None:
    assert "支付失败" in client.post(cashier, data={"action": "refuse"}).text
    assert merchant.asked(client, QUERY)["trade_state"] == "NOTPAY"
