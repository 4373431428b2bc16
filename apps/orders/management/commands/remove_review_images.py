from typing import Any

from django.core.management.base import BaseCommand

from apps.core.uploads import remove_expired
from apps.orders.models import ReviewImage


class Command(BaseCommand):
    help = "Delete the pictures that were uploaded for reviews which nobody wrote. Beat runs it every hour."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{remove_expired(ReviewImage.objects.all())} pictures removed.")
