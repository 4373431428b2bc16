from typing import Any

from django.core.management.base import BaseCommand

from apps.orders.services import remove_expired_images


class Command(BaseCommand):
    help = "Delete the pictures that were uploaded for reviews which nobody wrote. Beat runs it every hour."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{remove_expired_images()} pictures removed.")
