"""Pictures of a request: uploaded before, and added as long as nobody has decided."""

from collections.abc import Sequence

from django.db import transaction

from apps.after_sales.exceptions import TooManyPictures
from apps.after_sales.models import AfterSale, AfterSalePicture
from apps.after_sales.services.ledger import lock, too_late
from apps.core.transactions import retry_lost_transactions
from apps.orders.exceptions import ImagesNotUsable


@retry_lost_transactions
@transaction.atomic(durable=True)
def add_pictures(after_sale_id: int, picture_ids: Sequence[int]) -> AfterSale:
    """Show the buyer's uploads with a request that waits, behind those that it has.

    Raises NoSuchAfterSale, WrongAfterSaleState once it was decided, TooManyPictures, ImagesNotUsable: then it gets none
    of them. The request is locked: of two who fill it up at once, one is refused.
    """
    after_sale = lock(after_sale_id)
    if not after_sale.may_be_approved:
        raise too_late(after_sale)
    attach_pictures(after_sale, picture_ids)
    return after_sale


def attach_pictures(after_sale: AfterSale, picture_ids: Sequence[int]) -> None:
    """Likewise, in the caller's transaction, in which the request was locked or made."""
    if not picture_ids:
        return
    shown = after_sale.pictures.count()
    if shown + len(picture_ids) > AfterSalePicture.MOST:
        raise TooManyPictures(AfterSalePicture.MOST)
    if not AfterSalePicture.objects.attach(picture_ids, to=after_sale, first=shown):
        raise ImagesNotUsable
