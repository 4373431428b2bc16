from collections.abc import Iterable

from django.db import models


class SKUChangeQuerySet(models.QuerySet["SKUChange"]):
    def note(self, sku_ids: Iterable[int]) -> None:
        """Write down that the catalogue shows these SKUs differently from the end of this transaction on."""
        self.bulk_create([self.model(sku_id=sku_id) for sku_id in sku_ids], batch_size=1000)

    def oldest(self, count: int) -> dict[int, int]:
        """The SKU ids of the first that were noted, by the ids of the notes."""
        return dict(self.order_by("pk").values_list("pk", "sku_id")[:count])

    def forget(self, notes: Iterable[int]) -> None:
        """Remove these notes and none that came later, of the same SKUs neither."""
        self.filter(pk__in=list(notes)).delete()


class SKUChange(models.Model):
    """A SKU that the search index does not show as it is yet.

    Written in the transaction of the change itself, so that none is lost; removed by id when it has been indexed. No
    foreign key: the row must not lock the SKU's, and outlives it.
    """

    sku_id = models.PositiveBigIntegerField()

    objects = SKUChangeQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.sku_id)
