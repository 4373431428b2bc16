from typing import Any

from django.core.management.base import BaseCommand

from apps.invoices import services


class Command(BaseCommand):
    help = (
        "Request red letters for recent refunds of what was invoiced, and give open requests the "
        "amount that is left. Beat runs it every minute."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        requested = services.request_red_letters()
        updated = services.update_requests()
        if requested or updated:
            self.stdout.write(f"{requested} red letters requested, {updated} requests updated.")
