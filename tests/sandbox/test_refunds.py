from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.sandbox.merchant import NUMBER, Clock, Merchant, call, pay, url_of
from tests.sandbox.receiver import Receiver

QUERY = "alipay.trade.query"
REFUND = "alipay.trade.refund"
REFUND_QUERY = "alipay.trade.fastpay.refund.query"


def refund(client: FlaskClient, merchant: Merchant, amount: str, number: str) -> dict[str, Any]:
    biz = {"out_trade_no": NUMBER, "refund_amount": amount, "out_request_no": number}
    return call(client, merchant, REFUND, **biz)


def moved(app: Flask) -> tuple[int, int, list[tuple[str, int]]]:
    """The trade's refunded and held fen, and its refunds."""
    (entry,) = app.extensions["sandbox"].ledger.recent(10)
    refunds = [(item.out_request_no, item.fen) for item in entry.refunds]
    return entry.trade.refunded_fen, entry.trade.held_fen, refunds


def test_parts_are_refunded_until_the_trade_is_closed(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    pay(client, merchant)
    first = refund(client, merchant, "30.00", "R1")
    assert first == {
        "code": "10000",
        "msg": "Success",
        "buyer_logon_id": "138****0000",
        "buyer_user_id": "2088000000000099",
        "fund_change": "Y",
        "out_trade_no": NUMBER,
        "refund_fee": "30.00",
        "trade_no": first["trade_no"],
    }
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "TRADE_SUCCESS"
    second = refund(client, merchant, "69.9", "R2")
    assert (second["fund_change"], second["refund_fee"]) == ("Y", "99.90")
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "TRADE_CLOSED"
    assert moved(app) == (9990, 0, [("R1", 3000), ("R2", 6990)])
    assert "已全额退款" in client.get("/").text
    after = refund(client, merchant, "0.01", "R3")
    assert after["sub_code"] == "ACQ.TRADE_STATUS_ERROR"


def test_a_repeat_changes_no_funds(app: Flask, client: FlaskClient, merchant: Merchant) -> None:
    pay(client, merchant)
    refund(client, merchant, "30.00", "R1")
    refund(client, merchant, "10.00", "R2")
    again = refund(client, merchant, "30.00", "R1")
    assert (again["code"], again["fund_change"], again["refund_fee"]) == ("10000", "N", "40.00")
    assert moved(app) == (4000, 0, [("R1", 3000), ("R2", 1000)])


def test_a_number_belongs_to_one_amount(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    pay(client, merchant)
    refund(client, merchant, "30.00", "R1")
    other = refund(client, merchant, "30.01", "R1")
    assert (other["code"], other["sub_code"]) == ("40004", "ACQ.DISCORDANT_REPEAT_REQUEST")
    assert moved(app) == (3000, 0, [("R1", 3000)])


def test_no_more_than_is_left(app: Flask, client: FlaskClient, merchant: Merchant) -> None:
    pay(client, merchant)
    refund(client, merchant, "30.00", "R1")
    over = refund(client, merchant, "69.91", "R2")
    assert (over["code"], over["sub_code"]) == ("40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
    assert moved(app) == (3000, 0, [("R1", 3000)])


def test_without_a_number_the_trade_is_refunded_in_full(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    pay(client, merchant)
    part = call(client, merchant, REFUND, out_trade_no=NUMBER, refund_amount="1.00")
    assert part["sub_code"] == "ACQ.INVALID_PARAMETER"
    whole = call(client, merchant, REFUND, out_trade_no=NUMBER, refund_amount="99.90")
    assert whole["fund_change"] == "Y"
    assert moved(app) == (9990, 0, [(NUMBER, 9990)])


@pytest.mark.parametrize(
    ("biz", "sub_code"),
    [
        ({"refund_amount": None}, "ACQ.INVALID_PARAMETER"),
        ({"refund_amount": "1.001"}, "ACQ.INVALID_PARAMETER"),
        ({"refund_amount": "-1"}, "ACQ.INVALID_PARAMETER"),
        ({"refund_amount": "0.00"}, "ACQ.REASON_TRADE_REFUND_FEE_ERR"),
        ({"out_request_no": "R" * 65}, "ACQ.INVALID_PARAMETER"),
        ({"refund_reason": "x" * 257}, "ACQ.INVALID_PARAMETER"),
        ({"out_trade_no": "nobody"}, "ACQ.TRADE_NOT_EXIST"),
        ({"out_trade_no": ""}, "ACQ.INVALID_PARAMETER"),
    ],
)
def test_a_bad_refund_is_refused(
    app: Flask, client: FlaskClient, merchant: Merchant, biz: dict[str, Any], sub_code: str
) -> None:
    pay(client, merchant)
    whole = {"out_trade_no": NUMBER, "refund_amount": "1.00", "out_request_no": "R1", **biz}
    assert call(client, merchant, REFUND, **whole)["sub_code"] == sub_code
    assert moved(app) == (0, 0, [])


def test_what_nobody_paid_is_not_refunded(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    client.get(url_of(merchant.page_pay()))
    assert refund(client, merchant, "1.00", "R1")["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    clock.advance(minutes=30)
    assert refund(client, merchant, "1.00", "R1")["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    assert moved(app) == (0, 0, [])


def test_a_refund_is_asked_for_by_its_number(client: FlaskClient, merchant: Merchant) -> None:
    pay(client, merchant)
    trade_no = refund(client, merchant, "30.00", "R1")["trade_no"]
    found = call(
        client,
        merchant,
        REFUND_QUERY,
        trade_no=trade_no,
        out_request_no="R1",
        query_options=["gmt_refund_pay"],
    )
    assert found == {
        "code": "10000",
        "msg": "Success",
        "gmt_refund_pay": "2026-03-04 12:00:00",
        "out_request_no": "R1",
        "out_trade_no": NUMBER,
        "refund_amount": "30.00",
        "refund_status": "REFUND_SUCCESS",
        "total_amount": "99.90",
        "trade_no": trade_no,
    }


def test_of_an_unknown_refund_nothing_is_said(client: FlaskClient, merchant: Merchant) -> None:
    pay(client, merchant)
    unknown = call(client, merchant, REFUND_QUERY, out_trade_no=NUMBER, out_request_no="R9")
    assert unknown == {"code": "10000", "msg": "Success"}
    unnamed = call(client, merchant, REFUND_QUERY, out_trade_no=NUMBER)
    assert unnamed["sub_code"] == "ACQ.INVALID_PARAMETER"
    nowhere = call(client, merchant, REFUND_QUERY, out_trade_no="nobody", out_request_no="R1")
    assert nowhere["sub_code"] == "ACQ.TRADE_NOT_EXIST"


def test_refunds_are_told_at_the_payments_address(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    with Receiver() as shop:
        pay(client, merchant, notify_url=shop.url)
        paid = shop.take()
        clock.advance(minutes=5)
        refund(client, merchant, "30.00", "R1")
        part = shop.take()
        refund(client, merchant, "30.00", "R1")
        clock.advance(minutes=5)
        refund(client, merchant, "69.90", "R2")
        whole = shop.take()
    assert all(merchant.believes_form(fields) for fields in (part, whole))
    assert len({fields["notify_id"] for fields in (paid, part, whole)}) == 3
    news = {"gmt_refund", "refund_fee", "out_biz_no"}
    assert not news & set(paid)
    changed = {"notify_id", "notify_time", "sign"}
    assert {k: v for k, v in part.items() if k not in changed | news} == {
        k: v for k, v in paid.items() if k not in changed
    }
    assert [part[name] for name in sorted(news)] == ["2026-03-04 12:05:00.000", "R1", "30.00"]
    assert [whole[name] for name in sorted(news)] == ["2026-03-04 12:10:00.000", "R2", "99.90"]
    assert (part["trade_status"], whole["trade_status"]) == ("TRADE_SUCCESS", "TRADE_CLOSED")
    assert whole["gmt_close"] == "2026-03-04 12:10:00"
    assert "gmt_close" not in part
