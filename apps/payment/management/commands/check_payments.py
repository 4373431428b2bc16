from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from apps.payment.exceptions import Misconfigured, Unknown
from apps.payment.gateways import gateway


class Command(BaseCommand):
    help = (
        "Ask every payment provider after a number that cannot exist: the answer proves that the numbers, keys and the "
        "clock are right. Nobody pays anything, and nothing is written here. Exits 1 and says what to mend."
    )
    # What is wrong without asking anybody is said first, and more clearly.
    requires_system_checks = ["payment"]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "provider",
            nargs="*",
            help=f"which to ask, of {', '.join(settings.PAYMENT_GATEWAYS)}; all, if none is named",
        )

    @no_translations  # or half of what is said would be in another language than the rest
    def handle(self, *args: Any, provider: list[str], **options: Any) -> None:
        unknown = set(provider) - set(settings.PAYMENT_GATEWAYS)
        if unknown:
            raise CommandError(f"PAYMENT_GATEWAYS has no {', '.join(sorted(unknown))}.")
        wrong = 0
        for name in provider or settings.PAYMENT_GATEWAYS:
            complaint = _complaint(name)
            wrong += bool(complaint)
            self.stdout.write(f"{name}: {complaint or 'fine'}")
        if wrong:
            raise CommandError(f"{wrong} of the payment providers cannot be used like this.")


def _complaint(provider: str) -> str:
    """What is wrong with our account at a provider; "" if nothing is."""
    try:
        gateway(provider).check_credentials(at=timezone.now())
    except Misconfigured as exc:
        return str(exc)
    except Unknown as exc:
        return f"no answer that can be believed, so that nothing is proved ({exc})"
    return ""
