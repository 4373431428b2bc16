"""What WeChat Pay tells a merchant on its own, over real sockets."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidTag

from sandbox.ledger.records import Notice, NoticeState
from sandbox.wechatpay.channel import WechatPayChannel
from tests.sandbox.receiver import WAIT_SECONDS, Answer, Receiver
from tests.sandbox.wechatpay.merchant import (
    MCHID,
    NUMBER,
    PLATFORM_SERIAL,
    PUBLIC_KEY_ID,
    Merchant,
    order,
    switch_on,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from tests.sandbox.merchant import Clock
    from tests.sandbox.receiver import Received

QUERY = f"/v3/pay/transactions/out-trade-no/{NUMBER}?mchid={MCHID}"
REFUNDS = "/v3/refund/domestic/refunds"
FAIL = Answer(b'{"code":"FAIL","message":""}', status=500)


def pay(client: FlaskClient, merchant: Merchant, notify_url: str) -> None:
    told = merchant.ordered(
        client, "/v3/pay/transactions/native", order(notify_url=notify_url, attach="a=1")
    )
    cashier = client.post("/scan", data={"code": told["code_url"]}).location
    assert "支付成功" in client.post(cashier, data={"action": "pay"}).text


def give_back(client: FlaskClient, merchant: Merchant, notify_url: str) -> None:
    wish = {
        "out_trade_no": NUMBER,
        "out_refund_no": "R1",
        "notify_url": notify_url,
        "amount": {"refund": 1000, "total": 9990, "currency": "CNY"},
    }
    assert merchant.ordered(client, REFUNDS, wish)["status"] == "PROCESSING"


def notices_of(app: Flask) -> list[Notice]:
    (entry,) = app.extensions["sandbox"].ledger.recent(10)
    notices: list[Notice] = entry.notices
    return notices


def read(received: Received, merchant: Merchant) -> tuple[dict[str, Any], dict[str, Any]]:
    """The event around and the resource inside of a notice that is the provider's."""
    assert merchant.believes(received.headers, received.body)
    event = json.loads(received.body)
    return event, json.loads(merchant.opened(event["resource"]))


def test_a_payment_is_told(
    app: Flask,
    client: FlaskClient,
    merchant: Merchant,
    clock: Clock,
    recorded: threading.Event,
) -> None:
    clock.advance(minutes=3)
    with Receiver() as shop:
        pay(client, merchant, shop.url)
        received = shop.take_whole()
        assert recorded.wait(WAIT_SECONDS)
    assert (received.path, received.content_type) == ("/notify/", "application/json")
    assert received.headers["Wechatpay-Serial"] == PUBLIC_KEY_ID
    assert received.headers["Wechatpay-Timestamp"] == "1772596980"
    event, resource = read(received, merchant)
    sealed = event.pop("resource")
    assert {name: sealed[name] for name in ("associated_data", "original_type")} == {
        "associated_data": "transaction",
        "original_type": "transaction",
    }
    assert len(sealed["nonce"]) == 12
    (notice,) = notices_of(app)
    assert event == {
        "id": notice.event_id,
        "create_time": "2026-03-04T12:03:00+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
    }
    assert event["id"].startswith("EV-")
    assert resource == merchant.asked(client, QUERY)
    assert (resource["trade_state"], resource["amount"]["total"]) == ("SUCCESS", 9990)
    assert (notice.state, notice.tries) == (NoticeState.DELIVERED, 1)


def test_a_merchant_in_certificate_mode_is_told_in_it(
    client: FlaskClient, merchant: Merchant
) -> None:
    with Receiver() as shop:
        pay(client, merchant.asking_for(""), shop.url)
        received = shop.take_whole()
    assert received.headers["Wechatpay-Serial"] == f"{PLATFORM_SERIAL:X}"
    assert read(received, merchant)[1]["out_trade_no"] == NUMBER


def test_a_merchant_who_changes_to_the_public_key_gets_both_kinds(
    client: FlaskClient, merchant: Merchant
) -> None:
    switch_on(client, "certificate_notice", times=1)
    with Receiver(FAIL) as shop:
        pay(client, merchant, shop.url)
        received = shop.take_whole()
    assert received.headers["Wechatpay-Serial"] == f"{PLATFORM_SERIAL:X}"
    assert read(received, merchant)[1]["out_trade_no"] == NUMBER


def test_a_tampered_resource_does_not_open(client: FlaskClient, merchant: Merchant) -> None:
    with Receiver() as shop:
        pay(client, merchant, shop.url)
        event, _ = read(shop.take_whole(), merchant)
    with pytest.raises(InvalidTag):
        merchant.opened({**event["resource"], "associated_data": "refund"})


