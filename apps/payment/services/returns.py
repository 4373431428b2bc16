"""The browser that comes back from a provider: the occasion to ask, and not believed itself."""

from collections.abc import Mapping

from django.core import signing
from django.utils import timezone

from apps.payment.exceptions import AttemptEnded, BadSignature, NotPaidYet, UnknownPayment
from apps.payment.gateways import gateway
from apps.payment.models import Payment
from apps.payment.services.asking import BUYERS_PAUSE, ask_provider

ALIPAY = "alipay"
SALT = "apps.payment.return"


def return_key(payment: Payment) -> str:
    """What the browser carries back from a provider that signs nothing of its own: our number, signed by us."""
    return signing.Signer(salt=SALT).sign(payment.out_trade_no)


def confirm_return(query: Mapping[str, str]) -> Payment:
    """Ask the provider about the payment that a browser comes back from, by the query string it brings.

    Nobody needs a login for it, so the provider is asked no more often than for a buyer who waits. Raises BadSignature,
    MalformedNotice, UnknownPayment, EventMismatch, AttemptEnded, NotPaidYet, GatewayError.
    """
    payment = _returned(query)
    is_closed = payment.state == Payment.State.CLOSED
    if is_closed and "return_key" in query:
        raise AttemptEnded
    now = timezone.now()
    # Alipay signs a return only when it was paid: then even a closed attempt is worth a question.
    if is_closed or Payment.objects.claim_question(
        payment, at=now, unless_since=now - BUYERS_PAUSE
    ):
        ask_provider(payment)
        payment.refresh_from_db()
    if payment.trade_no is None:
        raise NotPaidYet
    return payment


def _returned(query: Mapping[str, str]) -> Payment:
    if "return_key" in query:
        mine = Payment.objects.filter(out_trade_no=_number_in(query["return_key"]))
    else:
        # Alipay signs its return.
        out_trade_no = gateway(ALIPAY).parse_return(query)  # type: ignore[attr-defined]  # Alipay's alone
        mine = Payment.objects.filter(provider=ALIPAY, out_trade_no=out_trade_no)
    payment = mine.first()
    if payment is None:
        raise UnknownPayment
    return payment


def _number_in(key: str) -> str:
    try:
        return signing.Signer(salt=SALT).unsign(key)
    except signing.BadSignature as exc:
        raise BadSignature from exc
