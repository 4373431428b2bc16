"""Bring keys, database and demo shop up to date; every step does only what is missing."""

import logging
import os
import sys
from pathlib import Path

import django
import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from meiduo import embedded_redis  # noqa: E402


def main() -> None:
    had_secret = settings.SECRET_KEY_FILE.exists()
    django.setup()
    call_command("make_keys", verbosity=0)
    if not had_secret:
        # Settings were read without the key: read them again.
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606
    if settings.REDIS_URL:
        try:
            redis.from_url(settings.REDIS_URL).ping()
        except redis.RedisError as error:
            raise CommandError(f"the Redis of REDIS_URL does not answer: {error}") from None
    else:
        embedded_redis.find_server()
    # Ours starts afterwards; until then no page is kept that could be outdated.
    logging.getLogger("apps.core.store.pages").setLevel(logging.ERROR)
    for name in ("migrate", "load_areas", "load_demo"):
        call_command(name, verbosity=0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meiduo.settings.dev")
    try:
        main()
    except (
        CommandError,
        DatabaseError,
        ImproperlyConfigured,
        embedded_redis.RedisUnavailableError,
    ) as error:
        raise SystemExit(f"The shop cannot be prepared: {' '.join(str(error).split())}") from None
