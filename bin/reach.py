"""Fail with one line unless the database and the Redis of the environment answer."""

import os
import sys
import warnings
from pathlib import Path

import django
import redis
from django.db import Error, connection

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    django.setup()
    # What Django warns of before it tries another way is no news beside the error itself.
    warnings.simplefilter("ignore", RuntimeWarning)
    try:
        # Without a database name: the test runner makes its own.
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        raise SystemExit(
            f"The database of DATABASE_URL does not answer: {_one_line(error)}"
        ) from None
    if address := os.environ.get("REDIS_URL"):
        try:
            redis.from_url(address).ping()
        except redis.RedisError as error:
            raise SystemExit(
                f"The Redis of REDIS_URL does not answer: {_one_line(error)}"
            ) from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "meiduo.settings.test"
    main()
