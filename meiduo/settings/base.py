"""Every setting, each environment value read once, with a default that runs on a laptop.

``dev`` opens up, ``prod`` tightens, ``test`` speeds up. The table of variables is in README.md.
"""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

# python-alipay-sdk reconfigures logging when it is imported, which closes every handler there is.
# Imported here, that happens before Django sets up LOGGING; in a module of apps/ it would undo it.
import alipay  # noqa: F401
import environ
from django.utils.translation import gettext_lazy as _

from meiduo import embedded_redis

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"
KEYS_DIR = BASE_DIR / "keys"
# SQLite and celery beat write here and make no directories themselves.
VAR_DIR.mkdir(mode=0o700, exist_ok=True)

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- The site -----------------------------------------------------------------------------------
PORT = env.int("PORT", default=8000)
SANDBOX_PORT = env.int("SANDBOX_PORT", default=8001)
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")

SECRET_KEY_FILE = KEYS_DIR / "secret_key"
SECRET_KEY = env.str("SECRET_KEY", default="") or (
    SECRET_KEY_FILE.read_text().strip() if SECRET_KEY_FILE.exists() else ""
)
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Whether load_demo may create its logins, whose passwords are in the README.
DEMO_ALLOWED = True

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.core",
    "apps.areas",
    "apps.goods",
    "apps.carts",
    "apps.users",
    "apps.orders",
    "apps.payment",
    "apps.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "meiduo.urls"
WSGI_APPLICATION = "meiduo.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- The database -------------------------------------------------------------------------------
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

# --- Redis: carts, cache and broker may be three servers ----------------------------------------
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
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": env.str("CACHE_REDIS_URL", default="") or _redis_url(1),
        "KEY_PREFIX": REDIS_PREFIX,
        "OPTIONS": _CACHE_OPTIONS,
    },
    # A cart that is down must say so.
    "carts": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": env.str("CART_REDIS_URL", default="") or _redis_url(0),
        "OPTIONS": _REDIS_OPTIONS,
    },
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

# --- Jobs ---------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or _redis_url(2).replace(
    "unix://", "redis+socket://"
).replace("?db=", "?virtual_host=")
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": REDIS_PREFIX} if REDIS_PREFIX else {}
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
}

# --- People -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- The API ------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.core.authentication.StorefrontJWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.parsers.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "apps.core.pagination.StorefrontPagination",
    "DEFAULT_SCHEMA_CLASS": "apps.core.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "apps.core.problems.problem_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SIMPLE_JWT = {
    "AUTH_HEADER_TYPES": ("Bearer", "JWT"),
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", default=24 * 60)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=30)),
    # A changed password makes every token issued before it void.
    "CHECK_REVOKE_TOKEN": True,
    "UPDATE_LAST_LOGIN": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Meiduo Mall API",
    "DESCRIPTION": "The REST API of the shop. Every error is an RFC 9457 problem.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "PayMethodEnum": "apps.orders.models.OrderInfo.PayMethod",
        "PayMethodOnOfferEnum": "apps.orders.serializers.PAY_METHODS_ON_OFFER",
    },
}

# --- Language, time, files ----------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise wants it to be there, even empty
MEDIA_URL = env.str("MEDIA_URL", default="/media/")
MEDIA_ROOT = BASE_DIR / "media"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # The SDK sets its logger to DEBUG and logs what it signs.
        "python-alipay-sdk": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}

# --- The shop -----------------------------------------------------------------------------------
FREIGHT = {
    "flat": Decimal(env.str("FREIGHT_FLAT", default="10.00")),
    "free_from": Decimal(env.str("FREIGHT_FREE_FROM", default="99.00")),
}
ADMINS = [("", address) for address in env.list("ADMINS", default=[])]
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="meiduo@localhost")

PAYMENT_MINUTES = env.int("PAYMENT_MINUTES", default=30)
ALIPAY = {
    "app_id": env.str("ALIPAY_APP_ID", default="2021000000000001"),
    "seller_id": env.str("ALIPAY_SELLER_ID", default="2088000000000001"),
    "gateway_url": env.str(
        "ALIPAY_GATEWAY_URL", default=f"http://127.0.0.1:{SANDBOX_PORT}/gateway.do"
    ),
    "notify_url": env.str("ALIPAY_NOTIFY_URL", default=f"{SITE_URL}/api/v1/payment/alipay/notify/"),
    "return_url": env.str("ALIPAY_RETURN_URL", default=f"{SITE_URL}/pay_success.html"),
    "app_private_key": BASE_DIR
    / (env.str("ALIPAY_APP_PRIVATE_KEY", default="") or KEYS_DIR / "alipay_app_private.pem"),
    "alipay_public_key": BASE_DIR
    / (env.str("ALIPAY_PUBLIC_KEY", default="") or KEYS_DIR / "alipay_public.pem"),
    "connect_timeout": 3.0,
    "read_timeout": 10.0,
}
