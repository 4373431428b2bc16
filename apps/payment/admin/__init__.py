"""Importing the modules registers what they hold."""

from apps.payment.admin import (
    audits,
    cash,
    differences,
    events,
    orders,
    payments,
    refunds,
    statements,
)

__all__ = ["audits", "cash", "differences", "events", "orders", "payments", "refunds", "statements"]
