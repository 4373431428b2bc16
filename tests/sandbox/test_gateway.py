"""The checks every request passes, query and close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.sandbox.merchant import Clock, Merchant, ask, call, url_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

QUERY = "alipay.trade.query"
CLOSE = "alipay.trade.close"
NUMBER = "202603041200000000010001"


def test_an_unknown_number_is_refused_and_signed(client: FlaskClient, merchant: Merchant) -> None:
    assert call(client, merchant, QUERY, out_trade_no="nobody") == {
        "code": "40004",
        "msg": "Business Failed",
        "sub_code": "ACQ.TRADE_NOT_EXIST",
        "sub_msg": "交易不存在",
    }


@pytest.mark.parametrize("app_id", ["2021000000000009", "", "x"])
def test_an_unknown_app_is_refused_before_its_signature_and_unsigned(
    client: FlaskClient, merchant: Merchant, app_id: str
) -> None:
    body = ask(client, {**merchant.request(QUERY, {}), "app_id": app_id, "sign": "junk"})
    assert set(body) == {"alipay_trade_query_response"}
    node = body["alipay_trade_query_response"]
    assert (node["code"], node["sub_code"]) == ("40002", "isv.invalid-app-id")


def test_only_rsa2_is_taken(client: FlaskClient, merchant: Merchant) -> None:
    body = ask(client, merchant.request(QUERY, {"out_trade_no": "1"}, sign_type="RSA"))
    node = body["alipay_trade_query_response"]
    assert (node["code"], node["sub_code"]) == ("40002", "isv.invalid-signature-type")


@pytest.mark.parametrize(
    ("name", "sub_code"),
    [
        ("sign_type", "isv.missing-signature-type"),
        ("sign", "isv.missing-signature"),
        ("timestamp", "isv.missing-timestamp"),
    ],
)
def test_what_is_missing_is_named(
    client: FlaskClient, merchant: Merchant, name: str, sub_code: str
) -> None:
    params = merchant.request(QUERY, {"out_trade_no": "1"})
    del params[name]
    if name == "timestamp":
        params = merchant.signed(params)
    node = ask(client, params)["alipay_trade_query_response"]
    assert (node["code"], node["sub_code"]) == ("40001", sub_code)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("biz_content", '{"out_trade_no": "2"}'),
        ("timestamp", "2026-03-04 12:00:01"),
        ("version", "1.1"),
        ("charset", "gbk"),
        ("sign", "AAAA"),
        ("sign", "not base64 at all"),
        ("notify_url", "http://elsewhere.test/"),
        ("method", CLOSE),
    ],
)
def test_a_changed_request_is_refused(
    client: FlaskClient, merchant: Merchant, name: str, value: str
) -> None:
    body = ask(client, {**merchant.request(QUERY, {"out_trade_no": "1"}), name: value})
    (node,) = (part for part in body.values() if isinstance(part, dict))
    assert (node["code"], node["sub_code"]) == ("40002", "isv.invalid-signature")
    assert "sign" in body


def test_a_signature_of_the_provider_is_not_the_merchants(
    client: FlaskClient, merchant: Merchant, provider_key: Any
) -> None:
    impostor = Merchant(provider_key, merchant.provider_key, merchant.now)
    body = ask(client, impostor.request(QUERY, {"out_trade_no": "1"}))
    assert body["alipay_trade_query_response"]["sub_code"] == "isv.invalid-signature"


def test_a_parameter_given_twice_is_refused(client: FlaskClient, merchant: Merchant) -> None:
    params = merchant.request(QUERY, {"out_trade_no": "1"})
    again = urlencode({"biz_content": '{"out_trade_no": "2"}'})
    body = client.post(f"/gateway.do?{again}", data=params).get_json()
    assert body["alipay_trade_query_response"]["sub_code"] == "isv.suspected-attack"


def test_charset_in_the_address_and_the_rest_in_the_form(
    client: FlaskClient, merchant: Merchant
) -> None:
    params = merchant.request(QUERY, {"out_trade_no": "1"})
    charset = params.pop("charset")
    body = client.post(f"/gateway.do?charset={charset}", data=params).get_json()
    assert body["alipay_trade_query_response"]["sub_code"] == "ACQ.TRADE_NOT_EXIST"


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-03-04 11:44:59",
        "2026-03-04 12:15:01",
        "2026-03-04 04:00:00",  # UTC, eight hours off
        "2026-3-4 12:00:00",
        "2026-03-04T12:00:00",
        "1772596800",
        "yesterday",
    ],
)
def test_a_clock_that_is_off_is_refused(
    client: FlaskClient, merchant: Merchant, timestamp: str
) -> None:
    body = ask(client, merchant.request(QUERY, {"out_trade_no": "1"}, timestamp=timestamp))
    node = body["alipay_trade_query_response"]
    assert (node["code"], node["sub_code"]) == ("40002", "isv.invalid-timestamp")


@pytest.mark.parametrize("timestamp", ["2026-03-04 11:45:00", "2026-03-04 12:15:00"])
def test_a_clock_that_is_off_by_a_quarter_of_an_hour_is_taken(
    client: FlaskClient, merchant: Merchant, timestamp: str
) -> None:
    body = ask(client, merchant.request(QUERY, {"out_trade_no": "1"}, timestamp=timestamp))
    assert body["alipay_trade_query_response"]["sub_code"] == "ACQ.TRADE_NOT_EXIST"


@pytest.mark.parametrize(
    ("method", "code", "sub_code"),
    [
        ("alipay.trade.nothing", "40002", "isv.invalid-method"),
        ('x":{},"y', "40002", "isv.invalid-method"),
        ("", "40001", "isv.missing-method"),
    ],
)
def test_an_unknown_method_is_refused_and_signed(
    client: FlaskClient, merchant: Merchant, method: str, code: str, sub_code: str
) -> None:
    body = ask(client, merchant.request(method, {"out_trade_no": "1"}))
    assert set(body) == {"error_response", "sign"}
    assert (body["error_response"]["code"], body["error_response"]["sub_code"]) == (code, sub_code)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "1",
        "{}",
        '{"out_trade_no": ""}',
        '{"out_trade_no": ["1"]}',
        '{"trade_no": {}}',
        '{"out_trade_no": "\\ud800"}',
        '{"out_trade_no": ' + "9" * 5000 + "x}",
        "[" * 100_000,
    ],
)
def test_bad_biz_content_is_refused(client: FlaskClient, merchant: Merchant, content: str) -> None:
    response = client.post("/gateway.do", data=merchant.request(QUERY, content))
    node = response.get_json()["alipay_trade_query_response"]
    assert (node["code"], node["sub_code"]) == ("40004", "ACQ.INVALID_PARAMETER")


def test_query_of_an_opened_trade(client: FlaskClient, merchant: Merchant) -> None:
    client.get(url_of(merchant.page_pay()))
    node = call(client, merchant, QUERY, out_trade_no=NUMBER)
    assert node["code"] == "10000"
    assert node["msg"] == "Success"
    assert node["trade_status"] == "WAIT_BUYER_PAY"
    assert node["total_amount"] == "99.90"
    assert node["receipt_amount"] == "0.00"
    assert "send_pay_date" not in node


def test_query_of_a_paid_trade(client: FlaskClient, merchant: Merchant) -> None:
    cashier = client.get(url_of(merchant.page_pay())).location
    client.post(cashier, data={"action": "pay"})
    node = call(client, merchant, QUERY, out_trade_no=NUMBER)
    trade_no = node.pop("trade_no")
    assert trade_no.isdigit()
    assert len(trade_no) == 28
    assert trade_no.startswith("20260304")
    assert node == {
        "code": "10000",
        "msg": "Success",
        "buyer_logon_id": "138****0000",
        "buyer_pay_amount": "99.90",
        "buyer_user_id": "2088000000000099",
        "invoice_amount": "99.90",
        "out_trade_no": NUMBER,
        "point_amount": "0.00",
        "receipt_amount": "99.90",
        "send_pay_date": "2026-03-04 12:00:00",
        "subject": "手机 一台",
        "total_amount": "99.90",
        "trade_status": "TRADE_SUCCESS",
        "fund_bill_list": [{"amount": "99.90", "fund_channel": "ALIPAYACCOUNT"}],
    }
    assert call(client, merchant, QUERY, trade_no=trade_no)["out_trade_no"] == NUMBER


def test_trade_no_wins_over_out_trade_no(client: FlaskClient, merchant: Merchant) -> None:
    client.get(url_of(merchant.page_pay(out_trade_no="A")))
    client.get(url_of(merchant.page_pay(out_trade_no="B")))
    trade_no = call(client, merchant, QUERY, out_trade_no="B")["trade_no"]
    assert call(client, merchant, QUERY, out_trade_no="A", trade_no=trade_no)["out_trade_no"] == "B"
    missing = call(client, merchant, QUERY, out_trade_no="A", trade_no="0")
    assert missing["sub_code"] == "ACQ.TRADE_NOT_EXIST"


@pytest.mark.parametrize(
    "subject", ["{", "}}{", '"quoted"', "back\\slash", "\\u4e2d 中文", "\x00\n\t", "<b>😀", "]}'"]
)
def test_the_signed_bytes_are_those_of_the_body(
    client: FlaskClient, merchant: Merchant, subject: str
) -> None:
    client.post("/gateway.do", data=merchant.page_pay(subject=subject))
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["subject"] == subject


def test_past_its_expiry_a_trade_reads_closed(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    client.get(url_of(merchant.page_pay()))
    clock.advance(minutes=29, seconds=59)
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "WAIT_BUYER_PAY"
    clock.advance(seconds=1)
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "TRADE_CLOSED"
    assert (
        call(client, merchant, CLOSE, out_trade_no=NUMBER)["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    )


def test_close(client: FlaskClient, merchant: Merchant) -> None:
    cashier = client.get(url_of(merchant.page_pay())).location
    node = call(client, merchant, CLOSE, out_trade_no=NUMBER)
    assert (node["code"], node["out_trade_no"], len(node["trade_no"])) == ("10000", NUMBER, 28)
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "TRADE_CLOSED"
    again = call(client, merchant, CLOSE, trade_no=node["trade_no"])
    assert (again["code"], again["sub_code"]) == ("40004", "ACQ.TRADE_STATUS_ERROR")
    assert "交易已关闭" in client.post(cashier, data={"action": "pay"}).text
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "TRADE_CLOSED"


def test_a_paid_trade_cannot_be_closed(client: FlaskClient, merchant: Merchant) -> None:
    cashier = client.get(url_of(merchant.page_pay())).location
    client.post(cashier, data={"action": "pay"})
    assert (
        call(client, merchant, CLOSE, out_trade_no=NUMBER)["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    )
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "TRADE_SUCCESS"


def test_closing_what_nobody_opened(client: FlaskClient, merchant: Merchant) -> None:
    node = call(client, merchant, CLOSE, out_trade_no=NUMBER)
    assert (node["code"], node["sub_code"]) == ("40004", "ACQ.TRADE_NOT_EXIST")


def test_a_restart_keeps_the_trades(start: Any, merchant: Merchant) -> None:
    client = start().test_client()
    cashier = client.get(url_of(merchant.page_pay())).location
    client.post(cashier, data={"action": "pay"})
    after = start().test_client()
    assert call(after, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "TRADE_SUCCESS"
    assert after.get(cashier).status_code == 200
