"""The providers that one may sign in with, as the settings have them."""

from django.conf import settings

from apps.users.exceptions import ProviderNotConfigured
from apps.users.gateways.providers import Identity, SignInProvider

__all__ = ["Identity", "SignInProvider", "sign_in_provider"]


def sign_in_provider(name: str) -> SignInProvider:
    """The provider called ``qq``, ``wechat`` or ``weibo``; raises ProviderNotConfigured."""
    config = settings.SIGN_IN[name]
    if not (config["client_id"] and config["client_secret"]):
        raise ProviderNotConfigured
    return SignInProvider(name, config)
