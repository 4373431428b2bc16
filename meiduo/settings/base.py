"""Every setting, each environment value read once, with a default that runs on a laptop.

``dev`` opens up, ``prod`` tightens, ``test`` speeds up. The table of variables is in README.md.
"""

from datetime import timedelta
from decimal import Decimal

# python-alipay-sdk reconfigures logging when it is imported, which closes every handler there is.
# Imported here, that happens before Django sets up LOGGING; in a module of apps/ it would undo it.
import alipay  # noqa: F401
from django.utils.translation import gettext_lazy as _

from meiduo.settings.admin import *
from meiduo.settings.data import *
from meiduo.settings.environment import *
from meiduo.settings.environment import BASE_DIR, KEYS_DIR, SITE_URL, env
from meiduo.settings.outside import *

# --- The site ----------------------------------------------------------------------------------
SECRET_KEY_FILE = KEYS_DIR / "secret_key"
SECRET_KEY = env.str("SECRET_KEY", default="") or (
    SECRET_KEY_FILE.read_text().strip() if SECRET_KEY_FILE.exists() else ""
)
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Storefronts on other origins, with scheme; their scripts may call /api/ and send the cart's cookie.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key", "if-none-match"]
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CORS_EXPOSE_HEADERS = ["Retry-After", "ETag"]
CORS_URLS_REGEX = r"^/api/"
# "Lax" as long as storefront and API share a registrable domain; else "None", which browsers take over HTTPS only.
CART_COOKIE = {
    "samesite": env.str("CART_COOKIE_SAMESITE", default="Lax"),
    "secure": SITE_URL.startswith("https://"),
}
# How many proxies of ours stand before this server and add to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# Whether load_demo may create its logins, whose passwords are in the README.
DEMO_ALLOWED = True

INSTALLED_APPS = [
    "apps.core",
    # Before the admin, whose pages they look after.
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.exports",
    "apps.verifications",
    "apps.notifications",
    "apps.areas",
    "apps.goods",
    "apps.contents",
    "apps.search",
    "apps.carts",
    "apps.users",
    "apps.orders",
    "apps.payment",
    "apps.after_sales",
    "apps.invoices",
    "apps.reports",
    "auditlog",
    "django_otp",
    "apps.operators.apps.SecondFactorConfig",
    "apps.operators.apps.OperatorsConfig",
    "apps.demo",
]

MIDDLEWARE = [
    # Before all that may answer by itself: a redirect, too, needs these headers.
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "apps.operators.views.gate.Gate",
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

# --- The shop ----------------------------------------------------------------------------------
# What buyers read at the cashiers and in mails, and operators above the admin.
SHOP_NAME = env.str("SHOP_NAME", default="美多商城")
EMAIL_SUBJECT_PREFIX = f"[{SHOP_NAME}] "
FREIGHT = {
    "flat": Decimal(env.str("FREIGHT_FLAT", default="10.00")),
    "free_from": Decimal(env.str("FREIGHT_FREE_FROM", default="99.00")),
}

# Whoever has not said so by then has received what was shipped.
RECEIVE_DAYS = env.int("RECEIVE_DAYS", default=10)
# So many days after he got an order the buyer may ask for money back.
AFTER_SALE_DAYS = env.int("AFTER_SALE_DAYS", default=15)

# Days for which the file of a long export can be downloaded.
EXPORT_DAYS = env.int("EXPORT_DAYS", default=7)

# Units at which a SKU without a threshold of its own is on the list of what runs out.
LOW_STOCK_AT = env.int("LOW_STOCK_AT", default=10)

# --- People ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "mobile", "email", "first_name", "last_name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# The token that one gets for an SMS code. It is worth nothing once the password has changed.
PASSWORD_RESET_TIMEOUT = 600

# --- The API -----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.core.authentication.StorefrontJWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["apps.core.renderers.StorefrontJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.core.negotiation.AnyAccept",
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
        "AfterSaleKindEnum": "apps.after_sales.models.AfterSale.Kind",
        "AfterSaleReasonEnum": "apps.after_sales.models.AfterSale.Reason",
        "AfterSaleStateEnum": "apps.after_sales.models.AfterSale.Standing",
        "InvoiceKindEnum": "apps.invoices.models.Invoice.Kind",
        "InvoiceStateEnum": "apps.invoices.models.Invoice.State",
        "InvoiceTitleKindEnum": "apps.invoices.models.InvoiceTitle.TitleKind",
        "ParcelStateEnum": "apps.orders.models.Shipment.State",
        "PayMethodEnum": "apps.orders.models.OrderInfo.PayMethod",
        # Where every method is on offer, it is the same enumeration.
        **(
            {}
            if "wechatpay" in PAYMENT_GATEWAYS
            else {"PayMethodOnOfferEnum": "apps.orders.serializers.PAY_METHODS_ON_OFFER"}
        ),
    },
}

# --- Language, time, files ---------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["meiduo.formats"]
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise wants it to be there, even empty

DEFAULT_EXCEPTION_REPORTER = "apps.core.reports.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "apps.core.reports.ReportFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"outside_debug": {"()": "django.utils.log.RequireDebugFalse"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "mail_admins": {
            "class": "apps.core.error_mails.ErrorMailHandler",
            "level": "ERROR",
            "filters": ["outside_debug"],
        },
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Django gives it a console of its own while DEBUG is on: every line would be there twice.
        "django": {"handlers": ["mail_admins"], "level": "INFO"},
        # The SDK sets its logger to DEBUG and logs what it signs.
        "python-alipay-sdk": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # Outages, and providers that fail us.
        "apps.core.problems": {"handlers": ["mail_admins"]},
        # Jobs that broke off, and workers that were killed at one.
        "celery.app.trace": {"handlers": ["mail_admins"]},
        "celery.worker.request": {"handlers": ["mail_admins"]},
        # Messages that were given up.
        "apps.notifications": {"handlers": ["mail_admins"]},
        # That nobody tells where parcels are any more.
        "apps.orders.services.tracking": {"handlers": ["mail_admins"]},
        # At DEBUG it logs whole addresses, and some have tokens in them.
        "urllib3": {"level": "INFO"},
    },
}
