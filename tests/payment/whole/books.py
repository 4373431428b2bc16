"""The providers' ledger against the shop's, and both against the orders, to the fen and to the second."""

from collections.abc import Sequence
from decimal import Decimal

from django.core.management import call_command
from django.db.models import Sum

from apps.orders.models import OrderInfo
from apps.payment.models import Difference, Payment, Refund, Statement
from apps.payment.services.reconciliation import reconcile_due
from sandbox.ledger.records import PayoutStatus, RefundStatus
from tests.payment.whole.market import Market

PAID = {OrderInfo.Status.UNSEND}
Channel = Refund.Channel


def check_books(market: Market, *, expected: Sequence[tuple[str, str]] = ()) -> None:
    """Nothing is under way, every book agrees, and the next morning's bills find the ``expected`` differences.

    Those are pairs of a difference's type and our number.
    """
    check_nothing_waits()
    check_payments(market)
    check_refunds(market)
    check_orders()
    call_command("audit", stdout=open("/dev/null", "w"))  # noqa: SIM115
    check_bills(market, expected=expected)


def check_nothing_waits() -> None:
    assert not Payment.objects.filter(state=Payment.State.PENDING).exists()
    assert not Refund.objects.unfinished().exists()
    assert not OrderInfo.objects.filter(status=OrderInfo.Status.UNPAID).exists()


def check_payments(market: Market) -> None:
    theirs = {
        (trade.provider, trade.out_trade_no): (trade.trade_no, trade.total_fen, trade.paid_at)
        for trade in market.providers.trades()
        if trade.paid_at
    }
    ours = {
        (payment.provider, payment.out_trade_no): (
            payment.trade_no,
            fen(payment.amount),
            payment.paid_at,
        )
        for payment in Payment.objects.filter(state__in=Payment.PAID)
    }
    assert ours == theirs


def check_refunds(market: Market) -> None:
    ledger = market.providers.sandbox.ledger
    theirs = {
        refund.out_request_no: refund.fen
        for trade in market.providers.trades()
        for refund in ledger.refunds_of(trade.id)
        if refund.status == RefundStatus.SUCCESS
    }
    transfers = {
        payout.out_biz_no: payout.fen
        for payout in ledger.payouts()
        if payout.status == PayoutStatus.SUCCESS
    }
    assert ours_refunded(Channel.ORIGINAL) == theirs
    assert ours_refunded(Channel.PAYOUT) == transfers
    for trade in market.providers.trades():
        assert trade.held_fen == 0
        assert trade.refunded_fen == sum(
            refund.fen
            for refund in ledger.refunds_of(trade.id)
            if refund.status == RefundStatus.SUCCESS
        )


def ours_refunded(channel: str) -> dict[str, int]:
    gone = Refund.objects.filter(state=Refund.State.SUCCEEDED, channel=channel)
    return {refund.out_request_no: fen(refund.amount) for refund in gone}


def check_orders() -> None:
    """Paid is what one payment settles, and surplus goes back; of what is canceled no money is kept."""
    for order in OrderInfo.objects.all():
        settling = order.payments.filter(settles=order, state=Payment.State.SUCCEEDED)
        assert settling.count() == (1 if order.status in PAID else 0), order
        if order.status not in PAID:
            assert order.status == OrderInfo.Status.CANCELED
        for payment in order.payments.filter(state=Payment.State.SURPLUS):
            gone = payment.refunds.filter(state=Refund.State.SUCCEEDED)
            assert gone.aggregate(sum=Sum("amount"))["sum"] == payment.amount, payment


def check_bills(market: Market, *, expected: Sequence[tuple[str, str]] = ()) -> None:
    market.clock.go_to_morning()
    for _ in range(3):
        reconcile_due()
        unread = Statement.objects.exclude(state=Statement.State.DONE)
        if not unread.exists():
            break
        market.clock.advance(hours=1)
    assert [f"{each}: {each.error}" for each in unread] == []
    found = Difference.objects.unsettled().values_list("type", "out_trade_no")
    assert sorted(found) == sorted(expected)


def fen(yuan: Decimal) -> int:
    return int(yuan * 100)
