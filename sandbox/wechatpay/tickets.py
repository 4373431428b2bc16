"""The short-lived texts with which a buyer finds a trade: QR texts, prepay ids, H5 addresses.

Each holds the moment of its issue. An order that is repeated once its text has run out gets a new
one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.clock import BEIJING
from sandbox.wechatpay.orders import Product

if TYPE_CHECKING:
    from sandbox.ledger.records import Trade

LIFE = timedelta(hours=2)
H5_LIFE = timedelta(minutes=5)
QR = "weixin://wxpay/bizpayurl?pr="
ISSUED = re.compile(rf"(?:wx|{re.escape(QR)})([0-9]{{14}})")
STAMP = "%Y%m%d%H%M%S"


def new_code(product: str, now: datetime) -> str:
    """What the ledger keeps as the code of a trade: a QR text, or else a prepay id."""
    stamp = f"{now.astimezone(BEIJING):{STAMP}}"
    if product == Product.NATIVE:
        return f"{QR}{stamp}{secrets.token_urlsafe(8)}"
    return f"wx{stamp}{secrets.token_hex(10)}"


def has_run_out(trade: Trade, now: datetime) -> bool:
    match = ISSUED.match(trade.code)
    if match is None:
        raise ValueError(f"no code of WeChat Pay: {trade.code!r}")
    issued_at = datetime.strptime(match[1], STAMP).replace(tzinfo=BEIJING)
    return now - issued_at >= LIFE


def h5_package(prepay_id: str, now: datetime, secret: bytes) -> str:
    """The part of an H5 address that ends its life; nobody else can make one."""
    issued = str(int(now.timestamp()))
    return f"{issued}{_mark(prepay_id, issued, secret)}"


def is_h5_package(text: str, prepay_id: str, now: datetime, secret: bytes) -> bool:
    """Whether it was issued for this prepay id less than five minutes ago."""
    issued, mark = text[:10], text[10:]
    if not (issued.isascii() and issued.isdigit()):
        return False
    is_ours = hmac.compare_digest(mark.encode(), _mark(prepay_id, issued, secret).encode())
    return is_ours and now.timestamp() - int(issued) < H5_LIFE.total_seconds()


def _mark(prepay_id: str, issued: str, secret: bytes) -> str:
    text = f"{prepay_id} {issued}".encode()
    return hmac.new(secret, text, hashlib.sha256).hexdigest()[:16]
