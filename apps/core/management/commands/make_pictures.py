from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.files.storage import Storage
from django.core.management.base import BaseCommand, CommandError
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from apps.core import pictures


class Command(BaseCommand):
    help = (
        "Make the sizes that pictures in the database lack. Run it after a size was added, or files were lost. Exits 1 "
        "if a picture itself is gone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            help="Make every size anew, not only those that are missing.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_quiet = options["verbosity"] == 0
        made, gone = 0, []
        for name, storage in tqdm(
            list(kept_pictures()), unit=" pictures", disable=is_quiet or None
        ):
            sides = pictures.SIDES if options["all"] else pictures.missing_sides(name, storage)
            if not sides:
                continue
            try:
                with storage.open(name) as file, Image.open(file) as image:
                    pictures.make_sizes(name, image, storage, sides=sides)
                made += 1
            except (FileNotFoundError, UnidentifiedImageError) as exc:
                gone.append(f"{name}: {exc}")
        if not is_quiet:
            self.stdout.write(f"Sizes were made of {made} pictures.")
        if gone:
            raise CommandError("\n".join(["These cannot be read:", *gone]))


def kept_pictures() -> Iterator[tuple[str, Storage]]:
    """Storage name of every picture in the database that has sizes, once."""
    seen: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, pictures.PictureField):
                for name in model._base_manager.values_list(field.attname, flat=True).distinct():
                    if name not in seen and pictures.has_sizes(name):
                        seen.add(name)
                        yield name, field.storage
