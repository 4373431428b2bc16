"""A merchant's client by somebody else, over a real socket: it refuses whatever is not signed as it knows it."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from wechatpayv3 import WeChatPay, WeChatPayType
from werkzeug.serving import make_server

from sandbox import clock as real_clock
from tests.sandbox.receiver import Receiver
from tests.sandbox.wechatpay.conftest import pem_of
from tests.sandbox.wechatpay.merchant import (
    APIV3_KEY,
    APPID,
    MCHID,
    MERCHANT_SERIAL,
    NOWHERE,
    NUMBER,
    PUBLIC_KEY_ID,
    switch_on,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cryptography.hazmat.primitives.asymmetric import rsa
    from flask import Flask


@pytest.fixture
def app(start: Callable[..., Flask]) -> Flask:
    """By the real clock: the referee signs by it."""
    return start(now=real_clock.now)


@pytest.fixture(scope="module")
def idle_referee(merchant_key: rsa.RSAPrivateKey, provider_key: rsa.RSAPrivateKey) -> WeChatPay:
    """In public-key mode it asks nobody for anything while it is made."""
    public = provider_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=MCHID,
        private_key=pem_of(merchant_key).decode(),
        cert_serial_no=f"{MERCHANT_SERIAL:X}",
        appid=APPID,
        apiv3_key=APIV3_KEY,
        notify_url=NOWHERE,
        timeout=(5, 5),
        public_key=public.decode(),
        public_key_id=PUBLIC_KEY_ID,
    )


@pytest.fixture
def referee(app: Flask, idle_referee: WeChatPay) -> Iterator[WeChatPay]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.005,))
    thread.start()
    # It has no setting for another address.
    idle_referee._core._gate_way = f"http://127.0.0.1:{server.port}"
    yield idle_referee
    server.shutdown()
    thread.join()
    server.server_close()


def told(answer: tuple[int, str]) -> Any:
    """It has checked the signature of an answer that it hands on with 200."""
    status, text = answer
    assert status == 200, text
    return json.loads(text)


def pay(app: Flask, referee: WeChatPay, **fields: Any) -> str:
    """Order by QR code and pay; returns the provider's number."""
    answer = referee.pay("手机 一台", NUMBER, {"total": 9990}, **fields)
    client = app.test_client()
    cashier = client.post("/scan", data={"code": told(answer)["code_url"]}).location
    client.post(cashier, data={"action": "pay"})
    return str(told(referee.query(out_trade_no=NUMBER))["transaction_id"])


@pytest.mark.parametrize(
    ("kind", "fields", "name"),
    [
        (WeChatPayType.NATIVE, {}, "code_url"),
        (WeChatPayType.JSAPI, {"payer": {"openid": "oBuyer"}}, "prepay_id"),
        (WeChatPayType.APP, {}, "prepay_id"),
        (
            WeChatPayType.H5,
            {"scene_info": {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}},
            "h5_url",
        ),
    ],
)
def test_it_orders_every_product_and_closes(
    referee: WeChatPay, kind: WeChatPayType, fields: dict[str, Any], name: str
) -> None:
    answer = referee.pay("手机", NUMBER, {"total": 9990}, pay_type=kind, **fields)
    assert list(told(answer)) == [name]
    assert referee.close(NUMBER)[0] == 204
    assert told(referee.query(out_trade_no=NUMBER))["trade_state"] == "CLOSED"


def test_it_pays_and_refunds(app: Flask, referee: WeChatPay) -> None:
    number = pay(app, referee)
    assert told(referee.query(transaction_id=number))["trade_state"] == "SUCCESS"
    amount = {"refund": 1000, "total": 9990, "currency": "CNY"}
    assert told(referee.refund("R1", amount, transaction_id=number))["status"] == "PROCESSING"
    assert told(referee.query_refund("R1"))["status"] == "SUCCESS"
    assert referee.close(NUMBER)[0] == 400


def test_it_opens_the_notices(app: Flask, referee: WeChatPay) -> None:
    with Receiver() as shop:
        pay(app, referee, notify_url=shop.url)
        received = shop.take_whole()
    event = referee.callback(received.headers, received.body.decode())
    assert event["event_type"] == "TRANSACTION.SUCCESS"
    assert event["resource"]["amount"]["total"] == 9990


def test_it_refuses_what_is_forged(app: Flask, referee: WeChatPay) -> None:
    switch_on(app.test_client(), "forge_notice")
    with Receiver() as shop:
        pay(app, referee, notify_url=shop.url)
        forged, genuine = shop.take_whole(), shop.take_whole()
    assert referee.callback(forged.headers, forged.body.decode()) is None
    assert referee.callback(genuine.headers, genuine.body.decode()) is not None


def test_it_fetches_a_bill(app: Flask, referee: WeChatPay) -> None:
    number = pay(app, referee)
    switch_on(app.test_client(), "bill_early")
    paid_at = told(referee.query(out_trade_no=NUMBER))["success_time"]
    bill = told(referee.trade_bill(paid_at[:10]))
    status, content = referee.download_bill(bill["download_url"])
    assert status == 200
    text = gzip.decompress(content)
    assert hashlib.sha1(text, usedforsecurity=False).hexdigest() == bill["hash_value"]
    assert number in text.decode()


def test_it_refuses_an_answer_that_is_signed_wrongly(app: Flask, referee: WeChatPay) -> None:
    pay(app, referee)
    switch_on(app.test_client(), "wrong_signature")
    with pytest.raises(Exception, match="failed to verify the signature"):
        referee.query(out_trade_no=NUMBER)
