from typing import Any

from django.core.management.base import BaseCommand

from apps.payment import services
from apps.payment.services import reconciliation


class Command(BaseCommand):
    help = (
        "Compare every bill of the last 30 days that has not been compared, and ask after transfers "
        "that may have come back. Beat runs it hourly from half past ten."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for statement in reconciliation.reconcile_due():
            self.stdout.write(f"{statement}: {statement.error or statement.state}")
        if asked := services.ask_after_transfers():
            self.stdout.write(f"{asked} transfers asked after.")
