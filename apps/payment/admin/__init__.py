"""Importing the modules registers what they hold."""

from apps.payment.admin import cash, differences, events, orders, payments, refunds, statements

__all__ = ["cash", "differences", "events", "orders", "payments", "refunds", "statements"]
