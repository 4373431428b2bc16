"""The text of a trade bill: backticks, yuan, 27 columns and two lines of sums.

All of ``ALL``, ``SUCCESS`` and ``REFUND`` have the same columns here.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.clock import beijing_text
from sandbox.money import FEE_RATE, to_yuan, yuan_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUM_COLUMNS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


@dataclass(frozen=True, kw_only=True)
class BillRow:
    """A payment, or a refund if it has a ``refund_id``. Amounts are fen.

    The fee is negative in a refund's row: the merchant gets it back.
    """

    at: datetime
    transaction_id: str
    out_trade_no: str
    openid: str
    trade_type: str
    description: str
    attach: str
    amount_fen: int
    fee_fen: int
    refund_id: str = ""
    out_refund_no: str = ""
    refund_status: str = ""

    @property
    def is_refund(self) -> bool:
        return bool(self.refund_id)


def text(rows: Sequence[BillRow], *, appid: str, mchid: str) -> str:
    """The whole file; every value of it begins with a backtick, commas in it stay as they are."""
    lines = [COLUMNS]
    lines += [_line(_values(row, appid=appid, mchid=mchid)) for row in rows]
    lines += [SUM_COLUMNS, _line(_sums(rows))]
    return "".join(f"{line}\r\n" for line in lines)


def sha1(bill: str) -> str:
    """``hash_value``: over the text, whether or not the file is sent compressed."""
    return hashlib.sha1(bill.encode(), usedforsecurity=False).hexdigest()


def packed(bill: str, *, is_gzip: bool) -> bytes:
    """The file as it is downloaded."""
    return gzip.compress(bill.encode(), mtime=0) if is_gzip else bill.encode()


def _values(row: BillRow, *, appid: str, mchid: str) -> list[str]:
    amount = yuan_text(row.amount_fen)
    paid, refunded = (yuan_text(0), amount) if row.is_refund else (amount, yuan_text(0))
    return [
        beijing_text(row.at),
        appid,
        mchid,
        "0",
        "",
        row.transaction_id,
        row.out_trade_no,
        row.openid,
        row.trade_type,
        "REFUND" if row.is_refund else "SUCCESS",
        "OTHERS",
        "CNY",
        paid,
        yuan_text(0),
        row.refund_id or "0",
        row.out_refund_no or "0",
        refunded,
        yuan_text(0),
        "ORIGINAL" if row.is_refund else "",
        row.refund_status,
        row.description,
        row.attach,
        _fee(row.fee_fen),
        f"{FEE_RATE:.2%}",
        paid,
        refunded,
        "",
    ]


def _sums(rows: Sequence[BillRow]) -> list[str]:
    paid = yuan_text(sum(row.amount_fen for row in rows if not row.is_refund))
    refunded = yuan_text(sum(row.amount_fen for row in rows if row.is_refund))
    fee = _fee(sum(row.fee_fen for row in rows))
    return [str(len(rows)), paid, refunded, yuan_text(0), fee, paid, refunded]


def _line(values: Iterable[str]) -> str:
    # What a merchant named its goods must not end a line or begin a value.
    clean = (" ".join(value.splitlines()).replace("`", "'") for value in values)
    return ",".join(f"`{value}" for value in clean)


def _fee(fen: int) -> str:
    """Five decimals, in yuan."""
    return f"{to_yuan(fen):.5f}"
