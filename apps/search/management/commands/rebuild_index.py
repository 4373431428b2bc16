import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.search import services
from apps.search.exceptions import SearchUnavailable
from apps.search.gateways import engine


class Command(BaseCommand):
    help = (
        "Build the search index anew from the database, beside the one in use, and put it in its place when it is "
        "whole. Also mends an index that is missing or damaged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-missing", action="store_true", help="do nothing where an index can be searched"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_quiet = options["verbosity"] == 0
        started = time.perf_counter()
        try:
            if options["if_missing"] and engine().is_ready():
                return
            with tqdm(total=services.sku_count(), unit=" SKUs", disable=is_quiet or None) as bar:
                count = services.rebuild(bar.update)
        except (SearchUnavailable, OSError) as error:
            raise CommandError(
                f"The index could not be built: {error.__cause__ or error}"
            ) from error
        if not is_quiet:
            self.stdout.write(f"{count} SKUs indexed in {time.perf_counter() - started:.1f} s.")
