"""The bill of a day, made when it is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sandbox.clock import BEIJING
from sandbox.wechatpay import NAME, bills, describe
from sandbox.wechatpay.bills import BillRow
from sandbox.wechatpay.refusals import InvalidRequest, ParamError, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.ledger.records import Movement
    from sandbox.provider import Provider
    from sandbox.wechatpay.config import WechatPayConfig

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
KINDS = ("ALL", "SUCCESS", "REFUND")
READY_HOUR = 10
KEPT = timedelta(days=92)


@dataclass(frozen=True)
class Statement:
    """``hash_value`` is of the text, whatever form ``content`` has."""

    hash_value: str
    content: bytes


def make(provider: Provider, config: WechatPayConfig, params: Mapping[str, str]) -> Statement:
    """The trade bill that one request asks for; raises Refusal."""
    day = _day(params.get("bill_date", ""))
    kind, tar_type = params.get("bill_type", "ALL"), params.get("tar_type", "")
    if kind not in KINDS:
        raise ParamError("bill_type 应为 ALL、SUCCESS 或 REFUND")
    if tar_type not in {"", "GZIP"}:
        raise ParamError("tar_type 应为 GZIP")
    _check_ready(provider, day)
    rows = [_row(movement) for movement in provider.bills.rows(NAME, day)]
    rows = [row for row in rows if _is_of(row, kind)]
    if not rows:
        raise Refusal("NO_STATEMENT_EXIST", "账单文件不存在：当天没有交易")
    text = bills.text(rows, appid=config.appid, mchid=config.mchid)
    is_broken = provider.faults.take("bill_broken_hash", NAME, action="bill")
    return Statement(
        hash_value=bills.sha1(f"{text} " if is_broken else text),
        content=bills.packed(text, is_gzip=bool(tar_type)),
    )


def _day(text: str) -> date:
    try:
        if not DATE.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise ParamError("bill_date 应为 yyyy-MM-DD") from None


def _check_ready(provider: Provider, day: date) -> None:
    """A day's bill is there from ten o'clock of the next day on, and for three months."""
    today = provider.ledger.now().astimezone(BEIJING).date()
    if day > today or today - day > KEPT:
        raise InvalidRequest("bill_date 应为最近三个月内、今天之前的日期")
    if provider.bills.is_ready(NAME, day, hour=READY_HOUR):
        return
    if day == today:
        raise InvalidRequest("当天的账单次日 10 点后才可下载")
    raise Refusal("STATEMENT_CREATING", "账单生成中，请在 10 点后重试")


def _row(movement: Movement) -> BillRow:
    trade, refund = movement.trade, movement.refund
    row = BillRow(
        at=movement.moved_at,
        transaction_id=trade.trade_no,
        out_trade_no=trade.out_trade_no,
        openid=describe.openid(trade),
        trade_type=describe.trade_type(trade),
        description=trade.subject,
        attach=describe.attach(trade),
        amount_fen=movement.fen if refund is None else -movement.fen,
        fee_fen=movement.fee_fen,
    )
    if refund is None:
        return row
    return replace(
        row,
        refund_id=refund.refund_no,
        out_refund_no=refund.out_request_no,
        refund_status=refund.status.value,
    )


def _is_of(row: BillRow, kind: str) -> bool:
    return kind == "ALL" or (kind == "REFUND") == row.is_refund
