from apps.payment.serializers.attempts import (
    AttemptSerializer,
    ProviderSerializer,
    StartedSerializer,
    StartPaymentSerializer,
)
from apps.payment.serializers.canceling import CancelSerializer
from apps.payment.serializers.cashier import CashierSerializer, PaidSerializer
from apps.payment.serializers.refunds import RefundSerializer

__all__ = [
    "CancelSerializer",
    "AttemptSerializer",
    "CashierSerializer",
    "PaidSerializer",
    "ProviderSerializer",
    "RefundSerializer",
    "StartPaymentSerializer",
    "StartedSerializer",
]
