"""A provider's notices, as they reach us."""

from apps.payment.gateways import gateway
from apps.payment.gateways.interface import Notice, Receipt
from apps.payment.services.gate import apply_event, refuse_mismatch


def receive_notice(provider: str, notice: Notice) -> Receipt:
    """Take in an asynchronous notice; the answer tells the provider that it need not be sent again.

    Raises UnknownProvider, BadSignature, MalformedNotice, UnknownPayment, UnknownRefund, EventMismatch: then the
    provider sends it again, which is what we want while a setting of ours is wrong.
    """
    us = gateway(provider)
    refuse_mismatch(apply_event(us.parse_notice(notice)))
    return us.receipt()
