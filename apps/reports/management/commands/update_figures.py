from typing import Any

from django.core.management.base import BaseCommand

from apps.reports.services import update_recent_figures


class Command(BaseCommand):
    help = "Count the last days anew, and those the dashboard shows that nobody has counted."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{update_recent_figures()} days counted.")
