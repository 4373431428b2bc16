"""What every page and method needs: who the merchant is, the books, and the messenger."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode, urlsplit

from flask import current_app

from sandbox import signing

if TYPE_CHECKING:
    from sandbox.config import Config
    from sandbox.ledger import Ledger
    from sandbox.notices import Notifier
    from sandbox.records import Trade

# The one buyer of the sandbox; Alipay masks the login it shows to merchants.
BUYER_ID = "2088000000000099"
BUYER_LOGON_ID = "138****0000"


@dataclass(frozen=True)
class Provider:
    config: Config
    ledger: Ledger
    notifier: Notifier

    def pay(self, token: str) -> bool:
        """Move the money of one trade and tell the merchant; False if it was not payable."""
        if not self.ledger.pay(token, self._notice_fields):
            return False
        self.notifier.wake()
        return True

    def return_address(self, trade: Trade) -> str | None:
        """Where the browser goes after a payment, signed; None if the merchant named no place.

        Byte for byte the same each time: its timestamp is the moment of the payment.
        """
        if not trade.return_url or trade.paid_at is None:
            return None
        fields = signing.return_fields(
            app_id=self.config.app_id,
            seller_id=self.config.seller_id,
            out_trade_no=trade.out_trade_no,
            trade_no=trade.trade_no,
            total_amount=trade.total_amount,
            returned_at=trade.paid_at,
        )
        query = urlencode(signing.signed(fields, self.config.private_key))
        return urlsplit(trade.return_url)._replace(query=query).geturl()

    def close(self) -> None:
        """Stop delivering and let go of the database."""
        self.notifier.stop()
        self.ledger.close()

    def _notice_fields(self, trade: Trade) -> dict[str, str]:
        if trade.paid_at is None:
            raise ValueError(f"trade {trade.trade_no} is not paid")
        return signing.notice_fields(
            app_id=self.config.app_id,
            seller_id=self.config.seller_id,
            out_trade_no=trade.out_trade_no,
            trade_no=trade.trade_no,
            total_amount=trade.total_amount,
            subject=trade.subject,
            notify_id=f"{trade.paid_at:%Y%m%d}{secrets.token_hex(13)}",
            created_at=trade.created_at,
            paid_at=trade.paid_at,
            buyer_id=BUYER_ID,
            buyer_logon_id=BUYER_LOGON_ID,
            body=trade.body,
            passback_params=trade.passback_params,
        )


def provider() -> Provider:
    """The one that serves the current request."""
    return cast("Provider", current_app.extensions["sandbox"])
