from typing import Any

from django.core.management.base import BaseCommand

from apps.search import services
from apps.search.exceptions import SearchUnavailable


class Command(BaseCommand):
    help = "Bring what changed in the catalogue into the search index. Celery beat runs it every two seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            services.index_changes()
        except SearchUnavailable:
            # The log has said why; what is announced waits for the rebuilt index.
            return
