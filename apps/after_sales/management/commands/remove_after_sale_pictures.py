from typing import Any

from django.core.management.base import BaseCommand

from apps.after_sales.models import AfterSalePicture
from apps.core.uploads import remove_expired


class Command(BaseCommand):
    help = "Delete the pictures that were uploaded for after-sale requests which nobody made. Beat runs it every hour."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{remove_expired(AfterSalePicture.objects.all())} pictures removed.")
