from typing import Any

from django.core.management.base import BaseCommand

from apps.notifications import services


class Command(BaseCommand):
    help = "Send the SMS, e-mails and webhooks whose time has come. Beat runs it every few seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        tried = services.send_notifications()
        if tried:
            self.stdout.write(f"{tried} messages tried.")
