from apps.payment.services.attempts import (
    cashier_url,
    confirm_alipay_return,
    poll_due_payments,
    receive_alipay_notice,
)
from apps.payment.services.gate import apply_event

__all__ = [
    "apply_event",
    "cashier_url",
    "confirm_alipay_return",
    "poll_due_payments",
    "receive_alipay_notice",
]
