from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError, Forged, GatewayError, Missing


class OrderNotPayable(DomainError):
    """Not the buyer's, not waiting for money, or not to be paid through this provider.

    ``reason`` says why, to the buyer; a stranger and the storefronts' contract are told none.
    """

    code = "order_not_payable"
    title = _("There is no such order to pay.")
    reasons: ClassVar[dict[str, str | Promise]] = {
        "paid": _("This order is paid already."),
        "canceled": _("This order was canceled."),
        "cash_on_delivery": _("This order is paid in cash on delivery."),
        "expired": _("The time to pay this order is over."),
    }

    def __init__(self, reason: str = "") -> None:
        told = {"reason": reason} if reason else {}
        super().__init__(self.reasons.get(reason), **told)


class BadSignature(Forged):
    code = "bad_signature"
    title = _("Illegal request.")


class MalformedNotice(DomainError):
    code = "malformed_notice"
    title = _("The notice lacks what a notice must say.")


class UnknownProvider(Missing):
    code = "unknown_provider"
    title = _("Nothing is paid through this provider here.")


class UnknownProduct(DomainError):
    code = "unknown_product"
    title = _("The provider does not offer this way to pay.")


class BuyerDetailMissing(DomainError):
    """``missing`` names what this way to pay needs to know of the buyer, such as ``openid``."""

    code = "buyer_detail_missing"
    title = _("This way to pay needs to know more about you.")

    def __init__(self, missing: list[str]) -> None:
        told = _("This way to pay needs to know: %(missing)s.") % {"missing": ", ".join(missing)}
        super().__init__(told, missing=missing)


class BuyerDetailRefused(DomainError):
    """``refused`` names what the provider does not accept of what it was told about the buyer."""

    code = "buyer_detail_refused"
    title = _("The payment provider does not accept what it was told about you.")


class AttemptEnded(Conflict):
    code = "attempt_ended"
    title = _("This attempt to pay has ended. Please go back to your order.")


class TooManyAttempts(Conflict):
    """``limit`` attempts to pay the order may be open at once."""

    code = "too_many_attempts"
    title = _("There are too many attempts to pay this order. Please go on with one of them.")


class UnknownPayment(Missing):
    code = "unknown_payment"
    title = _("There is no payment with this number.")


class UnknownRefund(Missing):
    code = "unknown_refund"
    title = _("There is no refund with this number.")


class NothingToRefund(Conflict):
    """``refundable_amount`` (CNY yuan) is what could still be asked back."""

    code = "nothing_to_refund"
    title = _("More than what is left of the payment cannot be refunded.")


class PaidMeanwhile(Conflict):
    """Who wanted to cancel what nobody had paid has not said that money is to go back."""

    code = "paid_meanwhile"
    title = _("This order was paid in the meantime. Please look at it again.")


class RefundsChanged(Conflict):
    """``refundable_amount`` as above, now."""

    code = "refunds_changed"
    title = _("Refunds were made in the meantime. Please look at the figures again.")


class RefundAmountInvalid(DomainError):
    code = "refund_amount_invalid"
    title = _("A refund is more than nothing and has whole fen.")


class NotPaidOut(Conflict):
    """Only what failed is paid out, only to an account that we know, and only by a provider that transfers money."""

    code = "not_paid_out"
    title = _("This refund cannot be paid out to the payer's account.")


class NotGivenBackByHand(Conflict):
    """Only what failed is given back by hand, and only if neither it nor a transfer in its place has gone otherwise."""

    code = "not_given_back_by_hand"
    title = _("Only a failed refund that was not made good otherwise is given back by hand.")


class NotToBeHandedOver(Conflict):
    code = "not_to_be_handed_over"
    title = _("There is no cash of this refund to be given to the buyer.")


class NotFailedThere(Conflict):
    """``status`` is the provider's word for how a refund stands that we had given up."""

    code = "not_failed_there"
    title = _("The provider does not say that this refund has failed.")


class MadeGoodAlready(Conflict):
    """``out_request_no`` is the refund that was written in place of the failed one."""

    code = "made_good_already"
    title = _("A refund was made good already.")


class RefundedSince(Conflict):
    """``out_request_nos`` are refunds of the same payment, asked for since one failed: perhaps in its place."""

    code = "refunded_since"
    title = _(
        "Other refunds of this payment were asked for since. Confirm that they were for something else."
    )


class EventMismatch(DomainError):
    """Signed by the provider, and yet not what we agreed: another app, seller, amount, currency or trade."""

    code = "event_mismatch"
    title = _("The notice does not match the payment.")


class NotPaidYet(Conflict):
    code = "not_paid_yet"
    title = _("The provider has not seen the payment yet.")

    def __init__(self) -> None:
        super().__init__(retry_after=2)


class DayNotOver(DomainError):
    code = "day_not_over"
    title = _("That day is not over in Beijing. Its bill is ready the morning after.")


class DifferenceSettled(Conflict):
    code = "difference_settled"
    title = _("This difference was settled meanwhile.")


class NoteMissing(DomainError):
    code = "note_missing"
    title = _("Say in at most 500 characters how this was dealt with.")


class Unknown(GatewayError):
    """No answer, or none that can be believed: whether money moved is not known. Ask again; never take it as failed."""

    code = "gateway_unknown"


class Rejected(GatewayError):
    """The provider understood and said no.

    ``is_temporary``: the very same request may be granted later. ``is_number_spent``: nothing is to be had under this
    number any more, so that only another one may do. ``buyer_detail``: it does not accept this of the buyer, such as an
    ``openid``; whoever told it is to mend it.
    """

    code = "gateway_rejected"
    # Often it is something that the buyer sent.
    needs_a_person = False

    def __init__(
        self,
        code: str,
        sub_code: str,
        message: str,
        *,
        is_temporary: bool = False,
        is_number_spent: bool = False,
        buyer_detail: str = "",
    ) -> None:
        self.provider_code = code
        self.sub_code = sub_code
        self.is_temporary = is_temporary
        self.is_number_spent = is_number_spent
        self.buyer_detail = buyer_detail
        super().__init__(f"{code} {sub_code}: {message}")


class BillNotReady(GatewayError):
    """The provider has not finished the bill of that day yet."""

    code = "bill_not_ready"
    needs_a_person = False


class Misconfigured(GatewayError):
    """The provider does not accept our app id, keys or clock: a person must mend the settings."""

    code = "gateway_misconfigured"
