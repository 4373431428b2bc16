from apps.payment.views.attempts import (
    AttemptListView,
    AttemptStatusView,
    AttemptView,
    ProviderListView,
)
from apps.payment.views.canceling import OrderCancelView
from apps.payment.views.cashier import CashierView
from apps.payment.views.notices import NoticeView
from apps.payment.views.refunds import RefundListView
from apps.payment.views.returns import PaymentStatusView, ReturnPage

__all__ = [
    "AttemptListView",
    "AttemptStatusView",
    "AttemptView",
    "CashierView",
    "NoticeView",
    "OrderCancelView",
    "PaymentStatusView",
    "ProviderListView",
    "RefundListView",
    "ReturnPage",
]
