"""Paying back, and asking how it stands.

Alipay's rules: the refund's own number makes a repeat harmless; ``refund_fee`` in an answer is the sum of all refunds
of the trade; 10000 alone proves nothing, only ``fund_change`` Y or a query that says REFUND_SUCCESS.
"""

from typing import Any, Literal

from apps.payment.exceptions import MalformedNotice, Rejected, Unknown
from apps.payment.gateways.alipay.answers import bare, told_about
from apps.payment.gateways.alipay.fields import PROVIDER, amount_in, moment_in
from apps.payment.gateways.alipay.line import Line
from apps.payment.gateways.interface import RefundOrder, RefundTold

LONGEST_REASON = 256


def refund(line: Line, order: RefundOrder) -> RefundTold:
    """Raises GatewayError. Rejected: refused, nothing moved; is_temporary: not now."""
    node = line.call("alipay.trade.refund", _described(order), order.at)
    told_about([("out_trade_no", order.out_trade_no)], node)
    if node.get("fund_change") == "Y":
        return _told(order, node, kind="answer", status="Y", outcome="succeeded")
    try:
        told = refund_query(line, order)
    except Rejected as exc:
        # Only the question was refused: the refund was accepted, now or before.
        raise Unknown(f"Accepted, but: {exc}") from exc
    return told or _told(order, node, kind="answer", status="N", outcome="processing")


def refund_query(line: Line, order: RefundOrder) -> RefundTold | None:
    """None: Alipay knows no such refund, or not yet; it may be sent again with its number. Raises GatewayError."""
    content = {
        "out_trade_no": order.out_trade_no,
        "out_request_no": order.out_request_no,
        "query_options": ["gmt_refund_pay"],
    }
    try:
        node = line.call("alipay.trade.fastpay.refund.query", content, order.at)
    except Rejected as refusal:
        if bare(refusal.sub_code) == "TRADE_NOT_EXIST":
            return None
        raise
    status = node.get("refund_status")
    if not status:
        return None
    numbers = {"out_trade_no": order.out_trade_no, "out_request_no": order.out_request_no}
    told_about(numbers.items(), node)
    outcome: Literal["succeeded", "processing"] = (
        "succeeded" if status == "REFUND_SUCCESS" else "processing"
    )
    return _told(order, node, kind="query", status=str(status), outcome=outcome)


def _described(order: RefundOrder) -> dict[str, str]:
    # Nothing that is not documented: Alipay's rule, for a surplus parameter has caused refunds to be paid twice.
    return {
        "out_trade_no": order.out_trade_no,
        "out_request_no": order.out_request_no,
        "refund_amount": f"{order.amount:.2f}",
        "refund_reason": order.reason[:LONGEST_REASON],
    }


def _told(
    order: RefundOrder,
    node: dict[str, Any],
    *,
    kind: Literal["answer", "query"],
    status: str,
    outcome: Literal["succeeded", "processing"],
) -> RefundTold:
    try:
        return RefundTold(
            provider=PROVIDER,
            kind=kind,
            event_id=f"{kind}:{order.out_request_no}:{status}",
            out_trade_no=order.out_trade_no,
            out_request_no=order.out_request_no,
            refund_no="",
            amount=amount_in(node["refund_amount"]) if node.get("refund_amount") else None,
            status=status,
            outcome=outcome,
            succeeded_at=moment_in(node.get("gmt_refund_pay")),
            payload=node,
        )
    except MalformedNotice as exc:
        raise Unknown(f"The answer does not read: {exc.extra}") from exc
