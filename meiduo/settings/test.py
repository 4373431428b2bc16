"""The test suite: base, faster, and apart from everything that `make run` keeps."""

import os
import tempfile

# Before base reads it: every pytest process has a Redis of its own, which tests/conftest.py starts.
os.environ["REDIS_DATA_DIR"] = f"{tempfile.gettempdir()}/meiduo-test-{os.getpid()}"
# Where Django's test client finds us; pictures and links are addressed to it.
os.environ["SITE_URL"] = "http://testserver"

from django.core.management.utils import get_random_secret_key

from meiduo import media
from meiduo.settings.base import *

SECRET_KEY = get_random_secret_key()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
MEDIA_ROOT = REDIS_DATA_DIR / "media"
PRIVATE_ROOT = REDIS_DATA_DIR / "private"
STORAGES["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
STORAGES["private"] = media.private_storage("", s3={}, directory=PRIVATE_ROOT)
SEARCH_URL = ""
SEARCH_DIR = REDIS_DATA_DIR / "search"

# With REDIS_URL the processes share a server: none may see another's keys.
REDIS_PREFIX = f"test-{os.getpid()}:"
CACHES["default"]["KEY_PREFIX"] = REDIS_PREFIX
