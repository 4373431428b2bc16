"""What can be seen to be wrong with the sign-in settings without calling anybody."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

VARIABLES = {
    "qq": ("QQ_CLIENT_ID", "QQ_CLIENT_SECRET", "QQ_CALLBACK_URL"),
    "wechat": (
        "WEIXIN_LOGIN_APP_ID",
        "WEIXIN_LOGIN_APP_SECRET",
        "WEIXIN_LOGIN_CALLBACK_URL",
    ),
    "weibo": ("WEIBO_CLIENT_ID", "WEIBO_CLIENT_SECRET", "WEIBO_CALLBACK_URL"),
}


@register("users")
def check_sign_in(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    for provider, config in settings.SIGN_IN.items():
        id_variable, secret_variable, callback_variable = VARIABLES[provider]
        if bool(config["client_id"]) != bool(config["client_secret"]):
            there, missing = id_variable, secret_variable
            if config["client_secret"]:
                there, missing = missing, there
            yield Error(
                f"{there} is set and {missing} is not: nobody can sign in with {provider}.",
                hint="docs/sign-in.md says where to find both. Set both, or neither.",
                id="users.E001",
            )
        address = urlsplit(config["callback_url"])
        if address.scheme not in {"http", "https"} or not address.netloc or address.fragment:
            yield Error(
                f"{callback_variable} is {config['callback_url']!r}.",
                hint="It must be the whole address of a page of the storefront, as registered with the provider.",
                id="users.E002",
            )


@register("users", deploy=True)
def check_sign_in_deployment(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    for provider, config in settings.SIGN_IN.items():
        if not config["client_id"]:
            continue
        callback_variable = VARIABLES[provider][2]
        if urlsplit(config["callback_url"]).scheme != "https":
            yield checks.Warning(
                f"{provider} sends people and their codes back over plain HTTP, to {config['callback_url']}.",
                hint=f"Set FRONT_URL, or {callback_variable}, to an address with https://.",
                id="users.W001",
            )
        if config.get("server"):
            yield checks.Warning(
                f"{provider} is not asked who signs in, but {config['server']}.",
                hint='Take "server" out of SIGN_IN: whoever answers there can be anybody here.',
                id="users.W002",
            )
