"""Who works differences off is told of them, once each."""

from django.utils.translation import gettext_noop as _

from apps.payment.gateways import name_of
from apps.payment.models import Difference, Statement
from apps.payment.services.alerts import alert


def tell_of_open(statement: Statement) -> None:
    """Alert once for all open differences of a statement that nobody was told of."""
    count = Difference.objects.mark_told(statement.pk)
    if count:
        alert(
            _("Statement %(provider)s %(day)s: differences to be worked off: %(count)s"),
            _(
                "The bill of %(provider)s (account %(account)s) of %(day)s and our books do not agree."
            ),
            count=count,
            **_of(statement),
        )


def tell_of_missing(statement: Statement) -> None:
    """Alert once that a day's bill cannot be had."""
    if Statement.objects.mark_missing_told(statement):
        alert(
            _("Statement %(provider)s %(day)s: no bill"),
            _("The bill of %(provider)s (account %(account)s) of %(day)s cannot be had: %(error)s"),
            error=statement.error,
            **_of(statement),
        )


def _of(statement: Statement) -> dict[str, object]:
    return {
        "provider": name_of(statement.provider),
        "account": statement.account,
        "day": statement.day,
    }
