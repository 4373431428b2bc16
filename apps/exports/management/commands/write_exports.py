from typing import Any

from django.core.management.base import BaseCommand

from apps.exports import services


class Command(BaseCommand):
    help = "Write the exports that wait into files. Beat runs it every few seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        written = services.write_exports()
        if written:
            self.stdout.write(f"{written} exports written.")
