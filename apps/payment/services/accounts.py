"""What was begun with one account is never judged by another's word: it does not know our numbers there."""

from django.utils.translation import gettext as _

from apps.payment.exceptions import Misconfigured
from apps.payment.gateways import gateway
from apps.payment.gateways.interface import PaymentGateway
from apps.payment.models import Payment


def gateway_of(payment: Payment) -> PaymentGateway:
    """The gateway of the account that a payment was begun with. Raises UnknownProvider, and as below."""
    us = gateway(payment.provider)
    refuse_other_account(us, payment.account)
    return us


def refuse_other_account(us: PaymentGateway, account: str) -> None:
    """Raise Misconfigured, which names both, if the settings name another account than this."""
    if us.account != account:
        raise Misconfigured(
            _(
                "This belongs to our account %(account)s of %(provider)s; the settings name %(ours)s."
            )
            % {"account": account, "provider": us.name, "ours": us.account}
        )
