"""The books themselves, without a provider's protocol around them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.ledger import Ledger
from sandbox.ledger.records import (
    Announcement,
    MoreThanLeft,
    NotPaid,
    Order,
    Refund,
    RefundStatus,
    Trade,
    TradeStatus,
)
from tests.sandbox.merchant import START, Clock


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "books.sqlite3", clock)
    yield ledger
    ledger.close()


def opened(ledger: Ledger, number: str = "N1", **values: Any) -> Trade:
    order = {
        "provider": "alipay",
        "product": "page",
        "total_fen": 10_000,
        "subject": "手机",
        "expires_at": START + timedelta(days=10),
        **values,
    }
    return ledger.open(Order(out_trade_no=number, **order))


def paid(ledger: Ledger, number: str = "N1", **values: Any) -> Trade:
    trade = opened(ledger, number, **values)
    assert ledger.pay(trade.token, lambda _: None)
    return now_of(ledger, trade)


def now_of(ledger: Ledger, trade: Trade) -> Trade:
    current = ledger.by_token(trade.token)
    assert current is not None
    return current


def refund(
    ledger: Ledger,
    trade: Trade,
    number: str,
    fen: int,
    status: RefundStatus = RefundStatus.SUCCESS,
    describe: Any = lambda *_: None,
) -> tuple[Refund, bool]:
    return ledger.refund(
        trade.id,
        out_request_no=number,
        fen=fen,
        reason="",
        notify_url="",
        status=status,
        describe=describe,
    )


def test_two_providers_may_use_one_number(ledger: Ledger) -> None:
    first, second = opened(ledger), opened(ledger, provider="wechatpay")
    assert first.id != second.id
    assert opened(ledger, total_fen=5).id == first.id
    assert now_of(ledger, first).total_fen == 10_000


def test_an_offered_trade_begins_when_its_code_is_scanned(ledger: Ledger, clock: Clock) -> None:
    order = Order(
        provider="alipay",
        product="qr",
        out_trade_no="Q1",
        total_fen=1,
        subject="x",
        code="https://qr.test/1",
        expires_at=START + timedelta(minutes=30),
    )
    trade = ledger.open(order, TradeStatus.OFFERED)
    assert not ledger.pay(trade.token, lambda _: None)
    clock.advance(minutes=5)
    scanned = ledger.by_code("https://qr.test/1")
    assert scanned == trade
    assert ledger.begin(trade.id)
    assert not ledger.begin(trade.id)
    begun = now_of(ledger, trade)
    assert (begun.status, begun.created_at) == ("WAITING", START + timedelta(minutes=5))


def test_an_expired_offer_never_begins_nor_closes(ledger: Ledger, clock: Clock) -> None:
    order = Order(
        provider="alipay",
        product="qr",
        out_trade_no="Q1",
        total_fen=1,
        subject="x",
        expires_at=START + timedelta(minutes=30),
    )
    trade = ledger.open(order, TradeStatus.OFFERED)
    clock.advance(minutes=30)
    assert not ledger.begin(trade.id)
    assert now_of(ledger, trade).status == "OFFERED"


def test_refunds_of_parts_until_nothing_is_left(ledger: Ledger) -> None:
    trade = paid(ledger)
    first, moved = refund(ledger, trade, "R1", 4_000)
    assert (first.status, first.fen, moved) == ("SUCCESS", 4_000, True)
    with pytest.raises(MoreThanLeft):
        refund(ledger, trade, "R2", 6_001)
    assert ledger.by_out_request_no(trade.id, "R2") is None
    assert refund(ledger, trade, "R3", 6_000)[1]
    after = now_of(ledger, trade)
    assert (after.status, after.refunded_fen, after.left_fen) == ("PAID", 10_000, 0)
    with pytest.raises(MoreThanLeft):
        refund(ledger, trade, "R4", 1)


def test_a_repeat_moves_nothing(ledger: Ledger) -> None:
    trade = paid(ledger)
    first, _ = refund(ledger, trade, "R1", 4_000)
    assert refund(ledger, trade, "R1", 9_999) == (first, False)
    assert now_of(ledger, trade).refunded_fen == 4_000


def test_what_is_unpaid_cannot_be_refunded(ledger: Ledger) -> None:
    trade = opened(ledger)
    with pytest.raises(NotPaid):
        refund(ledger, trade, "R1", 1)
    assert ledger.close_trade(trade.id)
    with pytest.raises(NotPaid):
        refund(ledger, trade, "R1", 1)


@pytest.mark.parametrize(
    ("end", "refunded", "held"),
    [
        (RefundStatus.SUCCESS, 4_000, 0),
        (RefundStatus.CLOSED, 0, 0),
        (RefundStatus.ABNORMAL, 0, 4_000),
    ],
)
def test_a_refund_under_way_holds_its_money_until_it_ends(
    ledger: Ledger, clock: Clock, end: RefundStatus, refunded: int, held: int
) -> None:
    trade = paid(ledger)
    under_way, moved = refund(ledger, trade, "R1", 4_000, RefundStatus.PROCESSING)
    assert (moved, under_way.finished_at) == (True, None)
    assert now_of(ledger, trade).left_fen == 6_000
    assert [found.id for _, found in ledger.processing_refunds()] == [under_way.id]
    clock.advance(minutes=1)
    assert ledger.finish_refund(under_way.id, end, lambda *_: None)
    assert not ledger.finish_refund(under_way.id, end, lambda *_: None)
    after = now_of(ledger, trade)
    assert (after.refunded_fen, after.held_fen) == (refunded, held)
    found = ledger.by_refund_no(under_way.refund_no)
    assert found is not None
    assert (found[1].status, found[1].finished_at) == (end, START + timedelta(minutes=1))


def test_an_abnormal_refund_can_still_be_mended(ledger: Ledger) -> None:
    trade = paid(ledger)
    abnormal, _ = refund(ledger, trade, "R1", 4_000, RefundStatus.ABNORMAL)
    assert ledger.finish_refund(abnormal.id, RefundStatus.SUCCESS, lambda *_: None)
    after = now_of(ledger, trade)
    assert (after.refunded_fen, after.held_fen) == (4_000, 0)


def test_a_refund_without_its_notice_does_not_happen(ledger: Ledger) -> None:
    trade = paid(ledger)

    def fail(_: Trade, __: Refund) -> Announcement:
        raise RuntimeError("killed between the two statements")

    with pytest.raises(RuntimeError):
        refund(ledger, trade, "R1", 4_000, describe=fail)
    assert now_of(ledger, trade) == trade
    assert ledger.by_out_request_no(trade.id, "R1") is None


def test_the_notice_of_a_refund_is_worded_with_what_is_refunded_by_then(ledger: Ledger) -> None:
    trade = paid(ledger)
    refund(ledger, trade, "R1", 1_000)

    def describe(trade: Trade, refund: Refund) -> Announcement:
        content = {"refunded": trade.refunded_fen, "number": refund.out_request_no}
        return Announcement(event_id="E1", url="http://shop.test/", content=content)

    refund(ledger, trade, "R2", 2_000, describe=describe)
    (notice,) = ledger.due_notices()
    assert notice.content == {"refunded": 3_000, "number": "R2"}
    assert (notice.provider, notice.out_trade_no, notice.is_refund) == ("alipay", "N1", True)


def test_eight_refunds_at_once_never_return_more_than_was_paid(
    tmp_path: Path, ledger: Ledger, clock: Clock
) -> None:
    """Over two connections: the condition in the UPDATE holds where no lock of one process reaches."""
    trade = paid(ledger)
    other = Ledger(tmp_path / "books.sqlite3", clock)
    barrier = threading.Barrier(8)
    outcomes: list[bool] = []

    def ask(number: int) -> None:
        barrier.wait()
        try:
            outcomes.append(refund((ledger, other)[number % 2], trade, f"R{number}", 3_000)[1])
        except MoreThanLeft:
            outcomes.append(False)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sorted(outcomes) == [False] * 5 + [True] * 3
    assert now_of(ledger, trade).refunded_fen == 9_000


def test_a_payout_is_made_once(ledger: Ledger) -> None:
    def pay_out(fen: int) -> tuple[Any, bool]:
        return ledger.pay_out("alipay", out_biz_no="P1", fen=fen, payee="a", title="t")

    first, moved = pay_out(1_000)
    assert (moved, first.status) == (True, "SUCCESS")
    assert pay_out(2_000) == (first, False)
    assert ledger.payouts() == [first]


def test_the_movements_of_a_beijing_day(ledger: Ledger, clock: Clock) -> None:
    """A payment of 23:59:59 is that day's, a refund of midnight the next one's; other providers' are theirs."""
    paid(ledger, "W1", provider="wechatpay")
    clock.moment = START.replace(hour=23, minute=59, second=59)
    trade = paid(ledger, total_fen=2_250)
    paid(ledger, "N2", total_fen=83)
    clock.advance(seconds=1)
    refund(ledger, trade, "R1", 250)
    refund(ledger, trade, "R2", 1_000, RefundStatus.PROCESSING)

    def rows(day: date) -> list[tuple[str, int, int]]:
        found = ledger.movements("alipay", day)
        return [(row.trade.out_trade_no, row.fen, row.fee_fen) for row in found]

    assert rows(START.date()) == [("N1", 2_250, 14), ("N2", 83, 0)]  # 13.5 fen are 14, 0.498 none
    assert rows(date(2026, 3, 5)) == [("N1", -250, -2)]
    assert rows(date(2026, 3, 3)) == []
    assert [row.trade.out_trade_no for row in ledger.movements("wechatpay", START.date())] == ["W1"]


def test_books_of_another_version_are_begun_anew(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE trades (out_trade_no TEXT)")
        db.execute("CREATE TABLE notices (trade_id INTEGER REFERENCES trades (id))")
    ledger = Ledger(path, clock)
    assert ledger.recent(10) == []
    opened(ledger)
    ledger.close()
    again = Ledger(path, clock)
    assert len(again.recent(10)) == 1
    again.close()
