from apps.orders.services.checkout import Submission, checkout, order_in_the_way, settle
from apps.orders.services.placing import fill_order, new_order_id, open_order

__all__ = [
    "Submission",
    "checkout",
    "fill_order",
    "new_order_id",
    "open_order",
    "order_in_the_way",
    "settle",
]
