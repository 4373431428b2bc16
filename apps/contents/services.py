from django.db import transaction
from django.db.models import QuerySet

from apps.contents.models import Content
from apps.goods.store import catalogue


def announce() -> None:
    """Call in the transaction of every change to the home page: from the commit on it is read anew.

    It stands among the catalogue's pages, as it shows the catalogue's menu.
    """
    transaction.on_commit(catalogue.renew)


@transaction.atomic
def show(contents: QuerySet[Content], *, shown: bool) -> int:
    """Switch contents on or off; how many there were."""
    count = contents.update(status=shown)
    announce()
    return count
