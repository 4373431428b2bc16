from typing import Any

from django.core.management.base import BaseCommand

from apps.operators import services


class Command(BaseCommand):
    help = "Delete what was written down of operators' logins LOGIN_DAYS ago. Beat runs it nightly."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = services.remove_old_logins()
        self.stdout.write(f"{removed} login events removed.")
