"""The test suite: base, faster, and apart from what `make run` keeps."""

import os

from django.core.management.utils import get_random_secret_key

from meiduo.settings.base import *

SECRET_KEY = get_random_secret_key()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True

# One prefix per pytest-xdist worker: workers share a Redis and never see each other's keys.
REDIS_PREFIX = f"test-{os.getpid()}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}:"
