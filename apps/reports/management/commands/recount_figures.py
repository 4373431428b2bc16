from typing import Any

from django.core.management.base import BaseCommand

from apps.reports.services import recount_figures


class Command(BaseCommand):
    help = "Count every day that the dashboard shows anew."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{recount_figures()} days counted.")
