"""Bring keys, database and demo shop up to date; every step does only what is missing."""

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    had_secret = bool(settings.SECRET_KEY_FILE.exists())
    django.setup()
    call_command("make_keys", verbosity=0)
    if not had_secret:
        # Settings were read without the key: read them again.
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606
    for name in ("migrate", "load_areas", "load_demo"):
        call_command(name, verbosity=0)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meiduo.settings.dev")
    main()
