"""Orders that come to nothing, and the stock that goes back."""

from django.db import transaction

from apps.core.transactions import retry_lost_transactions
from apps.goods.models import SKU
from apps.orders.models import OrderGoods, Step
from apps.orders.services.steps import take_step, take_step_or_refuse
from apps.orders.services.telling import tell_canceled
from apps.users.models import User


@retry_lost_transactions
@transaction.atomic(durable=True)
def cancel_unpaid_order(order_id: str, *, by: User | None = None, reason: str = "") -> bool:
    """Cancel an order that waits for money and give its stock back; False if it does not wait (any more).

    ``by`` None: its time is over. Exactly once, whoever tries at the same time. Raises RuntimeError, and cancels
    nothing, if a SKU has sold less than the order holds: the audit names it.
    """
    if not take_step(order_id, Step.CANCEL_UNPAID, by_id=by.pk if by else None, reason=reason):
        return False
    _give_back_stock(order_id)
    tell_canceled(order_id, reason)
    return True


def cancel_unshipped_order(order_id: str, *, by: User, reason: str) -> None:
    """Cancel an order that was to be shipped and give its stock back; its money is the caller's to give back.

    Call it in the transaction that writes down the refund. Raises WrongState, NoSuchOrder; RuntimeError as above.
    """
    take_step_or_refuse(order_id, Step.CANCEL_UNSHIPPED, by_id=by.pk, reason=reason)
    _give_back_stock(order_id)
    tell_canceled(order_id, reason)


def _give_back_stock(order_id: str) -> None:
    counts = dict(OrderGoods.objects.filter(order=order_id).values_list("sku_id", "count"))
    if not SKU.objects.give_back(counts):
        raise RuntimeError(f"Order {order_id} holds more of a SKU than was sold.")
