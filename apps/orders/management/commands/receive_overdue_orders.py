from typing import Any

from django.core.management.base import BaseCommand

from apps.orders.services import receive_overdue_orders


class Command(BaseCommand):
    help = (
        "Take orders as received that were shipped RECEIVE_DAYS ago. Beat runs it every 10 minutes."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        received = receive_overdue_orders()
        if received:
            self.stdout.write(f"{received} orders received.")
