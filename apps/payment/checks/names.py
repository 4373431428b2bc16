"""That SHOP_NAME leaves room for the order's number where a provider shows both."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

# Of the 127 that WeChat Pay shows.
MOST_BYTES = 80


@register("payment")
def check_shop_name(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    length = len(settings.SHOP_NAME.strip().encode())
    if not 0 < length <= MOST_BYTES:
        yield Error(
            f"SHOP_NAME has {length} bytes.",
            hint=f"It must have 1 to {MOST_BYTES}; a Chinese character has three.",
            id="payment.E023",
        )
