"""Every switch, by what a merchant sees of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.ledger import Ledger
from sandbox.ledger.records import Notice
from tests.sandbox.merchant import NUMBER, Clock, Merchant, call, pay, url_of
from tests.sandbox.receiver import WAIT_SECONDS, Answer, Receiver

QUERY = "alipay.trade.query"
REFUND = "alipay.trade.refund"
REFUND_QUERY = "alipay.trade.fastpay.refund.query"
PART = {"out_trade_no": NUMBER, "refund_amount": "30.00", "out_request_no": "R1"}


def switch_on(client: FlaskClient, name: str, **values: Any) -> int:
    answer = client.post("/faults", json={"name": name, **values})
    assert answer.status_code == 201
    return int(answer.get_json()["id"])


def refunded(client: FlaskClient) -> int:
    (trade,) = client.get("/ledger.json").get_json()["trades"]
    return int(trade["refunded_fen"])


def post(client: FlaskClient, merchant: Merchant, method: str, **biz: Any) -> TestResponse:
    return client.post("/gateway.do", data=merchant.request(method, biz))


# --- Calls --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "status", "done"),
    [
        ("answer_500", 500, 0),
        ("answer_500_after", 500, 3000),
        ("timeout", 504, 0),
        ("timeout_after", 504, 3000),
    ],
)
def test_a_call_that_gets_no_answer(
    client: FlaskClient, merchant: Merchant, name: str, status: int, done: int
) -> None:
    pay(client, merchant)
    switch_on(client, name, action="refund", times=1, value=0)
    assert post(client, merchant, REFUND, **PART).status_code == status
    assert refunded(client) == done
    again = call(client, merchant, REFUND, **PART)
    assert again["fund_change"] == ("N" if done else "Y")
    assert refunded(client) == 3000


@pytest.mark.parametrize(("name", "done"), [("system_error", 0), ("system_error_after", 3000)])
def test_a_call_whose_answer_tells_nothing(
    client: FlaskClient, merchant: Merchant, name: str, done: int
) -> None:
    pay(client, merchant)
    switch_on(client, name, times=1)
    answer = call(client, merchant, REFUND, **PART)
    assert (answer["code"], answer["sub_code"]) == ("40004", "ACQ.SYSTEM_ERROR")
    assert refunded(client) == done


def test_every_family_of_methods_has_its_own_word(client: FlaskClient, merchant: Merchant) -> None:
    switch_on(client, "system_error", action="bill")
    bill = "alipay.data.dataservice.bill.downloadurl.query"
    answer = call(client, merchant, bill, bill_type="trade", bill_date="2026-03-03")
    assert answer["sub_code"] == "UNKNOWN_ERROR"


def test_a_code_that_was_made_though_nobody_heard_of_it(
    client: FlaskClient, merchant: Merchant
) -> None:
    """The merchant cannot learn the text any more: one order gets one code."""
    switch_on(client, "timeout_after", action="order", times=1, value=0)
    params = merchant.order("qr")
    assert client.post("/gateway.do", data=params).status_code == 504
    answer = client.post("/gateway.do", data=params).get_json()["alipay_trade_precreate_response"]
    assert answer["sub_code"] == "ACQ.APPLY_PC_MERCHANT_CODE_ERROR"


def test_a_buyers_page_is_spared(client: FlaskClient, merchant: Merchant) -> None:
    for name in ("answer_500", "timeout", "system_error"):
        switch_on(client, name)
    pay(client, merchant)


def test_an_answer_with_a_wrong_signature(client: FlaskClient, merchant: Merchant) -> None:
    pay(client, merchant)
    switch_on(client, "wrong_signature", times=1)
    body = post(client, merchant, QUERY, out_trade_no=NUMBER)
    prefix, (node, sign) = '{"alipay_trade_query_response":', body.text.split(',"sign":"')
    assert body.get_json()["alipay_trade_query_response"]["trade_status"] == "TRADE_SUCCESS"
    assert not merchant.believes(node.removeprefix(prefix).encode(), sign.removesuffix('"}'))
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["code"] == "10000"


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set as soon as a call is being held up."""
    began = threading.Event()

    class Telling(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            began.set()
            return super().wait(timeout)

    stand_in = SimpleNamespace(Event=Telling, TIMEOUT_MAX=threading.TIMEOUT_MAX)
    monkeypatch.setattr("sandbox.faults.threading", stand_in)
    return began


@pytest.fixture
def refunding(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> Iterator[Callable[[], threading.Thread]]:
    """Asks for a refund in the background."""
    threads: list[threading.Thread] = []

    def start() -> threading.Thread:
        data = merchant.request(REFUND, PART)
        ask = threading.Thread(
            target=app.test_client().post, args=("/gateway.do",), kwargs={"data": data}
        )
        ask.start()
        threads.append(ask)
        return ask

    yield start
    app.extensions["sandbox"].faults.close()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("end", ["clear one", "clear all", "close"])
def test_a_held_up_call_ends_with_its_switch_or_the_sandbox(
    app: Flask,
    client: FlaskClient,
    merchant: Merchant,
    held_up: threading.Event,
    refunding: Callable[[], threading.Thread],
    end: str,
) -> None:
    pay(client, merchant)
    other = switch_on(client, "timeout_after", value=3600, out_trade_no="other")
    fault = switch_on(client, "timeout_after", value=3600, times=1)
    thread = refunding()
    assert held_up.wait(WAIT_SECONDS)
    assert refunded(client) == 3000
    client.delete(f"/faults/{other}")
    assert thread.is_alive()
    if end == "clear one":
        client.delete(f"/faults/{fault}")
    elif end == "clear all":
        client.delete("/faults")
    else:
        app.extensions["sandbox"].faults.close()
    thread.join(WAIT_SECONDS)
    assert not thread.is_alive()


# --- Whom a switch covers -----------------------------------------------------------------------
@pytest.mark.parametrize(
    "scope",
    [
        {"out_trade_no": "other"},
        {"provider": "wechatpay"},
        {"action": "refund"},
        {"action": "close", "out_trade_no": NUMBER},
    ],
)
def test_a_switch_for_others_leaves_a_call_alone(
    client: FlaskClient, merchant: Merchant, scope: dict[str, str]
) -> None:
    pay(client, merchant)
    switch_on(client, "answer_500", **scope)
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["code"] == "10000"


@pytest.mark.parametrize(
    "scope",
    [{}, {"provider": "alipay"}, {"out_trade_no": NUMBER}, {"action": "query"}],
)
def test_a_switch_is_on_until_it_is_cleared(
    client: FlaskClient, merchant: Merchant, scope: dict[str, str]
) -> None:
    pay(client, merchant)
    trade_no = call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_no"]
    switch_on(client, "answer_500", **scope)
    for _ in range(3):
        assert post(client, merchant, QUERY, trade_no=trade_no).status_code == 500
    client.delete("/faults")
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["code"] == "10000"


def test_the_narrower_switch_is_used_up_first(client: FlaskClient, merchant: Merchant) -> None:
    pay(client, merchant)
    switch_on(client, "answer_500", times=5)
    switch_on(client, "answer_500", out_trade_no=NUMBER, times=1)
    post(client, merchant, QUERY, out_trade_no=NUMBER)
    assert [fault["times"] for fault in client.get("/faults").get_json()] == [5, 0]
    post(client, merchant, QUERY, out_trade_no=NUMBER)
    assert [fault["times"] for fault in client.get("/faults").get_json()] == [4, 0]


def test_a_forged_call_uses_no_switch_up(client: FlaskClient, merchant: Merchant) -> None:
    switch_on(client, "answer_500", times=1)
    params = {**merchant.request(QUERY, {"out_trade_no": "1"}), "sign": "AAAA"}
    assert client.post("/gateway.do", data=params).status_code == 200
    assert client.get("/faults").get_json()[0]["times"] == 1


# --- What providers do --------------------------------------------------------------------------
def test_braces_in_answers_and_notices(client: FlaskClient, merchant: Merchant) -> None:
    switch_on(client, "braces_in_subject")
    with Receiver() as shop:
        pay(client, merchant, notify_url=shop.url)
        notice = shop.take()
    assert merchant.believes_form(notice)
    assert notice["subject"] == '{"a}'
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["subject"] == '{"a}'


def test_a_refund_stays_in_progress_until_the_switch_is_cleared(
    client: FlaskClient, merchant: Merchant
) -> None:
    fault = switch_on(client, "refund_processing", out_trade_no=NUMBER, times=1)
    with Receiver() as shop:
        pay(client, merchant, notify_url=shop.url)
        shop.take()
        for _ in range(2):
            answer = call(client, merchant, REFUND, **PART)
            said = (answer["code"], answer["fund_change"], answer["refund_fee"])
            assert said == ("10000", "N", "0.00")
        asked = {"out_trade_no": NUMBER, "out_request_no": "R1"}
        assert "refund_status" not in call(client, merchant, REFUND_QUERY, **asked)
        assert refunded(client) == 0
        over = {**PART, "refund_amount": "69.91", "out_request_no": "R2"}
        refusal = call(client, merchant, REFUND, **over)["sub_code"]
        assert refusal == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"  # what is under way is held back
        assert shop.is_empty()
        client.delete(f"/faults/{fault}")
        assert shop.take()["refund_fee"] == "30.00"
    assert call(client, merchant, REFUND_QUERY, **asked)["refund_status"] == "REFUND_SUCCESS"
    assert call(client, merchant, REFUND, **PART)["fund_change"] == "N"
    assert refunded(client) == 3000


def test_a_refund_in_progress_can_be_finished_by_hand(
    client: FlaskClient, merchant: Merchant
) -> None:
    switch_on(client, "refund_processing")
    pay(client, merchant)
    call(client, merchant, REFUND, **PART)
    (trade,) = client.get("/ledger.json").get_json()["trades"]
    assert (trade["refunded_fen"], trade["held_fen"]) == (0, 3000)
    url = f"/refunds/{trade['refunds'][0]['refund_no']}"
    assert client.post(url, json={"status": "PROCESSING"}).status_code == 400
    assert client.post("/refunds/1", json={"status": "SUCCESS"}).status_code == 404
    assert client.post(url, json={"status": "CLOSED"}).status_code == 204
    assert client.post(url, json={"status": "SUCCESS"}).status_code == 409
    (trade,) = client.get("/ledger.json").get_json()["trades"]
    assert (trade["refunded_fen"], trade["held_fen"]) == (0, 0)


@pytest.mark.parametrize(
    ("name", "sub_code"),
    [
        ("no_balance", "ACQ.SELLER_BALANCE_NOT_ENOUGH"),
        ("trade_finished", "ACQ.TRADE_HAS_FINISHED"),
    ],
)
def test_a_refund_is_refused_but_what_was_refunded_stays_so(
    client: FlaskClient, merchant: Merchant, name: str, sub_code: str
) -> None:
    pay(client, merchant)
    call(client, merchant, REFUND, **PART)
    switch_on(client, name, out_trade_no=NUMBER)
    assert call(client, merchant, REFUND, **PART)["fund_change"] == "N"
    second = {**PART, "out_request_no": "R2"}
    assert call(client, merchant, REFUND, **second)["sub_code"] == sub_code
    assert refunded(client) == 3000
    client.delete("/faults")
    assert call(client, merchant, REFUND, **second)["fund_change"] == "Y"


def test_a_finished_trade_says_so(client: FlaskClient, merchant: Merchant) -> None:
    switch_on(client, "trade_finished", out_trade_no=NUMBER)
    client.get(url_of(merchant.page_pay()))
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "WAIT_BUYER_PAY"
    pay(client, merchant)
    assert call(client, merchant, QUERY, out_trade_no=NUMBER)["trade_status"] == "TRADE_FINISHED"


# --- Notices ------------------------------------------------------------------------------------
@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Released with every try that the ledger has written down."""
    tries = threading.Semaphore(0)
    record_try = Ledger.record_try

    def record_and_tell(self: Ledger, *args: Any, **kwargs: Any) -> bool:
        result = record_try(self, *args, **kwargs)
        tries.release()
        return result

    monkeypatch.setattr(Ledger, "record_try", record_and_tell)
    return tries


def notices(client: FlaskClient) -> list[tuple[str, int, str]]:
    (trade,) = client.get("/ledger.json").get_json()["trades"]
    return [(item["state"], item["tries"], item["last_answer"]) for item in trade["notices"]]


def test_a_dropped_notice_comes_with_the_next_try(
    start: Any, merchant: Merchant, clock: Clock, recorded: threading.Semaphore
) -> None:
    app = start(retry_scale=1.0)
    client = app.test_client()
    switch_on(client, "drop_notice", times=1)
    with Receiver() as shop:
        pay(client, merchant, notify_url=shop.url)
        assert recorded.acquire(timeout=WAIT_SECONDS)
        assert notices(client) == [("WAITING", 1, "dropped")]
        assert shop.is_empty()
        clock.advance(minutes=4)
        app.extensions["sandbox"].notifier.wake()
        assert shop.take()["trade_status"] == "TRADE_SUCCESS"
        assert recorded.acquire(timeout=WAIT_SECONDS)
    assert notices(client) == [("DELIVERED", 2, "200 success")]


def test_a_notice_is_sent_again_though_it_was_accepted(
    client: FlaskClient, merchant: Merchant, recorded: threading.Semaphore
) -> None:
    switch_on(client, "duplicate_notice", value=3)
    with Receiver() as shop:
        pay(client, merchant, notify_url=shop.url)
        received = [shop.take() for _ in range(3)]
        assert recorded.acquire(timeout=WAIT_SECONDS)
        assert shop.is_empty()
    assert received[0] == received[1] == received[2]
    assert notices(client) == [("DELIVERED", 1, "200 success")]


def test_a_notice_is_late(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    provider = app.extensions["sandbox"]
    switch_on(client, "delay_notice", value=3600)
    with Receiver() as shop:
        pay(client, merchant, notify_url=shop.url)
        clock.advance(minutes=59, seconds=59)
        assert provider.ledger.due_notices() == []
        clock.advance(seconds=1)
        provider.notifier.wake()
        assert shop.take()["notify_time"] == "2026-03-04 13:00:00"


def test_notices_come_in_the_wrong_order(
    client: FlaskClient, merchant: Merchant, recorded: threading.Semaphore
) -> None:
    switch_on(client, "reorder_notices", out_trade_no=NUMBER)
    with Receiver() as shop:
        pay(client, merchant, out_trade_no="other", notify_url=shop.url)
        assert shop.take()["out_trade_no"] == "other"
        pay(client, merchant, notify_url=shop.url)
        call(client, merchant, REFUND, **PART)
        assert shop.take()["out_biz_no"] == "R1"
        assert "out_biz_no" not in shop.take()


def test_a_notice_that_waits_for_another_goes_when_the_switch_is_cleared(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    switch_on(client, "reorder_notices")
    with Receiver() as shop:
        pay(client, merchant, notify_url=shop.url)
        assert len(app.extensions["sandbox"].ledger.due_notices()) == 1
        assert shop.is_empty()
        client.delete("/faults")
        assert shop.take()["out_trade_no"] == NUMBER


def test_while_a_notice_waits_for_another_the_thread_sleeps(
    app: Flask, client: FlaskClient, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[None] = []
    due_notices = Ledger.due_notices

    def look(self: Ledger) -> list[Notice]:
        looks.append(None)
        return due_notices(self)

    monkeypatch.setattr(Ledger, "due_notices", look)
    switch_on(client, "reorder_notices", out_trade_no=NUMBER)
    with Receiver() as shop:
        pay(client, merchant, notify_url=shop.url)
        for number in range(5):
            pay(client, merchant, out_trade_no=f"N{number}", notify_url=shop.url)
            assert shop.take()["out_trade_no"] == f"N{number}"
        assert shop.is_empty()
    assert len(looks) <= 15  # woken by six payments, and once more if woken while sending


def test_a_forged_notice_comes_before_the_right_one(
    client: FlaskClient, merchant: Merchant, recorded: threading.Semaphore
) -> None:
    switch_on(client, "forge_notice")
    with Receiver(Answer(b"fail"), Answer()) as shop:
        pay(client, merchant, notify_url=shop.url)
        forged, right = shop.take(), shop.take()
        assert recorded.acquire(timeout=WAIT_SECONDS)
    assert not merchant.believes_form(forged)
    assert merchant.believes_form(right)
    assert (forged.pop("total_amount"), right.pop("total_amount")) == ("0.01", "99.90")
    assert forged == right
    assert notices(client) == [("DELIVERED", 1, "200 success")]
