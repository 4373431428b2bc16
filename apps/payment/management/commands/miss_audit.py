from typing import Any

from django.core.management.base import BaseCommand

from apps.payment import services


class Command(BaseCommand):
    help = "Mail ADMINS if no nightly audit has come to its end for 26 hours. Beat runs it every morning."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("missing" if services.miss_audit() else "fine")
