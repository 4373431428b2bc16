"""RSA2, the way Alipay does it: SHA256withRSA, PKCS#1 v1.5, Base64 on one line.

Three texts are signed, and they differ:

- a merchant's request: every parameter that is sent except ``sign`` and empty ones, so
  ``sign_type`` stays in;
- a notice or a browser return: likewise, but without ``sign_type``;
- a response: the raw value of the response node, as serialized.

The functions here are pure, so a test of the shop can sign a notice as the provider does::

    fields = notice_fields(app_id="2021000000000001", ..., subject="手机", paid_at=paid_at)
    client.post(notify_path, signed(fields, load_key(pem)))
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15

from sandbox.clock import beijing_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from Crypto.PublicKey.RSA import RsaKey

SIGN_TYPE = "RSA2"


def load_key(pem: str | bytes) -> RsaKey:
    """Read one RSA key, private or public, in PEM form; raises ValueError."""
    return RSA.import_key(pem)


def sign(params: Mapping[str, str], key: RsaKey) -> str:
    """Sign a notice or a browser return; ``sign`` and ``sign_type`` are left out if present."""
    return sign_text(_joined(params, without={"sign", "sign_type"}), key)


def signed(params: Mapping[str, str], key: RsaKey) -> dict[str, str]:
    """The parameters as the provider sends them: with ``sign_type`` and ``sign``."""
    return {**params, "sign_type": SIGN_TYPE, "sign": sign(params, key)}


def verify_request(params: Mapping[str, str], key: RsaKey) -> bool:
    """Whether ``params["sign"]`` is the merchant's signature over the other parameters."""
    return verify_text(_joined(params, without={"sign"}), params.get("sign", ""), key)


def sign_text(text: str, key: RsaKey) -> str:
    """Sign one text as it stands; for a response, the node's raw substring."""
    return base64.b64encode(pkcs1_15.new(key).sign(SHA256.new(text.encode()))).decode("ascii")


def verify_text(text: str, signature: str, key: RsaKey) -> bool:
    """Whether ``signature``, in strict Base64, was made over ``text``."""
    try:
        raw = base64.b64decode(signature, validate=True)
        pkcs1_15.new(key).verify(SHA256.new(text.encode()), raw)
    except ValueError:  # not Base64, or not this key's signature over this text
        return False
    return True


def notice_fields(
    *,
    app_id: str,
    seller_id: str,
    out_trade_no: str,
    trade_no: str,
    total_amount: Decimal,
    subject: str,
    notify_id: str,
    created_at: datetime,
    paid_at: datetime,
    notified_at: datetime | None = None,
    trade_status: str = "TRADE_SUCCESS",
    buyer_id: str = "2088000000000099",
    buyer_logon_id: str = "138****0000",
    body: str = "",
    passback_params: str = "",
    refund_fee: Decimal | None = None,
    refunded_at: datetime | None = None,
    out_biz_no: str = "",
    closed_at: datetime | None = None,
) -> dict[str, str]:
    """The fields of the notice that a trade was paid, not yet signed. Amounts are yuan.

    ``notify_id`` stays the same through all tries of one notice. A refund's notice is the same with
    ``refund_fee``, all that was refunded so far, and ``out_biz_no``, the refund's number; after the last one
    the status is TRADE_CLOSED and ``closed_at`` is told.
    """
    amount = f"{total_amount:.2f}"
    fields = {
        "notify_time": beijing_text(notified_at or paid_at),
        "notify_type": "trade_status_sync",
        "notify_id": notify_id,
        "app_id": app_id,
        "auth_app_id": app_id,
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": trade_no,
        "out_trade_no": out_trade_no,
        "trade_status": trade_status,
        "total_amount": amount,
        "receipt_amount": amount,
        "invoice_amount": amount,
        "buyer_pay_amount": amount,
        "point_amount": "0.00",
        "subject": subject,
        "body": body,
        "passback_params": passback_params,
        "buyer_id": buyer_id,
        "buyer_logon_id": buyer_logon_id,
        "seller_id": seller_id,
        "gmt_create": beijing_text(created_at),
        "gmt_payment": beijing_text(paid_at),
        "fund_bill_list": json.dumps(
            [{"amount": amount, "fundChannel": "ALIPAYACCOUNT"}], separators=(",", ":")
        ),
        "refund_fee": "" if refund_fee is None else f"{refund_fee:.2f}",
        "gmt_refund": f"{beijing_text(refunded_at)}.000" if refunded_at else "",
        "out_biz_no": out_biz_no,
        "gmt_close": beijing_text(closed_at) if closed_at else "",
    }
    # Whether a blank value belongs to the signed text is disputed among the SDKs: none is sent.
    return {name: value for name, value in fields.items() if value}


def return_fields(
    *,
    app_id: str,
    seller_id: str,
    out_trade_no: str,
    trade_no: str,
    total_amount: Decimal,
    returned_at: datetime,
    method: str = "alipay.trade.page.pay",
) -> dict[str, str]:
    """What the browser carries back to ``return_url``, not yet signed: no ``trade_status``."""
    return {
        "charset": "utf-8",
        "out_trade_no": out_trade_no,
        "method": f"{method}.return",
        "total_amount": f"{total_amount:.2f}",
        "trade_no": trade_no,
        "auth_app_id": app_id,
        "version": "1.0",
        "app_id": app_id,
        "seller_id": seller_id,
        "timestamp": beijing_text(returned_at),
    }


def _joined(params: Mapping[str, str], *, without: set[str]) -> str:
    return "&".join(
        f"{name}={value}" for name, value in sorted(params.items()) if value and name not in without
    )
