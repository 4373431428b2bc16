from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connections, models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimestampedModel
from apps.core.pictures import PictureField
from apps.goods.models.catalogue import Category, Goods
from apps.goods.models.reviewed import Reviewed, ReviewedQuerySet
from apps.goods.models.specification import GoodsSpecification, SpecificationOption

# Units of one SKU. The columns of every database hold twice as many, for what canceled orders give back besides.
MOST_STOCK = 1_000_000_000


@dataclass(frozen=True, order=True)
class Wanted:
    """So many units of a SKU at the price (CNY yuan) that the buyer was shown."""

    sku_id: int
    count: int
    price: Decimal


class SKUQuerySet(ReviewedQuerySet["SKU"]):
    def launched(self) -> "SKUQuerySet":
        return self.filter(is_launched=True)

    def take(self, wanted: Collection[Wanted]) -> bool:
        """Move every line from stock to sales; False if any is short, repriced or withdrawn.

        No row is locked beforehand: the WHERE clause is the lock, and a line it misses was won by another buyer (ADR
        0001). False may leave *some* lines taken: call this in a savepoint and roll that back.

        Rows are updated in primary-key order, so that two buyers never wait for each other in a circle. MySQL, MariaDB
        and SQLite scan ``id IN (…)`` in that order; PostgreSQL promises no order, so there each line is a statement.
        """
        if not wanted:
            raise ValueError("An empty selection would match every SKU.")
        lines = sorted(wanted)
        if connections[self.db].vendor == "postgresql":
            return all(self._take([line]) == 1 for line in lines)
        return self._take(lines) == len(lines)

    def _take(self, lines: list[Wanted]) -> int:
        still_there = Q()
        for line in lines:
            still_there |= Q(pk=line.sku_id, stock__gte=line.count, price=line.price)
        count_of_line = Case(
            *(When(pk=line.sku_id, then=Value(line.count)) for line in lines),
            output_field=models.IntegerField(),
        )
        rows = self.launched().filter(still_there, pk__in=[line.sku_id for line in lines])
        return rows.update(stock=F("stock") - count_of_line, sales=F("sales") + count_of_line)

    def give_back(self, counts: Mapping[int, int]) -> bool:
        """Move units (SKU id → count) from sales back to stock; False if a SKU has not sold that many.

        The mirror of ``take``: rows in primary-key order, and False may leave *some* given back.
        """
        if not counts:
            raise ValueError("Nothing to give back.")
        if connections[self.db].vendor == "postgresql":
            return all(self._give_back({pk: counts[pk]}) == 1 for pk in sorted(counts))
        return self._give_back(counts) == len(counts)

    def _give_back(self, counts: Mapping[int, int]) -> int:
        sold = Q()
        for pk, count in counts.items():
            sold |= Q(pk=pk, sales__gte=count)
        count_of_sku = Case(
            *(When(pk=pk, then=Value(count)) for pk, count in counts.items()),
            output_field=models.IntegerField(),
        )
        rows = self.filter(sold, pk__in=sorted(counts))
        return rows.update(stock=F("stock") + count_of_sku, sales=F("sales") - count_of_sku)

    def receive_and_sell(self, *, received: int, sold: int) -> int:
        """Book the same units received and sold on every SKU of this set; how many SKUs that were.

        For bulk loading: unconditional, so the caller has locked the rows and knows that enough is there.
        """
        return self.update(stock=F("stock") + received - sold, sales=F("sales") + sold)

    def change_stock(self, sku_id: int, change: int) -> bool:
        """Add ``change`` units, negative to remove some; False if fewer than none or too many would be there."""
        has_room = Q(stock__lte=MOST_STOCK - change) if change > 0 else Q(stock__gte=-change)
        return self.filter(has_room, pk=sku_id).update(stock=F("stock") + change) == 1

    def lock(self, sku_ids: Collection[int]) -> "SKUQuerySet":
        """These SKUs as they are now, until the end of the transaction: nobody sells or changes them meanwhile.

        In primary-key order, as ``take`` does it: nobody waits for us in a circle.
        """
        return self.filter(pk__in=sku_ids).order_by("pk").select_for_update()

    def change_stocks(self, changes: Mapping[int, int]) -> int:
        """Add units (SKU id → change) to locked SKUs that have room for them; how many there are."""
        change_of_sku = Case(
            *(When(pk=pk, then=Value(change)) for pk, change in changes.items()),
            output_field=models.IntegerField(),
        )
        return self.filter(pk__in=changes).update(stock=F("stock") + change_of_sku)

    def low(self, threshold: int, *, own: Collection[int]) -> "SKUQuerySet":
        """On sale, with no more units than their own threshold, or ``threshold`` without one.

        ``own`` are all the thresholds that SKUs have: so these are ranges of the index ``sku_by_stock``.
        """
        is_low = Q(low_stock_at=None, stock__lte=threshold)
        for each in own:
            is_low |= Q(low_stock_at=each, stock__lte=each)
        return self._launched_by_index().filter(is_low)

    def below_their_own_threshold_or(self, threshold: int) -> "SKUQuerySet":
        """What ``low`` finds, without knowing the thresholds: reads every SKU that has one of its own."""
        own = Q(low_stock_at__isnull=False, stock__lte=F("low_stock_at"))
        return self._launched_by_index().filter(Q(low_stock_at=None, stock__lte=threshold) | own)

    def threshold_above(self, threshold: int | None) -> int | None:
        """The next higher of the thresholds that SKUs on sale have of their own; the lowest for None."""
        with_own = self._launched_by_index().filter(low_stock_at__isnull=False)
        higher = with_own if threshold is None else with_own.filter(low_stock_at__gt=threshold)
        by_threshold = higher.order_by("low_stock_at").values_list("low_stock_at", flat=True)
        return by_threshold.first()

    def _launched_by_index(self) -> "SKUQuerySet":
        """``is_launched=True`` is a bare column in SQL, whose index neither SQLite nor MariaDB then enters by it."""
        return self.filter(is_launched__in=[True])


