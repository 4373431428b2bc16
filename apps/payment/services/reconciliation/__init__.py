"""Every day's bills against our books, in both directions.

A bill is never believed alone: what it says was paid and we do not know is asked after, through the one gate.
"""

from apps.payment.services.reconciliation.due import reconcile_due, used_providers
from apps.payment.services.reconciliation.run import reconcile
from apps.payment.services.reconciliation.working_off import work_off

__all__ = ["reconcile", "reconcile_due", "used_providers", "work_off"]
