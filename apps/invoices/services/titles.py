from typing import Any

from django.db import transaction

from apps.core.exceptions import Missing
from apps.invoices.exceptions import TooManyTitles
from apps.invoices.models import InvoiceTitle
from apps.users.models import User


@transaction.atomic
def add_title(user: User, **fields: Any) -> InvoiceTitle:
    """Give the user one more invoice title; raises TooManyTitles at the limit.

    The user's row is locked: two requests at once cannot both take the last place.
    """
    _lock(user.pk)
    if InvoiceTitle.objects.live().filter(user=user).count() >= InvoiceTitle.LIMIT:
        raise TooManyTitles(limit=InvoiceTitle.LIMIT)
    return InvoiceTitle.objects.create(user=user, **fields)


def edit_title(title: InvoiceTitle, **fields: Any) -> InvoiceTitle:
    """Change these fields and no other column: a title deleted meanwhile stays deleted."""
    for name, value in fields.items():
        setattr(title, name, value)
    title.save(update_fields=[*fields, "update_time"])
    return title


def delete_title(title: InvoiceTitle) -> None:
    """Hide the title; it is nobody's default any more, and what was written to it stays as it is."""
    title.is_deleted, title.default_of = True, None
    title.save(update_fields=["is_deleted", "default_of", "update_time"])


@transaction.atomic
def set_default_title(title: InvoiceTitle) -> None:
    """Make the title its owner's default; raises Missing if it was deleted meanwhile.

    The owner is locked: of two defaults chosen at once the later one stays, and deleting comes before or clears it.
    """
    _lock(title.user_id)
    InvoiceTitle.objects.filter(default_of=title.user_id).update(default_of=None)
    live = InvoiceTitle.objects.live().filter(pk=title.pk)
    if live.update(default_of=title.user_id) != 1:
        raise Missing


def _lock(user_id: int) -> None:
    User.objects.select_for_update().only("pk").get(pk=user_id)