class SKU(TimestampedModel, Reviewed):
    """What is put into a cart: one variant of a Goods, with its own price and stock.

    ``stock`` and ``sales`` change only through ``SKUQuerySet``; ``opening_stock`` is what the SKU started with and
    never changes, so that the audit can add up the rest.
    """

    name = models.CharField(_("name"), max_length=100)
    caption = models.CharField(_("caption"), max_length=100, blank=True)
    goods = models.ForeignKey(
        Goods, verbose_name=_("goods"), on_delete=models.PROTECT, related_name="skus"
    )
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="skus"
    )
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    market_price = models.DecimalField(
        _("market price"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)]
    )
    cost_price = models.DecimalField(
        _("cost price"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)]
    )
    opening_stock = models.PositiveIntegerField(_("opening stock"), default=0, editable=False)
    stock = models.PositiveIntegerField(
        _("stock"), default=0, validators=[MaxValueValidator(MOST_STOCK)]
    )
    low_stock_at = models.PositiveIntegerField(
        _("low stock at"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_STOCK)],
        help_text=_(
            "Units at which the SKU is on the list of what runs out; empty: as the shop has it."
        ),
    )
    sales = models.PositiveIntegerField(_("sales"), default=0, editable=False)
    is_launched = models.BooleanField(_("on sale"), default=True)
    default_image = PictureField(_("main image"), upload_to="skus/", blank=True)

    objects = SKUQuerySet.as_manager()

    class Meta:
        verbose_name = _("SKU")
        verbose_name_plural = _("SKUs")
        ordering = ["-id"]
        permissions = [("view_cost_price", _("Can view cost prices"))]
        constraints = [
            models.CheckConstraint(condition=Q(stock__gte=0), name="sku_stock_not_negative"),
            models.CheckConstraint(condition=Q(sales__gte=0), name="sku_sales_not_negative"),
            models.CheckConstraint(condition=Q(price__gt=0), name="sku_price_positive"),
        ]
        # One index per ordering of the category page; each is read in both directions.
        indexes = [
            models.Index(
                fields=["category", "is_launched", "create_time", "id"], name="sku_by_age"
            ),
            models.Index(fields=["category", "is_launched", "price", "id"], name="sku_by_price"),
            models.Index(fields=["category", "is_launched", "sales", "id"], name="sku_by_sales"),
            # What runs out. Not is_launched first: MariaDB would find the rows of ``take`` by it, and lock them in the
            # order of their stock, so that two buyers wait for each other in a circle.
            models.Index(fields=["low_stock_at", "is_launched", "stock"], name="sku_by_stock"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_low(self) -> bool:
        """Whether no more units are there than somebody wants to be told at."""
        own = self.low_stock_at
        return self.stock <= (settings.LOW_STOCK_AT if own is None else own)

    @property
    def default_image_url(self) -> str:
        """The address of the main image, "" without one."""
        return self.default_image.url if self.default_image else ""


class SKUImage(TimestampedModel):
    sku = models.ForeignKey(
        SKU, verbose_name=_("SKU"), on_delete=models.CASCADE, related_name="images"
    )
    image = PictureField(_("image"), upload_to="skus/")
    sequence = models.PositiveSmallIntegerField(_("sequence"), default=0)

    class Meta:
        verbose_name = _("SKU image")
        verbose_name_plural = _("SKU images")
        ordering = ["sequence", "id"]

    def __str__(self) -> str:
        return self.image.name or ""


class SKUSpecification(TimestampedModel):
    """Which option a SKU is, of one of its goods' specifications."""

    sku = models.ForeignKey(
        SKU, verbose_name=_("SKU"), on_delete=models.CASCADE, related_name="specs"
    )
    spec = models.ForeignKey(
        GoodsSpecification, verbose_name=_("specification"), on_delete=models.PROTECT
    )
    option = models.ForeignKey(
        SpecificationOption, verbose_name=_("option"), on_delete=models.PROTECT
    )

    class Meta:
        verbose_name = _("specification of a SKU")
        verbose_name_plural = _("specifications of a SKU")
        ordering = ["spec_id"]
        constraints = [
            models.UniqueConstraint(fields=["sku", "spec"], name="one_option_per_sku_and_spec"),
        ]

    def __str__(self) -> str:
        return f"{self.spec}: {self.option}"

    def clean(self) -> None:
        if self.spec_id and self.spec.goods_id != self.sku.goods_id:
            raise ValidationError({"spec": _("This specification is of another goods.")})
        if self.option_id and self.option.spec_id != self.spec_id:
            raise ValidationError({"option": _("This option is of another specification.")})
