from typing import Any

from django.core.management.base import BaseCommand

from apps.reports.services import update_recent_figures


class Command(BaseCommand):
    help = "Count today and yesterday anew: what the dashboard shows."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{update_recent_figures()} days counted.")
