"""What every page and method needs: the configuration, the books, the faults, and the messenger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from flask import current_app

from sandbox.faults import BRACES
from sandbox.ledger.records import PayoutStatus, RefundStatus

if TYPE_CHECKING:
    from sandbox.bills import Bills, Downloads
    from sandbox.channel import Channel
    from sandbox.config import Config
    from sandbox.faults import Faults
    from sandbox.ledger import Ledger
    from sandbox.ledger.records import Announcement, Payout, Refund, Trade
    from sandbox.notices import Notifier


class NoBalance(Exception):
    """The merchant's account does not hold that much."""


class TradeFinished(Exception):
    """The trade is too old to be refunded."""


@dataclass(frozen=True)
class Provider:
    """``channels`` are the payment providers by the name that a trade carries; ``missing`` says what
    another one lacks.
    """

    config: Config
    ledger: Ledger
    faults: Faults
    notifier: Notifier
    channels: dict[str, Channel]
    bills: Bills
    downloads: Downloads
    missing: str = ""

    def channel(self, trade: Trade) -> Channel:
        return self.channels[trade.provider]

    def pay(self, token: str) -> bool:
        """Move the money of one trade and tell the merchant; False if it was not payable."""
        if not self.ledger.pay(token, self._payment_notice):
            return False
        self.notifier.wake()
        return True

    def refund(
        self,
        trade: Trade,
        *,
        out_request_no: str,
        fen: int,
        reason: str = "",
        notify_url: str = "",
        status: RefundStatus = RefundStatus.SUCCESS,
    ) -> tuple[Refund, bool]:
        """Give back a part of a paid trade, once for each number; see ``Ledger.refund``.

        ``refund_processing`` leaves it PROCESSING, whatever ``status`` says. Raises NoBalance or TradeFinished,
        too, if such a switch is on; a repeat of what was done before is spared all of them.
        """
        case = (trade.provider, trade.out_trade_no, "refund")
        if known := self.ledger.by_out_request_no(trade.id, out_request_no):
            return known, False
        if self.faults.take("no_balance", *case):
            raise NoBalance
        if self.faults.take("trade_finished", *case):
            raise TradeFinished
        if self.faults.take("refund_processing", *case):
            status = RefundStatus.PROCESSING
        refund, moved = self.ledger.refund(
            trade.id,
            out_request_no=out_request_no,
            fen=fen,
            reason=reason,
            notify_url=notify_url,
            status=status,
            describe=self._refund_notice,
        )
        self.notifier.wake()
        return refund, moved

    def finish_refund(self, refund_id: int, status: RefundStatus) -> bool:
        """End a refund that is under way and tell the merchant; see ``Ledger.finish_refund``."""
        if not self.ledger.finish_refund(refund_id, status, self._refund_notice):
            return False
        self.notifier.wake()
        return True

    def pay_out(
        self, provider: str, *, out_biz_no: str, fen: int, payee: str, title: str
    ) -> tuple[Payout, bool]:
        """Send money to somebody, once for each number; see ``Ledger.pay_out``. Raises NoBalance."""
        case = (provider, out_biz_no, "transfer")
        if known := self.ledger.by_out_biz_no(provider, out_biz_no):
            return known, False
        if self.faults.take("no_balance", *case):
            raise NoBalance
        is_held = self.faults.take("refund_processing", *case)
        status = PayoutStatus.DEALING if is_held else PayoutStatus.SUCCESS
        return self.ledger.pay_out(
            provider, out_biz_no=out_biz_no, fen=fen, payee=payee, title=title, status=status
        )

    def clear_faults(self, fault_id: int | None = None) -> bool:
        """Switch one off, or all; False if there is no such one.

        What it held up goes on: calls that wait, notices that are held, refunds and payouts in progress.
        """
        if not self.faults.clear(fault_id):
            return False
        for trade, refund in self.ledger.processing_refunds():
            if not self.faults.is_on("refund_processing", trade.provider, trade.out_trade_no):
                self.finish_refund(refund.id, RefundStatus.SUCCESS)
        for payout in self.ledger.dealing_payouts():
            if not self.faults.is_on("refund_processing", payout.provider, payout.out_biz_no):
                self.ledger.finish_payout(payout.id)
        self.notifier.wake()
        return True

    def close(self) -> None:
        """Stop delivering, let no call wait any longer, and let go of the database."""
        self.faults.close()
        self.notifier.stop()
        self.ledger.close()

    def _payment_notice(self, trade: Trade) -> Announcement | None:
        return self._put_off(trade, self.channel(trade).payment_notice(self._twisted(trade)))

    def _refund_notice(self, trade: Trade, refund: Refund) -> Announcement | None:
        return self._put_off(trade, self.channel(trade).refund_notice(self._twisted(trade), refund))

    def _twisted(self, trade: Trade) -> Trade:
        if self.faults.take("braces_in_subject", trade.provider, trade.out_trade_no):
            return replace(trade, subject=BRACES)
        return trade

    def _put_off(self, trade: Trade, announcement: Announcement | None) -> Announcement | None:
        if announcement is None:
            return None
        fault = self.faults.take("delay_notice", trade.provider, trade.out_trade_no)
        return replace(announcement, delay_seconds=fault.value) if fault else announcement


def provider() -> Provider:
    """The one that serves the current request."""
    return cast("Provider", current_app.extensions["sandbox"])
