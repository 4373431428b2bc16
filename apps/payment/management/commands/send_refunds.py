from typing import Any

from django.core.management.base import BaseCommand

from apps.payment import services


class Command(BaseCommand):
    help = "Send the refunds whose time has come, or ask how they stand. Beat runs it every few seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        tried = services.send_due_refunds()
        if tried:
            self.stdout.write(f"{tried} refunds tried.")
