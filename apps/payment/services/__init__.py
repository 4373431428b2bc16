from apps.payment.services.asking import ask_provider, check_payment, close_attempt
from apps.payment.services.audit import miss_audit, record_audit
from apps.payment.services.canceling import (
    cancel_own_order,
    cancel_paid,
    cancel_paid_order,
    cancel_unsettled_order,
    close_and_cancel_order,
    follow_cancellations,
)
from apps.payment.services.cash import settle_cash
from apps.payment.services.gate import apply_event
from apps.payment.services.notices import receive_notice
from apps.payment.services.opening import Started, cashier_url, start_payment
from apps.payment.services.overdue import cancel_overdue_orders
from apps.payment.services.polling import poll_due_payments
from apps.payment.services.refund_replacements import (
    give_back_by_hand,
    is_payable_out,
    later_refunds,
    pay_out,
)
from apps.payment.services.refund_requests import (
    confirm_handed_over,
    refund_order,
    refund_payment,
    request_refund,
)
from apps.payment.services.refunding import retry_refund, send_due_refunds, try_refund
from apps.payment.services.returns import confirm_return
from apps.payment.services.transfers import ask_after_transfers

__all__ = [
    "miss_audit",
    "record_audit",
    "Started",
    "apply_event",
    "ask_after_transfers",
    "ask_provider",
    "cancel_overdue_orders",
    "cancel_own_order",
    "cancel_paid",
    "cancel_paid_order",
    "cancel_unsettled_order",
    "cashier_url",
    "check_payment",
    "close_and_cancel_order",
    "close_attempt",
    "confirm_handed_over",
    "confirm_return",
    "follow_cancellations",
    "give_back_by_hand",
    "is_payable_out",
    "later_refunds",
    "pay_out",
    "poll_due_payments",
    "receive_notice",
    "refund_order",
    "refund_payment",
    "request_refund",
    "retry_refund",
    "send_due_refunds",
    "settle_cash",
    "start_payment",
    "try_refund",
]
