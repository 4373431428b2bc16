"""WeChat Pay as the shared parts of the sandbox know it: its notices and its addresses."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, cast

from flask import request

from sandbox.channel import Post
from sandbox.ledger.records import Announcement, RefundStatus
from sandbox.provider import provider
from sandbox.wechatpay import NAME, describe, signing, tickets
from sandbox.wechatpay.clock import rfc3339
from sandbox.wechatpay.orders import Product
from sandbox.wechatpay.refusals import Unavailable

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.faults import Faults
    from sandbox.ledger.records import Notice, Refund, Trade
    from sandbox.wechatpay.config import WechatPayConfig
    from sandbox.wechatpay.signing import Signer

# Signatures that begin so are wrong on purpose: a merchant who accepts one checks none.
PROBE = "WECHATPAY/SIGNTEST/"
REFUND_SUMMARIES = {
    RefundStatus.SUCCESS: "退款成功",
    RefundStatus.ABNORMAL: "退款异常",
    RefundStatus.CLOSED: "退款关闭",
}


class WechatPayChannel:
    name = "微信支付"
    # 15 times in a day; what is still not accepted then is given up.
    retry_seconds: tuple[int, ...] = (
        *(15, 15, 30, 180, 600, 1200, 1800, 1800, 1800),
        *(3600, 10800, 10800, 10800, 21600, 21600),
    )

    def __init__(self, config: WechatPayConfig, faults: Faults) -> None:
        self.config = config
        self._faults = faults

    def about(self) -> list[tuple[str, str]]:
        return [
            ("微信支付网关", request.host_url.removesuffix("/")),
            ("商户号 mchid", self.config.mchid),
            ("应用 appid", self.config.appid),
            ("商户证书序列号", f"{self.config.merchant_certificate.serial_number:X}"),
            ("微信支付公钥ID", self.config.public_key.serial),
            ("平台证书序列号", self.config.platform.serial),
        ]

    def merchant(self) -> str:
        return self.config.mchid

    def has_run_out(self, trade: Trade, *, now: datetime) -> bool:
        """QR texts and prepay ids live for two hours."""
        return tickets.has_run_out(trade, now)

    def payment_notice(self, trade: Trade) -> Announcement | None:
        return _announcement(
            trade,
            url=trade.notify_url,
            event_type="TRANSACTION.SUCCESS",
            summary="支付成功",
            resource=describe.transaction(trade, self.config),
            at=rfc3339(trade.paid_at) if trade.paid_at else "",
        )

    def refund_notice(self, trade: Trade, refund: Refund) -> Announcement | None:
        """Only to the refund's own address: without one WeChat Pay falls back to its old API."""
        if not refund.notify_url or refund.status not in REFUND_SUMMARIES:
            return None
        return _announcement(
            trade,
            url=refund.notify_url,
            event_type=f"REFUND.{refund.status}",
            summary=REFUND_SUMMARIES[refund.status],
            resource=describe.refund_event(trade, refund, self.config),
            at=rfc3339(refund.finished_at) if refund.finished_at else "",
        )

    def post(self, notice: Notice, *, now: datetime, is_forged: bool = False) -> Post:
        """Seal and sign one try; with ``signtest_notice`` it is a probe, to be refused."""
        genuine = self._sealed(notice, notice.content["resource"])
        signer = self._signer(notice)
        headers = signing.signature_headers(genuine, signer, at=int(now.timestamp()))
        headers["Content-Type"] = "application/json"
        headers["User-Agent"] = "Mozilla/4.0"
        if is_forged:
            return Post(self._sealed(notice, _with_another_amount(notice)), headers)
        if self._faults.take("signtest_notice", NAME, notice.out_trade_no):
            headers["Wechatpay-Signature"] = PROBE + headers["Wechatpay-Signature"][len(PROBE) :]
        return Post(genuine, headers)

    def accepts(self, status: int, body: bytes) -> bool:
        return status in {200, 204}

    def return_address(self, trade: Trade) -> str | None:
        if trade.paid_at is None:
            return None
        return self.leave_address(trade)

    def leave_address(self, trade: Trade) -> str | None:
        """H5 goes back to the shop whether or not the buyer paid, and tells it nothing."""
        return trade.return_url or None if trade.product == Product.H5 else None

    def _signer(self, notice: Notice) -> Signer:
        """The one of the trade's order; while a merchant changes to the public key, both kinds come."""
        if self._faults.take("certificate_notice", NAME, notice.out_trade_no):
            return self.config.platform
        return self.config.signer(notice.content["signer"]) or self.config.public_key

    def _sealed(self, notice: Notice, resource: dict[str, Any]) -> bytes:
        kind = "refund" if notice.is_refund else "transaction"
        plain = json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()
        sealed = signing.sealed(plain, key=self.config.apiv3_key, associated_data=kind)
        event = {**notice.content["event"], "resource": {**sealed, "original_type": kind}}
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def configured() -> WechatPayChannel:
    """The one that serves the current request; raises Unavailable without its keys."""
    channel = provider().channels.get(NAME)
    if channel is None:
        raise Unavailable("本沙箱没有微信支付的密钥文件，`python manage.py make_keys` 会生成")
    return cast("WechatPayChannel", channel)


def _announcement(
    trade: Trade, *, url: str, event_type: str, summary: str, resource: dict[str, Any], at: str
) -> Announcement:
    """``event`` goes out as it stands, ``resource`` sealed; ``signer`` names the key for both."""
    event_id = f"EV-{secrets.token_hex(16)}"
    event = {
        "id": event_id,
        "create_time": at,
        "resource_type": "encrypt-resource",
        "event_type": event_type,
        "summary": summary,
    }
    content = {"event": event, "resource": resource, "signer": trade.extra["signer"]}
    return Announcement(event_id=event_id, url=url, content=content)


def _with_another_amount(notice: Notice) -> dict[str, Any]:
    resource: dict[str, Any] = notice.content["resource"]
    name = "refund" if notice.is_refund else "total"
    amount = resource["amount"]
    return {**resource, "amount": {**amount, name: amount[name] + 1}}
