from apps.invoices.selectors.amounts import (
    amount_due,
    due_of,
    outdated_requests,
    refunds_without_red,
    succeeded_refunds,
    with_due,
)
from apps.invoices.selectors.books import invoice_differences

__all__ = [
    "amount_due",
    "due_of",
    "invoice_differences",
    "outdated_requests",
    "refunds_without_red",
    "succeeded_refunds",
    "with_due",
]
