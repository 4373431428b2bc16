from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.goods.models import SKU, Goods, SKUChange
from apps.goods.store import catalogue


@transaction.atomic
def announce(sku_ids: Iterable[int]) -> None:
    """Call in the transaction of every change to what the catalogue shows; stock, sales and reviews excepted.

    Its pages are read anew from the commit on, and the search index learns of these SKUs.
    """
    SKUChange.objects.note(sku_ids)
    transaction.on_commit(catalogue.renew)


@contextmanager
def announcing(find: Callable[[], QuerySet[SKU]]) -> Iterator[None]:
    """Do what is inside in one transaction and announce the SKUs that ``find`` finds before it or after it."""
    with transaction.atomic():
        before = set(find().values_list("pk", flat=True))
        yield
        announce(before.union(find().values_list("pk", flat=True)))


@transaction.atomic
def put_on_sale(skus: QuerySet[SKU], *, launched: bool) -> None:
    """Launch or withdraw SKUs; carts and settlements say so from the next look on."""
    sku_ids = list(skus.values_list("pk", flat=True))
    skus.update(is_launched=launched, update_time=timezone.now())
    announce(sku_ids)


@transaction.atomic
def count_review(sku: SKU, score: int) -> None:
    """Count a review that is to be seen from now on, for the SKU and for its goods.

    Buyers write reviews all day: as with sales, pages in the cache show the new number when their time is over.
    """
    SKU.objects.count_review(sku.pk, score)
    Goods.objects.count_review(sku.goods_id, score)


@transaction.atomic
def discount_review(sku: SKU, score: int) -> None:
    """Take back a review that was counted, and is not to be seen any more."""
    SKU.objects.discount_review(sku.pk, score)
    Goods.objects.discount_review(sku.goods_id, score)


@transaction.atomic
def save_goods(goods: Goods) -> None:
    """Save a goods, its reviews' counters excepted: they go on changing. Its SKUs stand in the same category."""
    if goods.pk:
        columns = {field.name for field in goods._meta.concrete_fields if not field.primary_key}
        goods.save(update_fields=columns - set(Goods.COUNTERS))
    else:
        goods.save()
    skus = SKU.objects.filter(goods=goods)
    skus.update(category=goods.category)
    announce(skus.values_list("pk", flat=True))


@transaction.atomic
def open_sku(sku: SKU) -> None:
    """Save a new SKU; the stock it has now is its opening stock, and it stands where its goods stands."""
    sku.category = sku.goods.category
    sku.opening_stock = sku.stock
    sku.save(force_insert=True)
    announce([sku.pk])


@transaction.atomic
def choose_main_image(sku: SKU) -> None:
    """Give a SKU without a main image the first of its images."""
    first = sku.images.first()
    if first and SKU.objects.filter(pk=sku.pk, default_image="").update(default_image=first.image):
        announce([sku.pk])


@transaction.atomic
def describe_sku(sku: SKU, changed: list[str]) -> None:
    """Save the named columns of a SKU, and only these: stock, sales and reviews go on changing."""
    sku.category = sku.goods.category
    counted = {"stock", "sales", *SKU.COUNTERS}
    sku.save(update_fields={*changed, "category", "update_time"} - counted)
    announce([sku.pk])
