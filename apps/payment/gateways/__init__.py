"""The payment providers, as ``settings.PAYMENT_GATEWAYS`` names them. Keys are parsed once per process, here."""

import logging
from functools import cache
from typing import cast

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from apps.payment.exceptions import Misconfigured, UnknownProvider
from apps.payment.gateways.interface import PaymentGateway

logger = logging.getLogger(__name__)


@cache
def gateway(provider: str) -> PaymentGateway:
    """The gateway of a provider. Raises UnknownProvider."""
    if provider not in settings.PAYMENT_GATEWAYS:
        raise UnknownProvider(provider=provider)
    made = import_string(settings.PAYMENT_GATEWAYS[provider]).from_settings()
    return cast("PaymentGateway", made)


def name_of(provider: str) -> str | Promise:
    """What people call a provider, whether or not its keys read; the code of one that the settings do not name.

    Lazy, for an alert is worded in two languages.
    """
    path = settings.PAYMENT_GATEWAYS.get(provider)
    name: str | Promise = import_string(path).name if path else provider
    return name


def product_name_of(provider: str, product: str) -> str:
    """What the provider calls this way to pay; its code where nobody says."""
    path = settings.PAYMENT_GATEWAYS.get(provider)
    offered = import_string(path).products.get(product) if path else None
    return str(offered.name if offered else "") or product


def on_offer() -> list[PaymentGateway]:
    """Every gateway that a buyer can pay through, in the order of the settings; one whose keys do not read is none."""
    made = []
    for provider in settings.PAYMENT_GATEWAYS:
        try:
            made.append(gateway(provider))
        except Misconfigured:
            logger.exception("Nobody can pay through %s", provider)
    return made
