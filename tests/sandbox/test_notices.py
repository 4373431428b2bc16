"""The asynchronous notice, over real sockets."""

from __future__ import annotations

import socket
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import clock as real_clock
from sandbox.alipay.channel import AlipayChannel
from sandbox.ledger import Ledger
from sandbox.ledger.records import Notice, NoticeState, Trade
from tests.sandbox.merchant import Clock, Merchant, url_of
from tests.sandbox.receiver import WAIT_SECONDS, Answer, Receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

# The whole schedule, a day and 24 minutes, in less than a tenth of a second.
FAST = 1e-6
RETRY_SECONDS = AlipayChannel.retry_seconds
MAX_TRIES = 1 + len(RETRY_SECONDS)


def pay(app: Flask, merchant: Merchant, notify_url: str, **biz: Any) -> None:
    client = app.test_client()
    cashier = client.get(url_of(merchant.page_pay(notify_url=notify_url, **biz))).location
    client.post(cashier, data={"action": "pay"})


def notice_of(app: Flask) -> Notice:
    (entry,) = app.extensions["sandbox"].ledger.recent(10)
    (notice,) = entry.notices
    return notice


def live(merchant: Merchant) -> Merchant:
    """Retries are timed by the real clock, so the request is signed by it, too."""
    return Merchant(merchant.private_key, merchant.provider_key, real_clock.now)  # type: ignore[arg-type]


def test_the_notice(
    app: Flask, merchant: Merchant, recorded: threading.Event, clock: Clock
) -> None:
    with Receiver() as shop:
        pay(app, merchant, shop.url, body="一台", passback_params="a%3D1")
        received = shop.take_whole()
        assert recorded.wait(WAIT_SECONDS)
    assert received.path == "/notify/"
    assert received.content_type == "application/x-www-form-urlencoded; charset=utf-8"
    fields = received.fields
    assert merchant.believes_form(fields)
    (entry,) = app.extensions["sandbox"].ledger.recent(10)
    trade, (notice,) = entry.trade, entry.notices
    del fields["sign"]
    assert len(fields.pop("notify_id")) >= 32
    assert fields == {
        "notify_time": "2026-03-04 12:00:00",
        "notify_type": "trade_status_sync",
        "app_id": "2021000000000001",
        "auth_app_id": "2021000000000001",
        "charset": "utf-8",
        "version": "1.0",
        "sign_type": "RSA2",
        "trade_no": trade.trade_no,
        "out_trade_no": "202603041200000000010001",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "99.90",
        "receipt_amount": "99.90",
        "invoice_amount": "99.90",
        "buyer_pay_amount": "99.90",
        "point_amount": "0.00",
        "subject": "手机 一台",
        "body": "一台",
        "passback_params": "a%3D1",
        "buyer_id": "2088000000000099",
        "buyer_logon_id": "138****0000",
        "seller_id": "2088000000000001",
        "gmt_create": "2026-03-04 12:00:00",
        "gmt_payment": "2026-03-04 12:00:00",
        "fund_bill_list": '[{"amount":"99.90","fundChannel":"ALIPAYACCOUNT"}]',
    }
    assert (notice.state, notice.tries, notice.last_answer) == ("DELIVERED", 1, "200 success")


def test_it_is_repeated_until_the_answer_is_exactly_success(
    start: Callable[..., Flask], merchant: Merchant, recorded: threading.Event
) -> None:
    answers = [
        Answer(b"fail"),
        Answer(b"success", status=500),
        Answer(b"success "),
        Answer(b"success" * 1000),
        Answer(b"SUCCESS"),
        Answer(b"", status=302, location="/elsewhere/"),
        Answer(b'"success"'),
    ]
    app = start(now=real_clock.now, retry_scale=FAST)
    with Receiver(*answers) as shop:
        pay(app, live(merchant), shop.url, time_expire=None)
        received = [shop.take_whole() for _ in range(8)]
        assert recorded.wait(WAIT_SECONDS)
        app.extensions["sandbox"].notifier.stop()
        assert shop.is_empty()
    assert {item.path for item in received} == {"/notify/"}  # no redirect is followed
    assert len({item.fields["notify_id"] for item in received}) == 1
    assert all(merchant.believes_form(item.fields) for item in received)
    notice = notice_of(app)
    assert (notice.state, notice.tries) == ("DELIVERED", 8)


