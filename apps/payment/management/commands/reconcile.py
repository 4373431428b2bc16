from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core.clock import BEIJING
from apps.payment.exceptions import DayNotOver
from apps.payment.models import Difference, Statement
from apps.payment.services import reconciliation


class Command(BaseCommand):
    help = (
        "Compare the providers' bills of a day in Beijing, yesterday unless told otherwise, with our books. Exits 1 if "
        "a bill cannot be had or a difference is to be worked off, and says which."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--date",
            type=_day,
            default=timezone.now().astimezone(BEIJING).date() - timedelta(days=1),
            help="a day in Beijing, YYYY-MM-DD; without it yesterday",
        )
        parser.add_argument(
            "--provider",
            choices=sorted(settings.PAYMENT_GATEWAYS),
            help="this one only; otherwise all that anybody paid through",
        )

        parser.add_argument(
            "--early",
            action="store_true",
            help="today's bill so far, too; the sandbox hands it out if it is told to",
        )

    def handle(self, *args: Any, provider: str | None, **options: Any) -> None:
        day = options["date"]
        providers = [provider] if provider else reconciliation.used_providers()
        troubles = []
        for name in providers:
            try:
                statement = reconciliation.reconcile(name, day, is_early=options["early"])
            except DayNotOver as refusal:
                raise CommandError(
                    f"{day} is not over in Beijing. Its bill is ready the morning after."
                ) from refusal
            troubles += self._report(statement)
        if not providers:
            self.stdout.write("Nobody has paid through any provider yet.")
        if troubles:
            raise CommandError("\n".join(troubles))

    def _report(self, statement: Statement) -> list[str]:
        """Print what was found; what a person must see to."""
        if statement.error:
            return [f"{statement}: the bill cannot be had. {statement.error}"]
        self.stdout.write(
            f"{statement}: {statement.their_payments} payments, {statement.their_payment_amount} "
            f"(ours: {statement.our_payments}, {statement.our_payment_amount}); "
            f"{statement.their_refunds} refunds, {statement.their_refund_amount} "
            f"(ours: {statement.our_refunds}, {statement.our_refund_amount}); "
            f"fees {statement.their_fee} (expected: {statement.our_fee})"
        )
        differences = list(statement.differences.unsettled().order_by("pk"))
        for difference in differences:
            self.stdout.write(
                f"  {difference.state} {difference.type} {difference.kind} "
                f"{difference.out_trade_no} {difference.out_request_no}: "
                f"ours {difference.ours}, theirs {difference.theirs}"
            )
        to_do = sum(each.state == Difference.State.OPEN for each in differences)
        return [f"{statement}: {to_do} differences are to be worked off."] if to_do else []


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no day: YYYY-MM-DD") from None
