"""What an operator cancels by himself ends what its buyer asked of it."""

from decimal import Decimal

from apps.after_sales.models import AfterSale
from apps.after_sales.models.after_sales import UNDECIDED
from apps.after_sales.services.ledger import note
from apps.payment.models import Refund
from apps.users.models import User

Kind, State = AfterSale.Kind, AfterSale.State


def end_with_order(order_id: str, refund: Refund | None, by: User, reason: str) -> None:
    """Grant the cancellation that waits for an order, which is canceled in the caller's transaction, with its refund.

    The order's row is locked by the caller. The buyer is told of the canceled order, and not once more of this.
    """
    waiting = AfterSale.objects.filter(order=order_id, kind=Kind.CANCEL, state__in=UNDECIDED)
    for after_sale in waiting.select_for_update():
        came_from = after_sale.state
        if AfterSale.objects.approve(after_sale.pk, refund.amount if refund else Decimal(0)):
            note(after_sale, State.APPROVED, by=by, words=reason, came_from=came_from)
            came_from = State.APPROVED
        if AfterSale.objects.refund(after_sale.pk, refund):
            note(after_sale, State.REFUNDED, by=by, words=str(refund or ""), came_from=came_from)
