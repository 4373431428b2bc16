"""What Alipay tells of its own accord: notices, and what a browser carries back. Pure but for whose keys count.

A refund is told at the payment's own address: TRADE_SUCCESS again, or TRADE_CLOSED once all of it is gone.
"""

from collections.abc import Mapping
from typing import Any

from apps.payment.exceptions import BadSignature, MalformedNotice
from apps.payment.gateways.alipay.fields import (
    CHARSETS,
    PROVIDER,
    charset_of,
    form_in,
    is_refunded,
    moment_in,
    required,
)
from apps.payment.gateways.alipay.payments import payment_told
from apps.payment.gateways.alipay.signing import are_signed
from apps.payment.gateways.alipay.trust import Trust
from apps.payment.gateways.interface import Notice, RefundTold, Told


def parse_notice(trust: Trust, notice: Notice) -> Told:
    """Raises BadSignature, MalformedNotice."""
    declared = charset_of(notice.body)
    charset = declared if declared in CHARSETS else "utf-8"
    form = form_in(notice.body, charset)
    if not are_signed(form, trust.keys(), charset=charset):
        raise BadSignature
    if charset != declared:
        raise MalformedNotice(field="charset")
    given: dict[str, Any] = {
        "kind": "notice",
        # The same for every repetition, another for every other event.
        "event_id": required(form, "notify_id"),
        "app_id": required(form, "app_id"),
        "account": required(form, "seller_id"),
    }
    # Without the refund's number nobody can say which refund it was; then it still tells how the payment stands.
    if is_refunded(form) and form.get("out_biz_no"):
        return _refund_told(form, given)
    payer = form.get("buyer_id") or form.get("buyer_open_id") or ""
    return payment_told(form, paid_at=form.get("gmt_payment"), payer=payer, **given)


def parse_return(trust: Trust, query: Mapping[str, str]) -> str:
    """The number in a browser's return; it says nothing of money. Raises BadSignature, MalformedNotice."""
    if not are_signed(query, trust.keys()):
        raise BadSignature
    return required(query, "out_trade_no")


def _refund_told(form: Mapping[str, str], given: Mapping[str, Any]) -> RefundTold:
    return RefundTold(
        provider=PROVIDER,
        out_trade_no=required(form, "out_trade_no"),
        out_request_no=required(form, "out_biz_no"),
        refund_no="",
        # refund_fee is the sum of all refunds of the trade.
        amount=None,
        status=required(form, "trade_status"),
        outcome="succeeded",
        succeeded_at=moment_in(form.get("gmt_refund")),
        payload=dict(form),
        **given,
    )
