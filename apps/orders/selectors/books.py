"""What the audit adds up: stock against sales, orders against their lines, counters against reviews."""

from collections import defaultdict
from collections.abc import Iterator

from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Round

from apps.goods.models import SCORES, SKU, Goods, Reviewed, StockMovement
from apps.orders.models import OrderGoods, OrderInfo, Review

BATCH = 10_000
"""SKUs or goods whose reviews are counted in one statement."""


def stock_differences() -> Iterator[str]:
    """Every SKU whose opening stock + movements − sales is not its stock, or whose sales are not what orders sold."""
    live = OrderGoods.objects.exclude(order__status=OrderInfo.Status.CANCELED)
    books = SKU.objects.annotate(
        moved=_total(StockMovement.objects.filter(sku=OuterRef("pk")), "sku", F("change")),
        sold=_total(live.filter(sku=OuterRef("pk")), "sku", F("count")),
    )
    right = Q(stock=F("opening_stock") + F("moved") - F("sold"), sales=F("sold"))
    for sku in _wrong(books, right).only("opening_stock", "stock", "sales").iterator():
        expected = sku.opening_stock + sku.moved - sku.sold
        yield (
            f"SKU {sku.pk}: opening {sku.opening_stock} + movements {sku.moved} - sold {sku.sold} "
            f"= {expected}, but stock is {sku.stock} and sales are {sku.sales}"
        )


def order_differences() -> Iterator[str]:
    """Every order whose lines do not add up to its total and its units."""
    lines = OrderGoods.objects.filter(order=OuterRef("pk"))
    money = models.DecimalField(max_digits=20, decimal_places=2)
    lines_amount = _total(lines, "order", F("price") * F("count"), output_field=money)
    books = OrderInfo.objects.annotate(
        # SQLite adds up in binary fractions; rounded to the fen the sum is exact there too.
        expected=Round(lines_amount + F("freight"), precision=2, output_field=money),
        lines_count=_total(lines, "order", F("count")),
    )
    right = Q(total_amount=F("expected"), total_count=F("lines_count"))
    for order in _wrong(books, right).only("total_amount", "total_count").iterator():
        yield (
            f"order {order.pk}: lines + freight are {order.expected:.2f} for {order.lines_count} units, "
            f"but the order says {order.total_amount} for {order.total_count}"
        )


def review_differences() -> Iterator[str]:
    """Every SKU and goods whose counters are not its visible reviews; and what is reviewed and does not say so."""
    yield from _miscounted(SKU, "sku")
    yield from _miscounted(Goods, "goods")
    written = Exists(Review.objects.filter(line=OuterRef("pk")))
    for line in OrderGoods.objects.filter(~Q(is_commented=written)).only("order_id", "sku_id"):
        yield f"order {line.order_id}: SKU {line.sku_id} is not marked as it was reviewed"
    unreviewed = OrderGoods.objects.unreviewed().filter(order=OuterRef("pk"))
    done = OrderInfo.objects.filter(~Exists(unreviewed), status=OrderInfo.Status.UNCOMMENT)
    for order_id in done.values_list("pk", flat=True):
        yield f"order {order_id}: every line is reviewed, but it is not finished"


def _miscounted(model: type[Reviewed], column: str) -> Iterator[str]:
    """Batch by batch in the order of the keys: that asks one range of an index, and keeps little in memory."""
    counters = model._default_manager.order_by("pk").values_list("pk", *Reviewed.COUNTERS)
    visible = Review.objects.visible().order_by().values_list(column, "score")
    last = 0
    while batch := list(counters.filter(pk__gt=last)[:BATCH]):
        in_batch = visible.filter(**{f"{column}__gt": last, f"{column}__lte": batch[-1][0]})
        seen: dict[int, dict[int, int]] = defaultdict(dict)
        for pk, score, count in in_batch.annotate(count=Count("pk")):
            seen[pk][score] = count
        for pk, *counted in batch:
            by_score = [seen[pk].get(score, 0) for score in SCORES] if pk in seen else [0] * 5
            if counted != [sum(by_score), *by_score]:
                yield f"{model.__name__} {pk}: its visible reviews are {by_score}, but it counts {counted}"
        last = batch[-1][0]


def _wrong(books: QuerySet, right: Q) -> QuerySet:
    # Not exclude(): that turns a NULL, which is wrong as well, into a row that is passed over.
    is_right = Case(When(right, then=Value(True)), default=Value(False))
    wrong: QuerySet = books.annotate(is_right=is_right).filter(is_right=False)
    return wrong


def _total(
    rows: QuerySet,
    by: str,
    amount: models.expressions.Combinable,
    output_field: models.Field | None = None,
) -> Coalesce:
    """The sum over the rows of one parent, 0 without any."""
    field = output_field or models.IntegerField()
    one = rows.order_by().values(by).annotate(total=Sum(amount, output_field=field))
    return Coalesce(Subquery(one.values("total"), output_field=field), Value(0), output_field=field)
