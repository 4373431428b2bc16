from typing import Any

from django.core.management.base import BaseCommand

from apps.exports import services


class Command(BaseCommand):
    help = "Remove the files of exports that are older than EXPORT_DAYS. Beat runs it every night."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = services.remove_old_exports()
        if removed:
            self.stdout.write(f"{removed} files removed.")
