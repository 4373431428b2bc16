"""How Alipay speaks of trades: to the merchant's server, and through the buyer's browser."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from flask import url_for

from sandbox.alipay import signing
from sandbox.channel import Post
from sandbox.clock import beijing_text
from sandbox.ledger.records import Announcement, RefundStatus, TradeStatus
from sandbox.money import to_yuan

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.config import Config
    from sandbox.ledger.records import Notice, Refund, Trade

# The one buyer of the sandbox; Alipay masks the login it shows to merchants.
BUYER_ID = "2088000000000099"
BUYER_LOGON_ID = "138****0000"
CODE_TERM = timedelta(hours=2)

STATUS = {
    TradeStatus.WAITING: "WAIT_BUYER_PAY",
    TradeStatus.PAID: "TRADE_SUCCESS",
    TradeStatus.CLOSED: "TRADE_CLOSED",
}


def trade_status(trade: Trade) -> str:
    """Alipay's word; a trade of which nothing is left is closed, as one that nobody paid is."""
    if trade.refunded_fen == trade.total_fen:
        return "TRADE_CLOSED"
    return STATUS[trade.status]


class AlipayChannel:
    name = "支付宝"
    # 4 min, 10 min, 10 min, 1 h, 2 h, 6 h, 15 h
    retry_seconds: tuple[int, ...] = (240, 600, 600, 3600, 7200, 21600, 54000)

    def __init__(self, config: Config) -> None:
        self._config = config

    def about(self) -> list[tuple[str, str]]:
        return [
            ("支付宝网关", url_for("alipay.do", _external=True)),
            ("支付宝 app_id", self._config.app_id),
            ("支付宝 seller_id", self._config.seller_id),
        ]

    def merchant(self) -> str:
        return self._config.seller_id

    def has_run_out(self, trade: Trade, *, now: datetime) -> bool:
        """A code is to be scanned within two hours; once that was done, it opens the page again."""
        return trade.status == TradeStatus.OFFERED and now >= trade.created_at + CODE_TERM

    def payment_notice(self, trade: Trade) -> Announcement | None:
        return self._announcement(trade)

    def refund_notice(self, trade: Trade, refund: Refund) -> Announcement | None:
        """Sent to the payment's address: as that notice again, with what was refunded so far."""
        if refund.status != RefundStatus.SUCCESS:
            return None
        return self._announcement(trade, refund)

    def post(self, notice: Notice, *, now: datetime, is_forged: bool = False) -> Post:
        fields = {**notice.content, "notify_time": beijing_text(now)}
        told = signing.signed(fields, self._config.private_key)
        if is_forged:
            told["total_amount"] = "0.01" if told["total_amount"] != "0.01" else "0.02"
        return Post(
            urlencode(told).encode(),
            {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
        )

    def accepts(self, status: int, body: bytes) -> bool:
        """200 with exactly ``success``."""
        return status == 200 and body == b"success"

    def return_address(self, trade: Trade) -> str | None:
        """Byte for byte the same each time: its timestamp is the moment of the payment."""
        if not trade.return_url or trade.paid_at is None:
            return None
        fields = signing.return_fields(
            app_id=self._config.app_id,
            seller_id=self._config.seller_id,
            out_trade_no=trade.out_trade_no,
            trade_no=trade.trade_no,
            total_amount=to_yuan(trade.total_fen),
            returned_at=trade.paid_at,
            method=f"alipay.trade.{trade.product}.pay",
        )
        query = urlencode(signing.signed(fields, self._config.private_key))
        return urlsplit(trade.return_url)._replace(query=query).geturl()

    def leave_address(self, trade: Trade) -> str | None:
        return trade.extra.get("quit_url") or None

    def _announcement(self, trade: Trade, refund: Refund | None = None) -> Announcement | None:
        if not trade.notify_url:
            return None
        if trade.paid_at is None:
            raise ValueError(f"trade {trade.trade_no} is not paid")
        moved_at = refund.finished_at if refund else None
        moment = moved_at or trade.paid_at
        notify_id = f"{moment:%Y%m%d}{secrets.token_hex(13)}"
        is_used_up = trade.refunded_fen == trade.total_fen
        fields = signing.notice_fields(
            app_id=self._config.app_id,
            seller_id=self._config.seller_id,
            out_trade_no=trade.out_trade_no,
            trade_no=trade.trade_no,
            total_amount=to_yuan(trade.total_fen),
            subject=trade.subject,
            notify_id=notify_id,
            created_at=trade.created_at,
            paid_at=trade.paid_at,
            trade_status=trade_status(trade),
            buyer_id=BUYER_ID,
            buyer_logon_id=BUYER_LOGON_ID,
            body=trade.extra.get("body", ""),
            passback_params=trade.extra.get("passback_params", ""),
            refund_fee=to_yuan(trade.refunded_fen) if refund else None,
            refunded_at=moved_at,
            out_biz_no=refund.out_request_no if refund else "",
            closed_at=moved_at if is_used_up else None,
        )
        return Announcement(event_id=notify_id, url=trade.notify_url, content=fields)
