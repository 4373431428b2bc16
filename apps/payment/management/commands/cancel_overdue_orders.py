from typing import Any

from django.core.management.base import BaseCommand

from apps.payment import services


class Command(BaseCommand):
    help = "Cancel the orders that nobody paid in time and give their stock back. Beat runs it every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        canceled = services.cancel_overdue_orders()
        if canceled:
            self.stdout.write(f"{canceled} orders canceled.")
