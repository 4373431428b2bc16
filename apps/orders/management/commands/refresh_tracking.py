from typing import Any

from django.core.management.base import BaseCommand

from apps.orders.services import refresh_tracking


class Command(BaseCommand):
    help = "Ask the carriers where the parcels are whose time has come. Beat runs it every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        asked = refresh_tracking()
        if asked:
            self.stdout.write(f"{asked} parcels asked after.")
