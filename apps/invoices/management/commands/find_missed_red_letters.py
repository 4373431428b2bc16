from typing import Any

from django.core.management.base import BaseCommand

from apps.invoices import services


class Command(BaseCommand):
    help = (
        "Request red letters for refunds, however old, that no invoice of their order knows of. "
        "Beat runs it every night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        requested = services.find_missed_red_letters()
        if requested:
            self.stdout.write(f"{requested} red letters requested.")
