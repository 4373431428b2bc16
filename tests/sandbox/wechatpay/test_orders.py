"""Orders: what is read, what is refused, what a repeat gives, and the buyer's way to the cashier."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.sandbox.merchant import START
from tests.sandbox.wechatpay.merchant import (
    MCHID,
    NUMBER,
    PLATFORM_SERIAL,
    Merchant,
    books,
    order,
    refused,
)

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.sandbox.merchant import Clock

NATIVE = "/v3/pay/transactions/native"
JSAPI = "/v3/pay/transactions/jsapi"
H5 = "/v3/pay/transactions/h5"
APP = "/v3/pay/transactions/app"
QUERY = f"/v3/pay/transactions/out-trade-no/{NUMBER}?mchid={MCHID}"
PAYER = {"payer": {"openid": "oBuyer"}}
SCENE = {"scene_info": {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}}


def cashier_of(client: FlaskClient, opened: TestResponse) -> str:
    """The address of the cashier page that a visit led to."""
    assert opened.status_code == 302
    location = opened.location
    assert "/cashier/" in location
    page = client.get(location)
    assert "99.90" in page.text
    assert "待支付" in page.text
    return location


def test_native_is_scanned_and_paid(client: FlaskClient, merchant: Merchant) -> None:
    told = merchant.ordered(client, NATIVE, order())
    assert set(told) == {"code_url"}
    assert re.fullmatch(r"weixin://wxpay/bizpayurl\?pr=[0-9]{14}[\w-]{11}", told["code_url"])
    cashier = cashier_of(client, client.post("/scan", data={"code": told["code_url"]}))
    assert "支付成功" in client.post(cashier, data={"action": "pay"}).text
    trade = merchant.asked(client, QUERY)
    assert (trade["trade_state"], trade["trade_type"]) == ("SUCCESS", "NATIVE")
    assert trade["payer"] == {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}


@pytest.mark.parametrize(
    ("address", "trade_type", "openid"),
    [(JSAPI, "JSAPI", "oBuyer"), (APP, "APP", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")],
)
def test_a_prepay_id_is_opened_and_paid(
    client: FlaskClient, merchant: Merchant, address: str, trade_type: str, openid: str
) -> None:
    extra = PAYER if address == JSAPI else {}
    told = merchant.ordered(client, address, order(**extra))
    assert set(told) == {"prepay_id"}
    assert re.fullmatch(r"wx20260304120000[0-9a-f]{20}", told["prepay_id"])
    cashier = cashier_of(client, client.get(f"/wechatpay/prepay/{told['prepay_id']}"))
    assert "支付成功" in client.post(cashier, data={"action": "pay"}).text
    trade = merchant.asked(client, QUERY)
    assert (trade["trade_state"], trade["trade_type"]) == ("SUCCESS", trade_type)
    assert trade["payer"] == {"openid": openid}


@pytest.mark.parametrize("action", ["pay", "leave"])
def test_h5_leads_back_to_where_the_shop_said_last(
    client: FlaskClient, merchant: Merchant, action: str
) -> None:
    told = merchant.ordered(client, H5, order(**SCENE))
    assert set(told) == {"h5_url"}
    back = "https://shop.test/pay_success.html?order=1&from=wechat"
    cashier = cashier_of(
        client, client.get(f"{told['h5_url']}&{urlencode({'redirect_url': back})}")
    )
    left = client.post(cashier, data={"action": action})
    assert (left.status_code, left.location) == (302, back)
    state = {"pay": "SUCCESS", "leave": "NOTPAY"}[action]
    assert merchant.asked(client, QUERY)["trade_state"] == state


@pytest.mark.parametrize("back", ["", "javascript:alert(1)"])
def test_h5_without_a_page_to_return_to_stays(
    client: FlaskClient, merchant: Merchant, back: str
) -> None:
    told = merchant.ordered(client, H5, order(**SCENE))
    cashier = cashier_of(
        client, client.get(f"{told['h5_url']}&{urlencode({'redirect_url': back})}")
    )
    paid = client.post(cashier, data={"action": "pay"})
    assert (paid.status_code, "支付成功" in paid.text) == (200, True)
    assert merchant.asked(client, QUERY)["trade_type"] == "MWEB"


def test_an_h5_address_lives_five_minutes_and_a_repeat_gives_a_new_one(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    first = merchant.ordered(client, H5, order(**SCENE))["h5_url"]
    clock.advance(seconds=299)
    assert client.get(first).status_code == 302
    clock.advance(seconds=1)
    assert client.get(first).status_code == 410
    second = merchant.ordered(client, H5, order(**SCENE))["h5_url"]
    assert second != first
    assert client.get(second).status_code == 302
    assert len(books(app)) == 1


@pytest.mark.parametrize("change", ["package=1772596800", "package=x", "package="])
def test_an_h5_address_cannot_be_made_up(
    client: FlaskClient, merchant: Merchant, change: str
) -> None:
    told = merchant.ordered(client, H5, order(**SCENE))["h5_url"]
    forged = re.sub(r"package=\w+", change, told)
    assert forged != told
    assert client.get(forged).status_code == 410


def test_a_prepay_id_lives_two_hours_and_a_repeat_gives_a_new_one(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    wish = order(time_expire=None)
    first = merchant.ordered(client, APP, wish)["prepay_id"]
    clock.advance(seconds=7199)
    assert merchant.ordered(client, APP, wish)["prepay_id"] == first
    assert client.get(f"/wechatpay/prepay/{first}").status_code == 302
    clock.advance(seconds=1)
    assert client.get(f"/wechatpay/prepay/{first}").status_code == 410
    second = merchant.ordered(client, APP, wish)["prepay_id"]
    assert second != first
    assert client.get(f"/wechatpay/prepay/{second}").status_code == 302
    assert len(books(app)) == 1


def test_a_qr_text_lives_two_hours_and_a_repeat_gives_a_new_one(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    wish = order(time_expire=None)
    first = merchant.ordered(client, NATIVE, wish)["code_url"]
    clock.advance(seconds=7199)
    assert client.post("/scan", data={"code": first}).status_code == 302
    clock.advance(seconds=1)
    assert client.post("/scan", data={"code": first}).status_code == 410
    second = merchant.ordered(client, NATIVE, wish)["code_url"]
    assert client.post("/scan", data={"code": first}).status_code == 404
    assert client.post("/scan", data={"code": second}).status_code == 302


@pytest.mark.parametrize("address", ["/wechatpay/prepay/wx1", "/wechatpay/h5?prepay_id=wx1"])
def test_a_prepay_id_that_is_not_there(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_what_is_opened_is_what_was_ordered(client: FlaskClient, merchant: Merchant) -> None:
    """A QR text is no prepay id, and an H5 address is signed."""
    native = merchant.ordered(client, NATIVE, order())["code_url"]
    app = merchant.ordered(client, APP, order(out_trade_no="T00002"))["prepay_id"]
    assert client.get(f"/wechatpay/prepay/{native}").status_code == 404
    assert client.get(f"/wechatpay/h5?prepay_id={app}&package=1").status_code == 404


def test_a_repeat_with_the_same_parameters_is_the_same_trade(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    """Also in the last minute, when no new trade could begin, and in another spelling."""
    told = merchant.ordered(client, NATIVE, order())
    clock.advance(minutes=29, seconds=59)
    turned = dict(reversed(order().items()))
    assert merchant.ordered(client, NATIVE, turned) == told
    assert len(books(app)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"amount": {"total": 9991, "currency": "CNY"}},
        {"amount": {"total": 9990}},
        {"description": "手机"},
        {"attach": "1"},
        {"notify_url": "https://shop.test/"},
        {"time_expire": (START + timedelta(minutes=31)).isoformat()},
        {"time_expire": None},
    ],
)
def test_a_repeat_with_other_parameters_is_refused(
    app: Flask, client: FlaskClient, merchant: Merchant, change: dict[str, Any]
) -> None:
    merchant.ordered(client, NATIVE, order())
    before = books(app)
    response = merchant.post(client, NATIVE, order(**change))
    assert refused(response)[:2] == (403, "OUT_TRADE_NO_USED")
    assert books(app) == before


def test_a_repeat_as_another_product_is_refused(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    merchant.ordered(client, NATIVE, order())
    before = books(app)
    assert refused(merchant.post(client, APP, order()))[:2] == (403, "OUT_TRADE_NO_USED")
    assert books(app) == before


def test_a_paid_order_is_not_ordered_again(client: FlaskClient, merchant: Merchant) -> None:
    told = merchant.ordered(client, NATIVE, order())
    cashier = client.post("/scan", data={"code": told["code_url"]}).location
    client.post(cashier, data={"action": "pay"})
    assert refused(merchant.post(client, NATIVE, order()))[:2] == (400, "ORDERPAID")


def test_an_expired_order_is_not_ordered_again(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    merchant.ordered(client, NATIVE, order())
    clock.advance(minutes=30)
    assert refused(merchant.post(client, NATIVE, order()))[:2] == (400, "ORDER_CLOSED")


def test_without_an_expiry_it_stays_open_for_seven_days(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    merchant.ordered(client, NATIVE, order(time_expire=None))
    clock.advance(days=7, seconds=-1)
    assert merchant.asked(client, QUERY)["trade_state"] == "NOTPAY"
    clock.advance(seconds=1)
    assert merchant.asked(client, QUERY)["trade_state"] == "CLOSED"


def test_the_notices_of_a_trade_are_signed_with_the_key_of_its_order(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    merchant.asking_for("").ordered(client, NATIVE, order())
    (booked,) = books(app)
    assert booked.trade.extra["signer"] == f"{PLATFORM_SERIAL:X}"


REFUSED = [
    (order(mchid="1900000002"), "INVALID_REQUEST", "mchid"),
    (order(mchid=None), "PARAM_ERROR", "mchid"),
    (order(appid="wx0000000000000002"), "APPID_MCHID_NOT_MATCH", "appid"),
    (order(appid=None), "PARAM_ERROR", "appid"),
    (order(description=None), "PARAM_ERROR", "description"),
    (order(description="茶" * 128), "PARAM_ERROR", "description"),
    (order(description=1), "PARAM_ERROR", "description"),
    (order(out_trade_no="12345"), "PARAM_ERROR", "out_trade_no"),
    (order(out_trade_no="1" * 33), "PARAM_ERROR", "out_trade_no"),
    (order(out_trade_no="12345/"), "PARAM_ERROR", "out_trade_no"),
    (order(out_trade_no="12345６"), "PARAM_ERROR", "out_trade_no"),
    (order(notify_url=None), "PARAM_ERROR", "notify_url"),
    (order(notify_url="/notify/"), "PARAM_ERROR", "notify_url"),
    (order(notify_url="https://shop.test/?a=1"), "PARAM_ERROR", "notify_url"),
    (order(notify_url=f"https://shop.test/{'a' * 240}"), "PARAM_ERROR", "notify_url"),
    (order(attach="a" * 129), "PARAM_ERROR", "attach"),
    (order(amount=None), "PARAM_ERROR", "amount"),
    (order(amount=9990), "PARAM_ERROR", "amount"),
    (order(amount={}), "PARAM_ERROR", "amount.total"),
    (order(amount={"total": 0}), "PARAM_ERROR", "amount.total"),
    (order(amount={"total": 99.9}), "PARAM_ERROR", "amount.total"),
    (order(amount={"total": 9990.0}), "PARAM_ERROR", "amount.total"),
    (order(amount={"total": "9990"}), "PARAM_ERROR", "amount.total"),
    (order(amount={"total": True}), "PARAM_ERROR", "amount.total"),
    (order(amount={"total": 10**10 + 1}), "PARAM_ERROR", "amount.total"),
    (order(amount={"total": 9990, "currency": "USD"}), "PARAM_ERROR", "amount.currency"),
    (order(time_expire="2026-03-04 12:30:00"), "PARAM_ERROR", "time_expire"),
    (order(time_expire="2026-03-04T04:30:00Z"), "PARAM_ERROR", "time_expire"),
    (order(time_expire="2026-03-04T12:30:00"), "PARAM_ERROR", "time_expire"),
    (order(time_expire="2026-02-30T12:30:00+08:00"), "PARAM_ERROR", "time_expire"),
    (order(time_expire="2026-03-04T12:00:59+08:00"), "PARAM_ERROR", "time_expire"),
    (order(time_expire="2026-03-11T12:00:01+08:00"), "PARAM_ERROR", "time_expire"),
]


@pytest.mark.parametrize(("wish", "code", "field"), REFUSED)
def test_a_field_that_breaks_a_rule_is_named(
    app: Flask, client: FlaskClient, merchant: Merchant, wish: dict[str, Any], code: str, field: str
) -> None:
    told = refused(merchant.post(client, NATIVE, wish))
    assert told[:2] == (400, code)
    assert field in told[2]
    assert books(app) == []


@pytest.mark.parametrize(
    ("address", "wish", "field"),
    [
        (JSAPI, order(), "payer"),
        (JSAPI, order(payer={}), "payer.openid"),
        (H5, order(), "scene_info"),
        (H5, order(scene_info={"h5_info": {"type": "Wap"}}), "payer_client_ip"),
        (H5, order(scene_info={"payer_client_ip": "::1"}), "h5_info"),
        (
            H5,
            order(scene_info={"payer_client_ip": "::1", "h5_info": {"type": "PC"}}),
            "h5_info.type",
        ),
    ],
)
def test_a_product_asks_for_its_own_fields(
    app: Flask, client: FlaskClient, merchant: Merchant, address: str, wish: Any, field: str
) -> None:
    told = refused(merchant.post(client, address, wish))
    assert told[:2] == (400, "PARAM_ERROR")
    assert field in told[2]
    assert books(app) == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b'{"a":NaN}', b'{"a":"\\ud800"}', b"\xff", b"[" * 100_000]
)
def test_a_body_that_is_no_object_is_refused(
    app: Flask, client: FlaskClient, merchant: Merchant, body: bytes
) -> None:
    response = client.post(NATIVE, data=body, headers=merchant.headers("POST", NATIVE, body))
    assert refused(response)[:2] == (400, "PARAM_ERROR")
    assert books(app) == []


def test_the_shortest_and_the_longest_of_everything_is_taken(
    client: FlaskClient, merchant: Merchant
) -> None:
    wish = order(
        out_trade_no="aZ_-|*",
        description="茶" * 127,
        attach="a" * 128,
        amount={"total": 1},
        time_expire=(START + timedelta(minutes=1)).isoformat(),
    )
    assert merchant.ordered(client, NATIVE, wish)
    wish = order(out_trade_no="1" * 32, time_expire=(START + timedelta(days=7)).isoformat())
    body = json.dumps(wish, indent=1).encode() + b"\n"
    response = client.post(NATIVE, data=body, headers=merchant.headers("POST", NATIVE, body))
    assert merchant.told(response)
