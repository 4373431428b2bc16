"""What WeChat Pay says of a payment and of a refund, read. Raises MalformedNotice."""

from collections.abc import Mapping
from typing import Any

from apps.payment.exceptions import MalformedNotice
from apps.payment.gateways.interface import Kind, PaymentTold, RefundTold
from apps.payment.gateways.wechatpay.values import moment, nested, text, yuan

PROVIDER = "wechatpay"
# REFUND is what a paid trade becomes with its first refund, however small.
PAID = {"SUCCESS", "REFUND"}
CLOSED = {"CLOSED", "REVOKED"}
REFUND_OUTCOMES: dict[str, Any] = {
    "SUCCESS": "succeeded",
    "PROCESSING": "processing",
    "CLOSED": "failed",
    # The buyer's account takes no money: it has left ours and waits for somebody to say where it shall go.
    "ABNORMAL": "stuck",
}


def payment_told(
    fields: Mapping[str, Any], *, kind: Kind, event_id: str, payload: Mapping[str, Any]
) -> PaymentTold:
    """An unpaid trade may lack what comes with the payment; a paid one may not."""
    status = text(fields, "trade_state")
    is_paid = status in PAID
    amount = nested(fields, "amount") if is_paid or "amount" in fields else {}
    is_priced = is_paid or "total" in amount
    return PaymentTold(
        provider=PROVIDER,
        kind=kind,
        event_id=event_id,
        out_trade_no=text(fields, "out_trade_no"),
        trade_no=text(fields, "transaction_id") if is_paid else "",
        app_id=text(fields, "appid"),
        account=text(fields, "mchid"),
        amount=yuan(amount, "total") if is_priced else None,
        currency=text(amount, "currency") if is_paid else "CNY",
        status=status,
        outcome="paid" if is_paid else "closed" if status in CLOSED else "other",
        paid_at=moment(fields, "success_time") if is_paid else None,
        payload=payload,
        payer=text(nested(fields, "payer"), "openid") if "payer" in fields else "",
    )


def refund_told(
    fields: Mapping[str, Any],
    *,
    status_name: str,
    kind: Kind,
    event_id: str,
    payload: Mapping[str, Any],
    account: str = "",
) -> RefundTold:
    """``status_name``: the same word has another name in a notice than in an answer."""
    status = text(fields, status_name)
    if status not in REFUND_OUTCOMES:
        raise MalformedNotice(field=status_name)
    return RefundTold(
        provider=PROVIDER,
        kind=kind,
        event_id=event_id,
        out_trade_no=text(fields, "out_trade_no"),
        out_request_no=text(fields, "out_refund_no"),
        refund_no=text(fields, "refund_id"),
        amount=yuan(nested(fields, "amount"), "refund"),
        status=status,
        outcome=REFUND_OUTCOMES[status],
        succeeded_at=moment(fields, "success_time") if status == "SUCCESS" else None,
        payload=payload,
        account=account,
    )
