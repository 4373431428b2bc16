from typing import Any

from django.core.management.base import BaseCommand

from apps.payment import services


class Command(BaseCommand):
    help = "Ask the providers after unpaid attempts whose time has come. Beat runs it every few seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        asked = services.poll_due_payments()
        if asked:
            self.stdout.write(f"Asked after {asked} payments.")
