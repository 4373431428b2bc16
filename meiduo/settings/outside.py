"""Whom we deal with outside: mail, SMS, sign-in with other providers, payment."""

from decimal import Decimal
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from meiduo.settings.environment import BASE_DIR, FRONT_URL, KEYS_DIR, SANDBOX_PORT, SITE_URL, env


def _file(name: str) -> Path | None:
    return BASE_DIR / name if name else None


# --- Mail and SMS ------------------------------------------------------------------------------
ADMINS = [("", address) for address in env.list("ADMINS", default=[])]
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="meiduo@localhost")

SMS_GATEWAY = env.str("SMS_GATEWAY", default="console")
ALIYUN_SMS = {
    "access_key_id": env.str("ALIYUN_SMS_ACCESS_KEY_ID", default=""),
    "access_key_secret": env.str("ALIYUN_SMS_ACCESS_KEY_SECRET", default=""),
    "sign_name": env.str("ALIYUN_SMS_SIGN_NAME", default=""),
    "template": env.str("ALIYUN_SMS_TEMPLATE", default=""),
    "reset_template": env.str("ALIYUN_SMS_RESET_TEMPLATE", default=""),
    "endpoint": env.str("ALIYUN_SMS_ENDPOINT", default="dysmsapi.aliyuncs.com"),
}

# --- Notifications -----------------------------------------------------------------------------
# Whether webhooks may go to plain HTTP and into our own network, where a shop's own ERP may be.
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", default=False)
# How long what was sent, or given up, can be looked at.
NOTIFICATION_DAYS = env.int("NOTIFICATION_DAYS", default=90)

# --- Where parcels are -------------------------------------------------------------------------
# "kuaidi100", "sandbox", or nothing: then no carrier is asked.
TRACKING_GATEWAY = env.str("TRACKING_GATEWAY", default="")
TRACKING = {
    "url": env.str("KUAIDI100_URL", default="https://poll.kuaidi100.com/poll/query.do"),
    "customer": env.str("KUAIDI100_CUSTOMER", default=""),
    "key": env.str("KUAIDI100_KEY", default=""),
}

# What takes its place there.
TRACKING_SANDBOX = {
    "url": env.str("TRACKING_SANDBOX_URL", default="")
    or f"http://127.0.0.1:{SANDBOX_PORT}/poll/query.do",
    "customer": "sandbox",
    "key": "sandbox",
}

# --- Sign-in -----------------------------------------------------------------------------------
# Sign-in with other providers; without its two credentials a provider is not offered. For the test suite, and who
# else runs a stand-in, "server" takes the place of the provider's own address.
SIGN_IN = {
    "qq": {
        "client_id": env.str("QQ_CLIENT_ID", default=""),
        "client_secret": env.str("QQ_CLIENT_SECRET", default=""),
        "callback_url": env.str("QQ_CALLBACK_URL", default="")
        or f"{FRONT_URL}/oauth_callback.html",
    },
    # Not WeChat Pay's: a website application of the open platform has an id of its own.
    "wechat": {
        "client_id": env.str("WEIXIN_LOGIN_APP_ID", default=""),
        "client_secret": env.str("WEIXIN_LOGIN_APP_SECRET", default=""),
        "callback_url": env.str("WEIXIN_LOGIN_CALLBACK_URL", default="")
        or f"{FRONT_URL}/oauth_callback.html?provider=wechat",
    },
    "weibo": {
        "client_id": env.str("WEIBO_CLIENT_ID", default=""),
        "client_secret": env.str("WEIBO_CLIENT_SECRET", default=""),
        "callback_url": env.str("WEIBO_CALLBACK_URL", default="")
        or f"{FRONT_URL}/oauth_callback.html?provider=weibo",
    },
}
# --- Payment -----------------------------------------------------------------------------------
# A provider is a package under apps/payment/gateways and a line here.
_KNOWN_GATEWAYS = {
    "alipay": "apps.payment.gateways.alipay.AlipayGateway",
    "wechatpay": "apps.payment.gateways.wechatpay.WechatPayGateway",
}
PAYMENT_GATEWAYS = {}
for _name in env.list("PAYMENT_PROVIDERS", default=["alipay", "wechatpay"]):
    if _name not in _KNOWN_GATEWAYS:
        raise ImproperlyConfigured(f"PAYMENT_PROVIDERS: there is no provider {_name!r}.")
    PAYMENT_GATEWAYS[_name] = _KNOWN_GATEWAYS[_name]
