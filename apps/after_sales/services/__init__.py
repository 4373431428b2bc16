from apps.after_sales.services.canceled import end_with_order
from apps.after_sales.services.deciding import (
    approve,
    receive_goods,
    reject,
)
from apps.after_sales.services.paying import confirm_cash, refund_approved, settle_otherwise
from apps.after_sales.services.pictures import add_pictures
from apps.after_sales.services.requesting import request_after_sale, withdraw

__all__ = [
    "add_pictures",
    "approve",
    "confirm_cash",
    "end_with_order",
    "receive_goods",
    "refund_approved",
    "reject",
    "request_after_sale",
    "settle_otherwise",
    "withdraw",
]
