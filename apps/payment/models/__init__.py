from apps.payment.models.audits import AuditRun
from apps.payment.models.cash_orders import CashOrder
from apps.payment.models.events import PaymentEvent
from apps.payment.models.payments import Payment
from apps.payment.models.refunds import Refund
from apps.payment.models.statements import Difference, MovementKind, Statement, StatementLine

__all__ = [
    "AuditRun",
    "CashOrder",
    "Difference",
    "MovementKind",
    "Payment",
    "PaymentEvent",
    "Refund",
    "Statement",
    "StatementLine",
]
