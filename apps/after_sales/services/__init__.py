from apps.after_sales.services.deciding import (
    approve,
    receive_goods,
    refund_received,
    reject,
)
from apps.after_sales.services.requesting import request_after_sale, withdraw

__all__ = [
    "approve",
    "receive_goods",
    "refund_received",
    "reject",
    "request_after_sale",
    "withdraw",
]
