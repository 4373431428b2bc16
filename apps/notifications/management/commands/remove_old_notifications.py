from typing import Any

from django.core.management.base import BaseCommand

from apps.notifications import services


class Command(BaseCommand):
    help = "Delete the messages that were sent or given up NOTIFICATION_DAYS ago. Beat runs it nightly."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = services.remove_old_messages()
        self.stdout.write(f"{removed} messages removed.")
