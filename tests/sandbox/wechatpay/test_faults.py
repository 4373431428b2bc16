"""The switches that make WeChat Pay misbehave, over HTTP, and what has happened nevertheless."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.wechatpay.merchant import (
    MCHID,
    NUMBER,
    Merchant,
    books,
    order,
    refused,
    switch_on,
)

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

NATIVE = "/v3/pay/transactions/native"
TRADE = f"/v3/pay/transactions/out-trade-no/{NUMBER}"
QUERY = f"{TRADE}?mchid={MCHID}"
REFUNDS = "/v3/refund/domestic/refunds"
REFUND = {
    "out_trade_no": NUMBER,
    "out_refund_no": "R1",
    "amount": {"refund": 1000, "total": 9990, "currency": "CNY"},
}


@pytest.fixture
def cashier(client: FlaskClient, merchant: Merchant) -> str:
    told = merchant.ordered(client, NATIVE, order())
    return client.post("/scan", data={"code": told["code_url"]}).location


def unsigned(response: TestResponse) -> int:
    assert not [name for name, _ in response.headers if name.startswith("Wechatpay-")]
    return response.status_code


@pytest.mark.parametrize("kind", ["answer_500", "system_error"])
@pytest.mark.parametrize(("suffix", "trades"), [("", 0), ("_after", 1)])
def test_an_order_that_fails_may_have_been_taken(
    app: Flask, client: FlaskClient, merchant: Merchant, kind: str, suffix: str, trades: int
) -> None:
    switch_on(client, kind + suffix, times=1)
    response = merchant.post(client, NATIVE, order())
    assert unsigned(response) == 500
    if kind == "system_error":
        assert refused(response)[1] == "SYSTEM_ERROR"
    else:
        assert response.get_json(silent=True) is None
    assert len(books(app)) == trades
    assert merchant.ordered(client, NATIVE, order())
    assert len(books(app)) == 1


@pytest.mark.parametrize(("name", "refunded"), [("timeout", 0), ("timeout_after", 1000)])
def test_a_refund_that_is_not_answered_may_have_been_made(
    app: Flask, client: FlaskClient, merchant: Merchant, cashier: str, name: str, refunded: int
) -> None:
    client.post(cashier, data={"action": "pay"})
    switch_on(client, name, action="refund", value=0)
    response = merchant.post(client, REFUNDS, REFUND)
    assert (unsigned(response), response.data) == (504, b"")
    (booked,) = books(app)
    assert booked.trade.refunded_fen == refunded


@pytest.mark.parametrize(
    ("action", "method", "target", "body"),
    [
        ("order", "post", NATIVE, order()),
        ("query", "get", QUERY, None),
        ("close", "post", f"{TRADE}/close", {"mchid": MCHID}),
        ("refund", "post", REFUNDS, REFUND),
        ("refund_query", "get", f"{REFUNDS}/R1", None),
        ("bill", "get", "/v3/bill/tradebill?bill_date=2026-03-04", None),
        ("other", "get", "/v3/certificates", None),
    ],
)
def test_every_call_is_of_its_own_kind(
    client: FlaskClient, merchant: Merchant, action: str, method: str, target: str, body: Any
) -> None:
    ask = {"get": merchant.get, "post": lambda *a: merchant.post(*a, body)}[method]
    switch_on(client, "answer_500", action=action)
    assert ask(client, target).status_code == 500
    client.delete("/faults")
    for other in {"order", "query", "close", "refund", "refund_query", "bill", "other"} - {action}:
        switch_on(client, "answer_500", action=other)
    assert ask(client, target).status_code != 500


def test_a_switch_for_one_trade_leaves_the_others_alone(
    client: FlaskClient, merchant: Merchant, cashier: str
) -> None:
    client.post(cashier, data={"action": "pay"})
    number = merchant.asked(client, QUERY)["transaction_id"]
    merchant.ordered(client, REFUNDS, REFUND)
    switch_on(client, "answer_500", out_trade_no="another")
    assert merchant.asked(client, QUERY)
    switch_on(client, "answer_500", out_trade_no=NUMBER)
    assert merchant.get(client, QUERY).status_code == 500
    by_id = f"/v3/pay/transactions/id/{number}?mchid={MCHID}"
    assert merchant.get(client, by_id).status_code == 500
    wish = {**REFUND, "out_trade_no": None, "transaction_id": number}
    assert merchant.post(client, REFUNDS, wish).status_code == 500
    assert merchant.get(client, f"{REFUNDS}/R1").status_code == 500


@pytest.mark.usefixtures("cashier")
def test_an_answer_that_is_signed_wrongly(client: FlaskClient, merchant: Merchant) -> None:
    switch_on(client, "wrong_signature", times=1)
    response = merchant.get(client, QUERY)
    assert response.status_code == 200
    assert not merchant.believes(response.headers, response.data)
    assert merchant.asked(client, QUERY)["trade_state"] == "NOTPAY"


@pytest.mark.usefixtures("cashier")
def test_nothing_that_is_signed_wrongly_too(client: FlaskClient, merchant: Merchant) -> None:
    switch_on(client, "wrong_signature", times=1)
    response = merchant.post(client, f"{TRADE}/close", {"mchid": MCHID})
    assert response.status_code == 204
    assert not merchant.believes(response.headers, b"")


def test_a_switch_of_alipay_leaves_wechat_pay_alone(
    client: FlaskClient, merchant: Merchant
) -> None:
    client.post("/faults", json={"name": "answer_500", "provider": "alipay"})
    assert merchant.ordered(client, NATIVE, order())
