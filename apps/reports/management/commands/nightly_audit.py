from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand

from apps.payment.services import record_audit
from apps.reports.management.commands import audit


class Command(BaseCommand):
    help = "Run the audit, keep its result for the admin, and mail ADMINS if something does not add up."

    def handle(self, *args: Any, **options: Any) -> None:
        run = record_audit(chain.from_iterable(book() for book in audit.BOOKS))
        self.stdout.write(f"{run.difference_count} differences.")