def test_it_is_given_up_after_the_last_try(
    start: Callable[..., Flask], merchant: Merchant, recorded: threading.Event
) -> None:
    app = start(now=real_clock.now, retry_scale=FAST)
    with Receiver(*[Answer(b"fail")] * 20) as shop:
        pay(app, live(merchant), shop.url, time_expire=None)
        for _ in range(MAX_TRIES):
            shop.take()
        assert recorded.wait(WAIT_SECONDS)
        app.extensions["sandbox"].notifier.stop()
        assert shop.is_empty()
    notice = notice_of(app)
    assert (notice.state, notice.tries, notice.last_answer) == ("GIVEN_UP", 8, "200 fail")
    assert "已放弃" in app.test_client().get("/").text


def test_the_schedule_is_the_providers(
    start: Callable[..., Flask], merchant: Merchant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With time in the test's hands: every try is due exactly when the provider's would be."""
    recorded = threading.Semaphore(0)
    record_try = Ledger.record_try

    def record_and_tell(self: Ledger, *args: Any, **kwargs: Any) -> bool:
        result = record_try(self, *args, **kwargs)
        recorded.release()
        return result

    monkeypatch.setattr(Ledger, "record_try", record_and_tell)
    app = start(retry_scale=1.0)
    notifier = app.extensions["sandbox"].notifier
    with Receiver(*[Answer(b"fail")] * 8) as shop:
        pay(app, merchant, shop.url)
        for seconds in (240, 600, 600, 3600, 7200, 21600, 54000):
            shop.take()
            assert recorded.acquire(timeout=WAIT_SECONDS)
            assert notice_of(app).due_at == clock().timestamp() + seconds
            clock.advance(seconds=seconds)
            notifier.wake()
        shop.take()
        assert recorded.acquire(timeout=WAIT_SECONDS)
    assert notice_of(app).state == "GIVEN_UP"
    assert sum(RETRY_SECONDS) == 87840


def test_a_shop_that_is_down_is_tried_again(
    start: Callable[..., Flask], merchant: Merchant, recorded: threading.Event
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    app = start(now=real_clock.now, retry_scale=FAST)
    pay(app, live(merchant), f"http://127.0.0.1:{port}/notify/", time_expire=None)
    assert recorded.wait(WAIT_SECONDS)
    notice = notice_of(app)
    assert (notice.state, notice.tries) == ("GIVEN_UP", MAX_TRIES)
    assert "Connection refused" in notice.last_answer


def test_a_shop_that_does_not_answer_is_tried_again(
    start: Callable[..., Flask], merchant: Merchant, recorded: threading.Event
) -> None:
    release = threading.Event()
    app = start(now=real_clock.now, retry_scale=FAST, notify_timeout_seconds=0.1)
    with Receiver(Answer(held_by=release)) as shop:
        pay(app, live(merchant), shop.url, time_expire=None)
        first, second = shop.take(), shop.take()
        assert recorded.wait(WAIT_SECONDS)
        release.set()
    assert first["notify_id"] == second["notify_id"]
    assert notice_of(app).state == "DELIVERED"


@pytest.mark.parametrize("host", ["nowhere.invalid", f"{'a' * 64}.test"])
def test_an_address_that_leads_nowhere_is_recorded(
    start: Callable[..., Flask], merchant: Merchant, recorded: threading.Event, host: str
) -> None:
    app = start(now=real_clock.now, retry_scale=0.0)
    pay(app, live(merchant), f"http://{host}/notify/", time_expire=None)
    assert recorded.wait(WAIT_SECONDS)
    notice = notice_of(app)
    assert (notice.state, notice.tries) == ("GIVEN_UP", MAX_TRIES)
    assert notice.last_answer
    assert app.test_client().get("/healthz").text == "ok"


def test_a_restart_sends_what_was_still_owed(
    start: Callable[..., Flask], merchant: Merchant, clock: Clock, recorded: threading.Event
) -> None:
    app = start()
    app.extensions["sandbox"].notifier.stop()
    with Receiver() as shop:
        pay(app, merchant, shop.url)
        assert notice_of(app).tries == 0
        after = start()
        fields = shop.take()
        assert recorded.wait(WAIT_SECONDS)
    assert merchant.believes_form(fields)
    assert notice_of(after).state == "DELIVERED"


def test_a_restart_keeps_to_the_schedule(
    start: Callable[..., Flask], merchant: Merchant, clock: Clock, recorded: threading.Event
) -> None:
    with Receiver(Answer(b"fail")) as shop:
        app = start(retry_scale=1.0)
        pay(app, merchant, shop.url)
        first = shop.take()
        app.extensions["sandbox"].notifier.stop()
        assert notice_of(app).tries == 1
        after = start(retry_scale=1.0)
        clock.advance(seconds=239)
        after.extensions["sandbox"].notifier.wake()
        assert after.extensions["sandbox"].ledger.due_notices() == []
        clock.advance(seconds=1)
        after.extensions["sandbox"].notifier.wake()
        assert shop.take()["notify_id"] == first["notify_id"]
        assert recorded.wait(WAIT_SECONDS)
    assert (notice_of(after).state, notice_of(after).tries) == ("DELIVERED", 2)


def test_a_fault_of_the_ledger_does_not_end_the_deliveries(
    start: Callable[..., Flask],
    merchant: Merchant,
    recorded: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    due_notices = Ledger.due_notices
    faults = iter([sqlite3.OperationalError("database or disk is full")])

    def fail_once(self: Ledger) -> list[Notice]:
        if fault := next(faults, None):
            raise fault
        return due_notices(self)

    monkeypatch.setattr("sandbox.notices.PAUSE_AFTER_FAULT_SECONDS", 0.01)
    monkeypatch.setattr(Ledger, "due_notices", fail_once)
    with Receiver() as shop:
        pay(start(), merchant, shop.url)
        shop.take()
        assert recorded.wait(WAIT_SECONDS)


def test_a_payment_without_its_notice_does_not_happen(app: Flask, merchant: Merchant) -> None:
    ledger = app.extensions["sandbox"].ledger
    cashier = app.test_client().get(url_of(merchant.page_pay(notify_url="http://shop.test/")))
    token = cashier.location.split("/")[2]

    def fail(_: Trade) -> None:
        raise RuntimeError("killed between the two statements")

    with pytest.raises(RuntimeError):
        ledger.pay(token, fail)
    (entry,) = ledger.recent(10)
    assert (entry.trade.status, entry.trade.paid_at, entry.notices) == ("WAITING", None, [])


def test_with_nothing_to_send_the_thread_sleeps(
    start: Callable[..., Flask],
    merchant: Merchant,
    recorded: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[None] = []
    due_notices = Ledger.due_notices

    def look(self: Ledger) -> list[Notice]:
        looks.append(None)
        return due_notices(self)

    monkeypatch.setattr(Ledger, "due_notices", look)
    app = start()
    with Receiver() as shop:
        pay(app, merchant, shop.url)
        assert recorded.wait(WAIT_SECONDS)
    for _ in range(50):
        app.test_client().get("/")
    assert len(looks) <= 3  # at the start, when woken, and once more if woken while sending


def test_one_try_is_recorded_once(app: Flask, merchant: Merchant) -> None:
    provider = app.extensions["sandbox"]
    provider.notifier.stop()
    pay(app, merchant, "http://127.0.0.1:9/")
    notice = notice_of(app)
    assert provider.ledger.record_try(notice, answer="a", state=NoticeState.WAITING, due_at=1.0)
    assert not provider.ledger.record_try(notice, answer="b", state=NoticeState.GIVEN_UP)
    assert (notice_of(app).tries, notice_of(app).last_answer) == (1, "a")
