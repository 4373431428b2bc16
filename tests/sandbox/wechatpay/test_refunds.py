"""Giving money back, in parts, once for each number."""

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

    from tests.sandbox.merchant import Clock

REFUNDS = "/v3/refund/domestic/refunds"
QUERY = f"/v3/pay/transactions/out-trade-no/{NUMBER}?mchid={MCHID}"


def wish(**changes: Any) -> dict[str, Any]:
    """A refund of 10.00 yuan; a change to None takes a field away."""
    values = {
        "out_trade_no": NUMBER,
        "out_refund_no": "R1",
        "reason": "少了一台",
        "amount": {"refund": 1000, "total": 9990, "currency": "CNY"},
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def amount(refund: int, total: int = 9990) -> dict[str, Any]:
    return {"refund": refund, "total": total, "currency": "CNY"}


@pytest.fixture
def cashier(client: FlaskClient, merchant: Merchant) -> str:
    told = merchant.ordered(client, "/v3/pay/transactions/native", order())
    return client.post("/scan", data={"code": told["code_url"]}).location


@pytest.fixture
def transaction_id(client: FlaskClient, merchant: Merchant, cashier: str) -> str:
    """That of the trade, paid."""
    client.post(cashier, data={"action": "pay"})
    return str(merchant.asked(client, QUERY)["transaction_id"])


def test_it_is_accepted_first_and_told_to_be_done_later(
    client: FlaskClient, merchant: Merchant, clock: Clock, transaction_id: str
) -> None:
    clock.advance(minutes=5)
    told = merchant.ordered(client, REFUNDS, wish())
    number = told["refund_id"]
    assert told == {
        "refund_id": number,
        "out_refund_no": "R1",
        "transaction_id": transaction_id,
        "out_trade_no": NUMBER,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": "2026-03-04T12:05:00+08:00",
        "status": "PROCESSING",
        "funds_account": "AVAILABLE",
        "amount": {
            "total": 9990,
            "refund": 1000,
            "payer_total": 9990,
            "payer_refund": 1000,
            "settlement_total": 9990,
            "settlement_refund": 1000,
            "discount_refund": 0,
            "currency": "CNY",
        },
        "promotion_detail": [],
    }
    done = {**told, "status": "SUCCESS", "success_time": "2026-03-04T12:05:00+08:00"}
    assert merchant.asked(client, f"{REFUNDS}/R1") == done


@pytest.mark.usefixtures("transaction_id")
def test_a_part_of_it_makes_the_trade_one_with_refunds(
    client: FlaskClient, merchant: Merchant
) -> None:
    merchant.ordered(client, REFUNDS, wish(amount=amount(1)))
    trade = merchant.asked(client, QUERY)
    assert (trade["trade_state"], trade["trade_state_desc"]) == ("REFUND", "转入退款")
    assert trade["amount"]["total"] == 9990


def test_a_repeat_moves_nothing(
    app: Flask, client: FlaskClient, merchant: Merchant, transaction_id: str
) -> None:
    """By whichever number of the trade."""
    first = merchant.ordered(client, REFUNDS, wish())
    before = books(app)
    again = wish(out_trade_no=None, transaction_id=transaction_id)
    told = merchant.ordered(client, REFUNDS, again)
    assert (told["refund_id"], told["status"]) == (first["refund_id"], "SUCCESS")
    assert books(app) == before


@pytest.mark.parametrize("change", [amount(999), amount(1000, 9991)])
@pytest.mark.usefixtures("transaction_id")
def test_a_repeat_of_another_amount_is_refused(
    app: Flask, client: FlaskClient, merchant: Merchant, change: dict[str, Any]
) -> None:
    merchant.ordered(client, REFUNDS, wish())
    before = books(app)
    response = merchant.post(client, REFUNDS, wish(amount=change))
    assert refused(response)[:2] == (400, "REFUND_FEE_MISMATCH")
    assert books(app) == before


@pytest.mark.usefixtures("transaction_id")
def test_a_repeat_for_another_trade_is_refused(client: FlaskClient, merchant: Merchant) -> None:
    merchant.ordered(client, REFUNDS, wish())
    merchant.ordered(client, "/v3/pay/transactions/app", order(out_trade_no="T00002"))
    response = merchant.post(client, REFUNDS, wish(out_trade_no="T00002"))
    assert refused(response)[:2] == (400, "REFUND_FEE_MISMATCH")


@pytest.mark.usefixtures("transaction_id")
def test_not_a_fen_more_than_was_paid_goes_back(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    merchant.ordered(client, REFUNDS, wish())
    before = books(app)
    response = merchant.post(client, REFUNDS, wish(out_refund_no="R2", amount=amount(8991)))
    assert refused(response)[:2] == (400, "INVALID_REQUEST")
    assert books(app) == before
    merchant.ordered(client, REFUNDS, wish(out_refund_no="R2", amount=amount(8990)))
    (booked,) = books(app)
    assert (booked.trade.refunded_fen, booked.trade.left_fen) == (9990, 0)


@pytest.mark.usefixtures("transaction_id")
def test_a_total_that_is_not_the_trades_is_refused(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    before = books(app)
    response = merchant.post(client, REFUNDS, wish(amount=amount(1000, 9989)))
    assert refused(response)[:2] == (400, "REFUND_FEE_MISMATCH")
    assert books(app) == before


@pytest.mark.usefixtures("cashier")
def test_an_unpaid_trade_gives_nothing_back(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    before = books(app)
    assert refused(merchant.post(client, REFUNDS, wish()))[:2] == (403, "TRADE_ERROR")
    assert books(app) == before


def test_a_trade_that_is_not_there(client: FlaskClient, merchant: Merchant) -> None:
    assert refused(merchant.post(client, REFUNDS, wish()))[:2] == (404, "RESOURCE_NOT_EXISTS")


def test_a_refund_that_is_not_there(client: FlaskClient, merchant: Merchant) -> None:
    assert refused(merchant.get(client, f"{REFUNDS}/R1"))[:2] == (404, "RESOURCE_NOT_EXISTS")


@pytest.mark.usefixtures("transaction_id")
def test_fifty_parts_and_no_more(app: Flask, client: FlaskClient, merchant: Merchant) -> None:
    for number in range(50):
        merchant.ordered(client, REFUNDS, wish(out_refund_no=f"P{number}", amount=amount(1)))
    response = merchant.post(client, REFUNDS, wish(out_refund_no="P50", amount=amount(1)))
    status, code, message = refused(response)
    assert (status, code) == (400, "INVALID_REQUEST")
    assert "50" in message
    assert books(app)[0].trade.refunded_fen == 50


@pytest.mark.usefixtures("transaction_id")
def test_a_year_and_no_longer(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    clock.advance(days=365)
    merchant.ordered(client, REFUNDS, wish())
    clock.advance(seconds=1)
    response = merchant.post(client, REFUNDS, wish(out_refund_no="R2"))
    assert refused(response)[:2] == (400, "INVALID_REQUEST")
    assert books(app)[0].trade.refunded_fen == 1000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"out_trade_no": None}, "transaction_id"),
        ({"transaction_id": "42"}, "transaction_id"),
        ({"out_refund_no": None}, "out_refund_no"),
        ({"out_refund_no": "R" * 65}, "out_refund_no"),
        ({"out_refund_no": "R 1"}, "out_refund_no"),
        ({"reason": "茶" * 81}, "reason"),
        ({"funds_account": "MINE"}, "funds_account"),
        ({"notify_url": "http://shop.test/?a=1"}, "notify_url"),
        ({"amount": None}, "amount"),
        ({"amount": {"refund": 1000, "total": 9990}}, "amount.currency"),
        ({"amount": amount(0)}, "amount.refund"),
        ({"amount": amount(-1)}, "amount.refund"),
        ({"amount": amount(9991)}, "amount.refund"),
    ],
)
@pytest.mark.usefixtures("transaction_id")
def test_a_field_that_breaks_a_rule_is_named(
    app: Flask, client: FlaskClient, merchant: Merchant, changes: dict[str, Any], field: str
) -> None:
    before = books(app)
    status, code, message = refused(merchant.post(client, REFUNDS, wish(**changes)))
    assert (status, code) == (400, "PARAM_ERROR")
    assert field in message
    assert books(app) == before


@pytest.mark.usefixtures("transaction_id")
def test_a_number_may_hold_what_an_address_must_escape(
    client: FlaskClient, merchant: Merchant
) -> None:
    merchant.ordered(client, REFUNDS, wish(out_refund_no="a|*@-_Z"))
    assert merchant.asked(client, f"{REFUNDS}/a%7C*@-_Z")["out_refund_no"] == "a|*@-_Z"


@pytest.mark.parametrize(("status", "left"), [("CLOSED", 9990), ("ABNORMAL", 8990)])
@pytest.mark.usefixtures("transaction_id")
def test_a_refund_that_fails_moves_no_money(
    app: Flask, client: FlaskClient, merchant: Merchant, status: str, left: int
) -> None:
    """What is ABNORMAL is still on its way, so its money stays held."""
    switch_on(client, f"refund_{status.lower()}", times=1)
    assert merchant.ordered(client, REFUNDS, wish())["status"] == "PROCESSING"
    told = merchant.asked(client, f"{REFUNDS}/R1")
    assert told["status"] == status
    assert "success_time" not in told
    assert merchant.ordered(client, REFUNDS, wish())["status"] == status
    (booked,) = books(app)
    assert (booked.trade.refunded_fen, booked.trade.left_fen) == (0, left)
    state = {"CLOSED": "SUCCESS", "ABNORMAL": "REFUND"}[status]
    assert merchant.asked(client, QUERY)["trade_state"] == state
    assert merchant.ordered(client, REFUNDS, wish(out_refund_no="R2"))["status"] == "PROCESSING"
    assert merchant.asked(client, f"{REFUNDS}/R2")["status"] == "SUCCESS"


@pytest.mark.usefixtures("transaction_id")
def test_a_refund_stays_under_way_until_the_switch_is_off(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    fault = switch_on(client, "refund_processing")
    merchant.ordered(client, REFUNDS, wish())
    assert merchant.asked(client, f"{REFUNDS}/R1")["status"] == "PROCESSING"
    assert merchant.asked(client, QUERY)["trade_state"] == "REFUND"
    assert books(app)[0].trade.held_fen == 1000
    client.delete(f"/faults/{fault}")
    assert merchant.asked(client, f"{REFUNDS}/R1")["status"] == "SUCCESS"
    assert books(app)[0].trade.refunded_fen == 1000


@pytest.mark.usefixtures("transaction_id")
def test_an_empty_account_refuses_and_a_repeat_succeeds(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    switch_on(client, "no_balance", times=1)
    before = books(app)
    assert refused(merchant.post(client, REFUNDS, wish()))[:2] == (403, "NOT_ENOUGH")
    assert books(app) == before
    assert merchant.ordered(client, REFUNDS, wish())["status"] == "PROCESSING"
