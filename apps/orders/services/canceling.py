"""Orders that come to nothing, and the stock that goes back."""

from django.db import transaction

from apps.core.transactions import retry_lost_transactions
from apps.goods.models import SKU
from apps.orders.models import OrderGoods, OrderInfo


@retry_lost_transactions
@transaction.atomic(durable=True)
def cancel_unpaid_order(order_id: str) -> bool:
    """Cancel an order that waits for money and give its stock back; False if it does not wait (any more).

    Exactly once, whoever tries at the same time: the status in the WHERE clause is the lock. Raises RuntimeError, and
    cancels nothing, if a SKU has sold less than the order holds: the audit names it.
    """
    if not OrderInfo.objects.cancel_unpaid(order_id):
        return False
    counts = dict(OrderGoods.objects.filter(order=order_id).values_list("sku_id", "count"))
    if not SKU.objects.give_back(counts):
        raise RuntimeError(f"Order {order_id} holds more of a SKU than was sold.")
    return True
