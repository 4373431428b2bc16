from apps.orders.services.canceling import cancel_unpaid_order, cancel_unshipped_order
from apps.orders.services.checkout import Submission, checkout, order_in_the_way, settle
from apps.orders.services.placing import fill_order, new_order_id, open_order
from apps.orders.services.receiving import receive_overdue_orders
from apps.orders.services.reordering import reorder
from apps.orders.services.reviews import (
    hide_reviews,
    reply_to_review,
    review_line,
    show_reviews,
)
from apps.orders.services.shipping import correct_shipment, receive_order, ship_order
from apps.orders.services.steps import refusal, take_step
from apps.orders.services.telling import tell_buyer, tell_of_order
from apps.orders.services.tracking import ask_now, refresh_tracking

__all__ = [
    "Submission",
    "ask_now",
    "cancel_unpaid_order",
    "cancel_unshipped_order",
    "checkout",
    "correct_shipment",
    "fill_order",
    "hide_reviews",
    "new_order_id",
    "open_order",
    "order_in_the_way",
    "receive_order",
    "receive_overdue_orders",
    "refresh_tracking",
    "refusal",
    "reorder",
    "reply_to_review",
    "review_line",
    "settle",
    "ship_order",
    "show_reviews",
    "take_step",
    "tell_buyer",
    "tell_of_order",
]
