"""Where things are kept: database, Redis, cache, queue, search index, pictures."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.schedules import crontab

from meiduo import embedded_redis, media
from meiduo.settings.environment import BASE_DIR, SITE_URL, VAR_DIR, env

# --- The database ------------------------------------------------------------------------------
DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/meiduo.sqlite3"),
}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # A writer queues at BEGIN for up to 5 s instead of failing halfway; orders queue again, three times.
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
elif DATABASES["default"]["ENGINE"].endswith("mysql"):
    DATABASES["default"]["OPTIONS"] = {
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        "init_command": "SET sql_mode='STRICT_TRANS_TABLES', innodb_lock_wait_timeout=5",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: carts, cache and broker may be three servers ---------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
REDIS_PREFIX = env.str("REDIS_PREFIX", default="")
REDIS_DATA_DIR = Path(env.str("REDIS_DATA_DIR", default=str(VAR_DIR)))


def _redis_url(database: int) -> str:
    """The address of one logical database of ``REDIS_URL``, or of the server started by us."""
    if REDIS_URL:
        return f"{REDIS_URL.rstrip('/')}/{database}"
    return embedded_redis.url(REDIS_DATA_DIR, database=database)


_REDIS_OPTIONS = {
    "SOCKET_CONNECT_TIMEOUT": 1,
    "SOCKET_TIMEOUT": 2,
    "CONNECTION_POOL_KWARGS": {"health_check_interval": 30},
}
_CACHE_OPTIONS = {
    **_REDIS_OPTIONS,
    "SOCKET_TIMEOUT": 0.3,
    # A cache that is down is a slow page, not an error.
    "IGNORE_EXCEPTIONS": True,
}
_KEPT = {
    "BACKEND": "django_redis.cache.RedisCache",
    "LOCATION": env.str("CART_REDIS_URL", default="") or _redis_url(0),
    "OPTIONS": _REDIS_OPTIONS,
}
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": env.str("CACHE_REDIS_URL", default="") or _redis_url(1),
        "KEY_PREFIX": REDIS_PREFIX,
        "OPTIONS": _CACHE_OPTIONS,
    },
    # Carts, and codes and counters: when these are down they must say so.
    "carts": _KEPT,
    "codes": _KEPT,
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
# How far stock, sales and review counts on the shop's pages may lag behind; 0 reads every page anew.
PAGE_CACHE_SECONDS = env.int("PAGE_CACHE_SECONDS", default=60)

# --- Jobs --------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or _redis_url(2).replace(
    "unix://", "redis+socket://"
).replace("?db=", "?virtual_host=")
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": REDIS_PREFIX} if REDIS_PREFIX else {}
if CELERY_BROKER_URL.startswith("redis"):
    # A broker that takes connections and says nothing must not hold a request or a job for ever. A worker waits for
    # its next task a second at a time.
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"socket_connect_timeout": 1, "socket_timeout": 5}
# What waits for a mail server or an SMS gateway is apart from money, and search from both: a worker for each queue.
CELERY_TASK_ROUTES = {
    "apps.payment.tasks.alert_operators": {"queue": "notifications"},
    "operators.mail_operator": {"queue": "notifications"},
    "users.send_verification_mail": {"queue": "notifications"},
    "verifications.deliver_sms_code": {"queue": "notifications"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "poll-payments": {
        "task": "core.run_command",
        "args": ["poll_payments"],
        "schedule": timedelta(seconds=5),
        # A run that could not start in time is worth nothing: the next one sees the same rows.
        "options": {"expires": 5},
    },
    "send-refunds": {
        "task": "core.run_command",
        "args": ["send_refunds"],
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "send-notifications": {
        "task": "core.run_command",
        "args": ["send_notifications"],
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5, "queue": "notifications"},
    },
    "remove-old-notifications": {
        "task": "core.run_command",
        "args": ["remove_old_notifications"],
        "schedule": crontab(hour=3, minute=40),
    },
    "remove-old-logins": {
        "task": "core.run_command",
        "args": ["remove_old_logins"],
        "schedule": crontab(hour=3, minute=50),
    },
    "cancel-overdue-orders": {
        "task": "core.run_command",
        "args": ["cancel_overdue_orders"],
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "receive-overdue-orders": {
        "task": "core.run_command",
        "args": ["receive_overdue_orders"],
        "schedule": timedelta(minutes=10),
        "options": {"expires": 10 * 60},
    },
    # It waits for a server outside, as mails do.
    "refresh-tracking": {
        "task": "core.run_command",
        "args": ["refresh_tracking"],
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60, "queue": "notifications"},
    },
    # Bills are ready in the morning. Hourly until the evening: a provider may be late, and so may we.
    "reconcile-due": {
        "task": "core.run_command",
        "args": ["reconcile_due"],
        "schedule": crontab(hour="10-22", minute=30),
    },
    # While the shop is quiet; what is placed between two of its statements is no difference, for each is whole.
    "nightly-audit": {
        "task": "core.run_command",
        "args": ["nightly_audit"],
        "schedule": crontab(hour=3, minute=20),
    },
    # Well after it: an audit that was killed, or hangs, says nothing itself.
    "miss-audit": {
        "task": "core.run_command",
        "args": ["miss_audit"],
        "schedule": crontab(hour=5, minute=30),
    },
    "update-figures": {
        "task": "core.run_command",
        "args": ["update_figures"],
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "recount-figures": {
        "task": "core.run_command",
        "args": ["recount_figures"],
        "schedule": crontab(hour=3, minute=50),
    },
    "index-changes": {
        "task": "core.run_command",
        "args": ["index_changes"],
        "schedule": timedelta(seconds=2),
        "options": {"expires": 2, "queue": "search"},
    },
    # Sales are not announced: the order of best sellers is last night's.
    "rebuild-index": {
        "task": "core.run_command",
        "args": ["rebuild_index"],
        "schedule": crontab(hour=4, minute=10),
        "options": {"queue": "search"},
    },
    "request-red-letters": {
        "task": "core.run_command",
        "args": ["request_red_letters"],
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "find-missed-red-letters": {
        "task": "core.run_command",
        "args": ["find_missed_red_letters"],
        "schedule": crontab(hour=4, minute=40),
    },
    "write-exports": {
        "task": "core.run_command",
        "args": ["write_exports"],
        "schedule": timedelta(seconds=10),
        "options": {"expires": 10, "queue": "exports"},
    },
    "remove-old-exports": {
        "task": "core.run_command",
        "args": ["remove_old_exports"],
        "schedule": crontab(hour=4, minute=20),
    },
    "remove-review-images": {
        "task": "core.run_command",
        "args": ["remove_review_images"],
        "schedule": timedelta(hours=1),
    },
    "remove-after-sale-pictures": {
        "task": "core.run_command",
        "args": ["remove_after_sale_pictures"],
        "schedule": timedelta(hours=1),
    },
}

# --- Search ------------------------------------------------------------------------------------
# Empty: the engine inside the shop, whose index lies in SEARCH_DIR.
SEARCH_URL = env.str("SEARCH_URL", default="")
SEARCH_DIR = Path(env.str("SEARCH_DIR", default=str(VAR_DIR / "search")))

# --- Pictures ----------------------------------------------------------------------------------
MEDIA_STORAGE = env.str("MEDIA_STORAGE", default="local")
# A storefront of another origin would look for "/media/…" at its own. A bucket has an address of its own.
MEDIA_URL = env.str("MEDIA_URL", default="") or (
    "/media/" if MEDIA_STORAGE == "s3" else f"{SITE_URL}/media/"
)
MEDIA_ROOT = BASE_DIR / "media"
S3 = {
    "bucket_name": env.str("S3_BUCKET", default=""),
    "endpoint_url": env.str("S3_ENDPOINT_URL", default=""),
    "region_name": env.str("S3_REGION", default=""),
    "access_key": env.str("S3_ACCESS_KEY_ID", default=""),
    "secret_key": env.str("S3_SECRET_ACCESS_KEY", default=""),
    "addressing_style": env.str("S3_ADDRESSING_STYLE", default="auto"),
    "signature_version": env.str("S3_SIGNATURE_VERSION", default=""),
    "location": env.str("S3_PREFIX", default=""),
    "default_acl": env.str("S3_ACL", default=""),
    "querystring_auth": env.bool("S3_SIGNED_URLS", default=False),
}
# Files that are for some people only, such as invoices. Every machine must find the same ones there.
PRIVATE_ROOT = VAR_DIR / "private"
S3_PRIVATE_BUCKET = env.str("S3_PRIVATE_BUCKET", default="")
STORAGES: dict[str, dict[str, Any]] = {
    "default": media.storage(MEDIA_STORAGE, s3=S3, media_url=MEDIA_URL),
    "private": media.private_storage(S3_PRIVATE_BUCKET, s3=S3, directory=PRIVATE_ROOT),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
