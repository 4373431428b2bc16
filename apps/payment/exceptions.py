from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError, Forged, GatewayError, Missing


class OrderNotPayable(DomainError):
    """Not the buyer's, not waiting for money, or not to be paid through this provider: all the same to a stranger."""

    code = "order_not_payable"
    title = _("There is no such order to pay.")


class BadSignature(Forged):
    code = "bad_signature"
    title = _("Illegal request.")


class MalformedNotice(DomainError):
    code = "malformed_notice"
    title = _("The notice lacks what a notice must say.")


class UnknownPayment(Missing):
    code = "unknown_payment"
    title = _("There is no payment with this number.")


class EventMismatch(DomainError):
    """Signed by the provider, and yet not what we agreed: another app, seller, amount, currency or trade."""

    code = "event_mismatch"
    title = _("The notice does not match the payment.")


class NotPaidYet(Conflict):
    code = "not_paid_yet"
    title = _("The provider has not seen the payment yet.")

    def __init__(self) -> None:
        super().__init__(retry_after=2)


class Unknown(GatewayError):
    """No answer, or none that can be believed: whether money moved is not known. Ask again; never take it as failed."""

    code = "gateway_unknown"


class Rejected(GatewayError):
    """The provider understood and said no."""

    code = "gateway_rejected"

    def __init__(self, code: str, sub_code: str, message: str) -> None:
        self.provider_code = code
        self.sub_code = sub_code
        super().__init__(f"{code} {sub_code}: {message}")


class Misconfigured(GatewayError):
    """The provider does not accept our app id, keys or clock: a person must mend the settings."""

    code = "gateway_misconfigured"
