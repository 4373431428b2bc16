from django.conf import settings

from apps.goods.models import SKU, SKUQuerySet

MOST_THRESHOLDS = 50
"""Thresholds of their own that SKUs have: with more, a query that names each would be the slower one."""
MOST_COUNTED = 100


def low_stock() -> SKUQuerySet:
    """The SKUs on sale that run out. Reads no other rows, however many SKUs there are."""
    own = _own_thresholds()
    if len(own) > MOST_THRESHOLDS:
        return SKU.objects.below_their_own_threshold_or(settings.LOW_STOCK_AT)
    return SKU.objects.low(settings.LOW_STOCK_AT, own=own)


def low_stock_count() -> str:
    """How many there are, "100+" for more."""
    counted = low_stock().order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if counted > MOST_COUNTED else str(counted)


def _own_thresholds() -> list[int]:
    """Each there is among SKUs on sale, by one step in the index from each to the next."""
    found: list[int] = []
    following = SKU.objects.threshold_above(None)
    while following is not None and len(found) <= MOST_THRESHOLDS:
        found.append(following)
        following = SKU.objects.threshold_above(following)
    return found
