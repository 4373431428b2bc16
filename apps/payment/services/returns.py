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

    Raises BadSignature, MalformedNotice, UnknownPayment, EventMismatch, AttemptEnded, NotPaidYet, GatewayError.
    """
    payment = _returned(query)
    if _is_worth_asking(payment, is_paid="return_key" not in query):
        ask_provider(payment)
        payment.refresh_from_db()
    if payment.trade_no is None:
        raise NotPaidYet
    return payment


def _is_worth_asking(payment: Payment, *, is_paid: bool) -> bool:
    """Alipay signs a return only when it was paid: such a one is asked after until we know of the money.

    Our own key comes back unpaid as well, with nobody logged in: no more often than a buyer who waits.
    """
    if is_paid:
        return payment.trade_no is None
    if payment.state == Payment.State.CLOSED:
        raise AttemptEnded
    now = timezone.now()
    return Payment.objects.claim_question(payment, at=now, unless_since=now - BUYERS_PAUSE)


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
