"""That PAYMENT_MINUTES is a time in which one can pay."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

# The providers take no attempt that ends within a minute.
LEAST = 2
# Both providers' rule: a QR code is good for two hours, and another one is not given for the same number.
MOST = 120


@register("payment")
def check_minutes(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    if not LEAST <= settings.PAYMENT_MINUTES <= MOST:
        yield Error(
            f"PAYMENT_MINUTES is {settings.PAYMENT_MINUTES}.",
            hint=f"It must be {LEAST} to {MOST}: the providers' codes are good for two hours.",
            id="payment.E022",
        )
