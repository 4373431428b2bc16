"""What reaches us from outside: a provider's notice, and a browser that comes back from one."""

from collections.abc import Mapping

from apps.payment.exceptions import NotPaidYet, UnknownPayment
from apps.payment.gateways import gateway
from apps.payment.gateways.interface import Notice, Receipt
from apps.payment.models import Payment
from apps.payment.services.asking import ask_provider
from apps.payment.services.gate import apply_event, refuse_mismatch

ALIPAY = "alipay"


def receive_notice(provider: str, notice: Notice) -> Receipt:
    """Take in an asynchronous notice; the answer tells the provider that it need not be sent again.

    Raises UnknownProvider, BadSignature, MalformedNotice, UnknownPayment, UnknownRefund, EventMismatch: then the
    provider sends it again, which is what we want while a setting of ours is wrong.
    """
    us = gateway(provider)
    refuse_mismatch(apply_event(us.parse_notice(notice)))
    return us.receipt()


def confirm_alipay_return(query: Mapping[str, str]) -> Payment:
    """Ask Alipay about the payment that a browser comes back from; the browser itself is not believed.

    Raises BadSignature, MalformedNotice, UnknownPayment, EventMismatch, NotPaidYet, GatewayError.
    """
    out_trade_no = gateway(ALIPAY).parse_return(query)  # type: ignore[attr-defined]  # Alipay's alone
    payment = Payment.objects.filter(provider=ALIPAY, out_trade_no=out_trade_no).first()
    if payment is None:
        raise UnknownPayment
    if payment.trade_no is None:
        ask_provider(payment)
        payment.refresh_from_db()
    if payment.trade_no is None:
        raise NotPaidYet
    return payment
