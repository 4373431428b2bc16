from apps.reports.models import BestCategory, BestSKU


def best_skus(days: int) -> list[BestSKU]:
    """The list of this period, the best first, in one statement; so for categories."""
    return list(BestSKU.objects.filter(days=days).select_related("sold").order_by("place"))


def best_categories(days: int) -> list[BestCategory]:
    return list(BestCategory.objects.filter(days=days).select_related("sold").order_by("place"))
