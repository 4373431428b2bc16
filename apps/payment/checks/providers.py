"""That the lines of PAYMENT_GATEWAYS name gateways."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

# A payment's and an event's columns hold the name.
LONGEST_NAME = 20


@register("payment")
def check_providers(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    for provider, path in settings.PAYMENT_GATEWAYS.items():
        if not provider.isidentifier() or len(provider) > LONGEST_NAME:
            yield Error(
                f"PAYMENT_GATEWAYS: {provider!r} is no name for a provider.",
                hint=f"It is a part of addresses: letters, digits and _, at most {LONGEST_NAME}.",
                id="payment.E020",
            )
        try:
            found = import_string(path)
        except ImportError as exc:
            yield _no_gateway(provider, str(exc))
            continue
        if getattr(found, "provider", None) != provider:
            yield _no_gateway(provider, f"{path}.provider is not {provider!r}.")
        elif not hasattr(found, "from_settings"):
            yield _no_gateway(provider, f"{path} has no from_settings().")


def _no_gateway(provider: str, problem: str) -> checks.Error:
    return Error(
        f"PAYMENT_GATEWAYS[{provider!r}] names no gateway: {problem}",
        hint="docs/adding-a-provider.md says what one is.",
        id="payment.E021",
    )
