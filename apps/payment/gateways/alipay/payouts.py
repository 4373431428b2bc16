"""Transfers to a payer's account, for what a trade can no longer give back.

Alipay's rules: certificate mode only; at least 0.10 yuan; the number makes a repeat harmless.
"""

from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext as _

from apps.payment.exceptions import MalformedNotice, Misconfigured, Rejected, Unknown
from apps.payment.gateways.alipay.answers import bare, told_about
from apps.payment.gateways.alipay.fields import PROVIDER, amount_in, moment_in
from apps.payment.gateways.alipay.line import Line
from apps.payment.gateways.interface import RefundOrder, RefundTold

LEAST = Decimal("0.10")
LONGEST_TITLE = 128
PRODUCT = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}
OUTCOMES: dict[str, Literal["succeeded", "processing", "failed"]] = {
    "SUCCESS": "succeeded",
    "FAIL": "failed",
    # It came back to us.
    "REFUND": "failed",
}


def is_allowed(line: Line) -> bool:
    return bool(line.trust.named)


def pay_out(line: Line, order: RefundOrder) -> RefundTold:
    """Raises GatewayError. Rejected: refused, nothing moved; is_temporary: not now."""
    _refuse_uncertified(line)
    if order.amount < LEAST:
        raise Rejected("", "AMOUNT_TOO_SMALL", f"Alipay transfers {LEAST} yuan at least.")
    if not order.payer:
        raise Rejected("", "PAYER_UNKNOWN", f"Nobody knows who paid {order.out_trade_no}.")
    content = {
        "out_biz_no": order.out_request_no,
        "trans_amount": f"{order.amount:.2f}",
        **PRODUCT,
        "order_title": order.reason[:LONGEST_TITLE],
        "payee_info": {"identity": order.payer, "identity_type": _identity_type(order.payer)},
        "remark": order.reason[:LONGEST_TITLE],
    }
    try:
        node = line.call("alipay.fund.trans.uni.transfer", content, order.at)
    except Rejected as refusal:
        if bare(refusal.sub_code) != "BIZ_UNIQUE_EXCEPTION":
            raise
        # This number was sent before; what became of it then is what counts.
        told = payout_query(line, order)
        if told is None:
            raise Unknown(str(refusal)) from refusal
        return told
    return _told(order, node, kind="answer", moment="trans_date")


def payout_query(line: Line, order: RefundOrder) -> RefundTold | None:
    """None: Alipay knows no such transfer. Raises GatewayError."""
    _refuse_uncertified(line)
    content = {"out_biz_no": order.out_request_no, **PRODUCT}
    try:
        node = line.call("alipay.fund.trans.common.query", content, order.at)
    except Rejected as refusal:
        if bare(refusal.sub_code) == "ORDER_NOT_EXIST":
            return None
        raise
    return _told(order, node, kind="query", moment="pay_date")


def _refuse_uncertified(line: Line) -> None:
    if not is_allowed(line):
        raise Misconfigured(
            _(
                "Alipay transfers money only to those who use certificates: set ALIPAY_APP_CERT, ALIPAY_CERT "
                "and ALIPAY_ROOT_CERT."
            )
        )


def _identity_type(payer: str) -> str:
    is_user_id = payer.startswith("2088") and payer.isdigit() and len(payer) == 16
    return "ALIPAY_USER_ID" if is_user_id else "ALIPAY_OPEN_ID"


def _told(
    order: RefundOrder, node: dict[str, Any], *, kind: Literal["answer", "query"], moment: str
) -> RefundTold:
    told_about([("out_biz_no", order.out_request_no)], node)
    status = str(node.get("status") or "")
    if not status:
        raise Unknown(f"The answer does not say how {order.out_request_no} stands")
    try:
        return RefundTold(
            provider=PROVIDER,
            kind=kind,
            event_id=f"{kind}:{order.out_request_no}:{status}",
            out_trade_no=order.out_trade_no,
            out_request_no=order.out_request_no,
            refund_no=str(node.get("order_id") or ""),
            amount=amount_in(node["trans_amount"]) if node.get("trans_amount") else None,
            status=status,
            outcome=OUTCOMES.get(status, "processing"),
            succeeded_at=moment_in(node.get(moment)) if status == "SUCCESS" else None,
            payload=node,
        )
    except MalformedNotice as exc:
        raise Unknown(f"The answer does not read: {exc.extra}") from exc
