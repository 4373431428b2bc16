from django.db import transaction

from apps.areas.store import areas


def announce() -> None:
    """Call in the transaction of every change to areas: from the commit on their pages are read anew."""
    transaction.on_commit(areas.renew)