def test_it_is_repeated_until_200_or_204(
    start: Callable[..., Flask], merchant: Merchant, recorded: threading.Event
) -> None:
    answers = [
        FAIL,
        Answer(b'{"code":"SUCCESS"}', status=400),
        Answer(b'{"code":"SUCCESS"}', status=202),
        Answer(b"", status=302, location="/elsewhere/"),
        Answer(b"", status=204),
    ]
    app = start(retry_scale=0.0)
    with Receiver(*answers) as shop:
        pay(app.test_client(), merchant, shop.url)
        received = [shop.take_whole() for _ in answers]
        assert recorded.wait(WAIT_SECONDS)
        assert shop.is_empty()
    told = [read(one, merchant) for one in received]
    assert all(event["id"] == told[0][0]["id"] for event, _ in told)
    assert all(resource == told[0][1] for _, resource in told)
    assert len({one.headers["Wechatpay-Nonce"] for one in received}) == 5
    assert len({event["resource"]["nonce"] for event, _ in told}) == 5
    (notice,) = notices_of(app)
    assert (notice.state, notice.tries) == (NoticeState.DELIVERED, 5)


def test_after_fifteen_repeats_it_is_given_up(
    start: Callable[..., Flask], merchant: Merchant, recorded: threading.Event
) -> None:
    pauses = WechatPayChannel.retry_seconds
    assert (len(pauses), pauses[:4], sum(pauses)) == (15, (15, 15, 30, 180), 86_640)
    app = start(retry_scale=0.0)
    with Receiver(*[FAIL] * 17) as shop:
        pay(app.test_client(), merchant, shop.url)
        for _ in range(16):
            shop.take_whole()
        assert recorded.wait(WAIT_SECONDS)
        assert shop.is_empty()
    (notice,) = notices_of(app)
    assert (notice.state, notice.tries) == (NoticeState.GIVEN_UP, 16)


@pytest.mark.parametrize(
    ("status", "summary"),
    [("SUCCESS", "退款成功"), ("CLOSED", "退款关闭"), ("ABNORMAL", "退款异常")],
)
def test_a_refund_is_told_when_it_ends(
    client: FlaskClient, merchant: Merchant, clock: Clock, status: str, summary: str
) -> None:
    with Receiver() as shop:
        pay(client, merchant, shop.url)
        shop.take_whole()
        clock.advance(minutes=5)
        if status != "SUCCESS":
            switch_on(client, f"refund_{status.lower()}")
        give_back(client, merchant, f"{shop.url}refund/")
        received = shop.take_whole()
    assert received.path == "/notify/refund/"
    event, resource = read(received, merchant)
    assert (event["event_type"], event["summary"]) == (f"REFUND.{status}", summary)
    assert event["resource"]["original_type"] == event["resource"]["associated_data"] == "refund"
    answer = merchant.asked(client, f"{REFUNDS}/R1")
    told = {
        "mchid": MCHID,
        "out_trade_no": NUMBER,
        "transaction_id": answer["transaction_id"],
        "out_refund_no": "R1",
        "refund_id": answer["refund_id"],
        "refund_status": status,
        "user_received_account": "支付用户零钱",
        "amount": {"total": 9990, "refund": 1000, "payer_total": 9990, "payer_refund": 1000},
    }
    if status == "SUCCESS":
        told["success_time"] = "2026-03-04T12:05:00+08:00"
    assert resource == told


def test_a_refund_without_an_address_of_its_own_is_not_told(
    app: Flask, client: FlaskClient, merchant: Merchant, recorded: threading.Event
) -> None:
    with Receiver() as shop:
        pay(client, merchant, shop.url)
        shop.take_whole()
        assert recorded.wait(WAIT_SECONDS)
        give_back(client, merchant, "")
    assert [notice.is_refund for notice in notices_of(app)] == [False]


def test_a_forged_notice_comes_first(
    client: FlaskClient, merchant: Merchant, recorded: threading.Event
) -> None:
    switch_on(client, "forge_notice", times=1)
    with Receiver(Answer(status=401)) as shop:
        pay(client, merchant, shop.url)
        forged, genuine = shop.take_whole(), shop.take_whole()
        assert recorded.wait(WAIT_SECONDS)
    assert not merchant.believes(forged.headers, forged.body)
    resource = json.loads(merchant.opened(json.loads(forged.body)["resource"]))
    assert (resource["out_trade_no"], resource["amount"]["total"]) == (NUMBER, 9991)
    assert read(genuine, merchant)[1]["amount"]["total"] == 9990


def test_a_probe_must_be_refused_and_the_notice_comes_after_it(
    start: Callable[..., Flask], merchant: Merchant, recorded: threading.Event
) -> None:
    app = start(retry_scale=0.0)
    switch_on(app.test_client(), "signtest_notice", times=1)
    with Receiver(Answer(status=401)) as shop:
        pay(app.test_client(), merchant, shop.url)
        probe, genuine = shop.take_whole(), shop.take_whole()
        assert recorded.wait(WAIT_SECONDS)
    assert probe.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
    assert not merchant.believes(probe.headers, probe.body)
    assert read(genuine, merchant)[0]["id"] == json.loads(probe.body)["id"]
    assert [notice.state for notice in notices_of(app)] == [NoticeState.DELIVERED]


def test_a_notice_comes_twice(
    client: FlaskClient, merchant: Merchant, recorded: threading.Event
) -> None:
    switch_on(client, "duplicate_notice")
    with Receiver() as shop:
        pay(client, merchant, shop.url)
        told = [read(shop.take_whole(), merchant) for _ in range(2)]
        assert recorded.wait(WAIT_SECONDS)
    assert told[0][0]["id"] == told[1][0]["id"]
    assert told[0][1] == told[1][1]