PAYMENT_MINUTES = env.int("PAYMENT_MINUTES", default=30)
# Money that arrives for an order already paid or canceled goes back by itself; otherwise an operator decides.
REFUND_SURPLUS = env.bool("REFUND_SURPLUS", default=True)
# The share of a payment that a provider keeps, as agreed with it; reconciliation looks at every fee.
PAYMENT_FEE_RATES = {
    "alipay": Decimal(env.str("ALIPAY_FEE_RATE", default="0.006")),
    "wechatpay": Decimal(env.str("WECHATPAY_FEE_RATE", default="0.006")),
}
# Seconds, of either provider.
_TIMEOUTS = {"connect_timeout": 3.0, "read_timeout": 10.0}
ALIPAY = {
    "app_id": env.str("ALIPAY_APP_ID", default="2021000000000001"),
    "seller_id": env.str("ALIPAY_SELLER_ID", default="2088000000000001"),
    "gateway_url": env.str(
        "ALIPAY_GATEWAY_URL", default=f"http://127.0.0.1:{SANDBOX_PORT}/gateway.do"
    ),
    "notify_url": env.str("ALIPAY_NOTIFY_URL", default=f"{SITE_URL}/api/v1/payment/alipay/notify/"),
    "return_url": env.str("ALIPAY_RETURN_URL", default=f"{FRONT_URL}/pay_success.html"),
    "app_private_key": BASE_DIR
    / (env.str("ALIPAY_APP_PRIVATE_KEY", default="") or KEYS_DIR / "alipay_app_private.pem"),
    "alipay_public_key": BASE_DIR
    / (env.str("ALIPAY_PUBLIC_KEY", default="") or KEYS_DIR / "alipay_public.pem"),
    # Certificate mode, without which no money is transferred: all three or none.
    "app_cert": _file(env.str("ALIPAY_APP_CERT", default="")),
    "alipay_cert": _file(env.str("ALIPAY_CERT", default="")),
    "alipay_root_cert": _file(env.str("ALIPAY_ROOT_CERT", default="")),
    **_TIMEOUTS,
}
_APIV3_KEY_FILE = KEYS_DIR / "wechatpay_apiv3_key"
WECHATPAY = {
    "mchid": env.str("WECHATPAY_MCHID", default="1900000001"),
    "app_id": env.str("WECHATPAY_APPID", default="wx0000000000000001"),
    "gateway_url": env.str("WECHATPAY_GATEWAY_URL", default=f"http://127.0.0.1:{SANDBOX_PORT}"),
    "notify_url": env.str(
        "WECHATPAY_NOTIFY_URL", default=f"{SITE_URL}/api/v1/payment/wechatpay/notify/"
    ),
    "return_url": env.str("WECHATPAY_RETURN_URL", default=f"{FRONT_URL}/pay_success.html"),
    "merchant_private_key": BASE_DIR
    / (
        env.str("WECHATPAY_MERCHANT_PRIVATE_KEY", default="")
        or KEYS_DIR / "wechatpay_merchant_private.pem"
    ),
    "merchant_cert": BASE_DIR
    / (env.str("WECHATPAY_MERCHANT_CERT", default="") or KEYS_DIR / "wechatpay_merchant.crt"),
    "apiv3_key": env.str("WECHATPAY_APIV3_KEY", default="")
    or (_APIV3_KEY_FILE.read_text().strip() if _APIV3_KEY_FILE.exists() else ""),
    "public_key": BASE_DIR
    / (env.str("WECHATPAY_PUBLIC_KEY", default="") or KEYS_DIR / "wechatpay_public.pem"),
    # Empty: this merchant has platform certificates only. Both are accepted otherwise.
    "public_key_id": env.str(
        "WECHATPAY_PUBLIC_KEY_ID", default="PUB_KEY_ID_0000000000000000000000000000000001"
    ),
    **_TIMEOUTS,
}
