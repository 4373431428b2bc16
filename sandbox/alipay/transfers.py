"""Money that a merchant sends to an Alipay account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.alipay import NAME
from sandbox.alipay.orders import amount_fen, biz_content, optional_text
from sandbox.alipay.refusals import Refusal
from sandbox.clock import beijing_text
from sandbox.money import yuan_text
from sandbox.provider import NoBalance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.ledger.records import Payout
    from sandbox.provider import Provider

OUT_BIZ_NO = re.compile(r"[0-9A-Za-z_]{1,64}")
MIN_FEN = 10
# Who has an account here: every user id and login that has the form of one.
PAYEES = {
    "ALIPAY_USER_ID": re.compile(r"2088[0-9]{12}"),
    "ALIPAY_LOGON_ID": re.compile(r"1[0-9]{10}|[^@\s]+@[^@\s]+"),
    "ALIPAY_OPEN_ID": re.compile(r"[0-9A-Za-z_-]{20,128}"),
}


class InvalidTransfer(Refusal):
    def __init__(self, what: str) -> None:
        super().__init__("INVALID_PARAMETER", f"参数无效：{what}")


def transfer(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.fund.trans.uni.transfer``: once for each ``out_biz_no``."""
    content = biz_content(params)
    out_biz_no = optional_text(content, "out_biz_no")
    if not OUT_BIZ_NO.fullmatch(out_biz_no):
        raise InvalidTransfer("out_biz_no 应为 1 至 64 位字母、数字或下划线")
    for name, value in (
        ("biz_scene", "DIRECT_TRANSFER"),
        ("product_code", "TRANS_ACCOUNT_NO_PWD"),
    ):
        if optional_text(content, name) != value:
            raise InvalidTransfer(f"{name} 应为 {value}")
    title = optional_text(content, "order_title")
    if not title:
        raise InvalidTransfer("order_title 不能为空")
    fen = amount_fen(content, "trans_amount")
    if fen < MIN_FEN:
        raise Refusal("EXCEED_LIMIT_SM_MIN_AMOUNT", "单笔转账金额不可低于 0.10 元")
    payee = _payee(content)
    try:
        made, _ = provider.pay_out(NAME, out_biz_no=out_biz_no, fen=fen, payee=payee, title=title)
    except NoBalance:
        raise Refusal("PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足") from None
    if (made.fen, made.payee) != (fen, payee):
        raise Refusal("BIZ_UNIQUE_EXCEPTION", "商户订单号已用于另一笔转账")
    return _fields(made, moment="trans_date")


def query_transfer(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.fund.trans.common.query``: by Alipay's number or by the merchant's."""
    content = biz_content(params)
    order_no = optional_text(content, "order_id")
    out_biz_no = optional_text(content, "out_biz_no")
    if not order_no and not out_biz_no:
        raise InvalidTransfer("out_biz_no 与 order_id 不能同时为空")
    ledger = provider.ledger
    found = (
        ledger.by_order_no(NAME, order_no) if order_no else ledger.by_out_biz_no(NAME, out_biz_no)
    )
    if found is None:
        raise Refusal("ORDER_NOT_EXIST", "转账订单不存在")
    return {**_fields(found, moment="pay_date"), "trans_amount": yuan_text(found.fen)}


def _payee(content: Mapping[str, object]) -> str:
    """Whoever is to get the money, as type and identity; raises Refusal."""
    info = content.get("payee_info")
    if not isinstance(info, dict):
        raise InvalidTransfer("payee_info 不能为空")
    kind, identity = optional_text(info, "identity_type"), optional_text(info, "identity")
    if kind not in PAYEES:
        raise InvalidTransfer("identity_type 不正确")
    if kind == "ALIPAY_LOGON_ID" and not optional_text(info, "name"):
        raise InvalidTransfer("以登录号收款时 name 不能为空")
    if not PAYEES[kind].fullmatch(identity):
        raise Refusal("PAYEE_NOT_EXIST", "收款账号不存在")
    return f"{kind}:{identity}"


def _fields(payout: Payout, *, moment: str) -> dict[str, object]:
    fields: dict[str, object] = {
        "order_id": payout.order_no,
        "out_biz_no": payout.out_biz_no,
        "pay_fund_order_id": payout.order_no,
        "status": payout.status.value,
    }
    if payout.finished_at:
        fields[moment] = beijing_text(payout.finished_at)
    return fields
