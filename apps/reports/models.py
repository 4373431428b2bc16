from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.goods.models import SKU, Category

MONEY: Any = models.DecimalField(max_digits=14, decimal_places=2)


class DayFiguresQuerySet(models.QuerySet["DayFigures"]):
    def between(self, first: date, last: date) -> "DayFiguresQuerySet":
        """Both days included, the earliest first."""
        return self.filter(day__range=(first, last)).order_by("day")

    def lock(self, day: date) -> None:
        """Let nobody else count this day until the transaction ends; its row is made if there is none."""
        self.select_for_update().get_or_create(day=day)

    def write(self, day: date, **counted: Any) -> None:
        """Write what was counted into a locked day."""
        self.filter(day=day).update(**counted, counted_at=timezone.now())


class DayFigures(models.Model):
    """What happened on one day in Beijing: written by a job, so that nobody who looks has to count orders.

    ``orders`` were placed that day, and ``paid_orders`` of them have been paid by now, whenever. Money counts on the
    day it moved: ``paid_amount`` came in that settled an order, ``refunded_amount`` went back, both CNY yuan.
    """

    day = models.DateField(_("day"), unique=True)
    orders = models.PositiveIntegerField(_("orders"), default=0)
    paid_orders = models.PositiveIntegerField(_("of them paid"), default=0)
    payments = models.PositiveIntegerField(_("payments"), default=0)
    paid_amount = models.DecimalField(_("paid"), max_digits=14, decimal_places=2, default=0)
    refunds = models.PositiveIntegerField(_("refunds"), default=0)
    refunded_amount = models.DecimalField(_("refunded"), max_digits=14, decimal_places=2, default=0)
    new_users = models.PositiveIntegerField(_("new users"), default=0)
    counted_at = models.DateTimeField(_("counted"), auto_now=True)

    objects = DayFiguresQuerySet.as_manager()

    class Meta:
        verbose_name = _("figures of a day")
        verbose_name_plural = _("figures by day")
        ordering = ["-day"]
        permissions = [("view_jobs", _("Can see whether jobs run"))]

    def __str__(self) -> str:
        return str(self.day)


class SKUSalesQuerySet(models.QuerySet["SKUSales"]):
    def between(self, first: date, last: date) -> "SKUSalesQuerySet":
        """Both days included."""
        return self.filter(day__range=(first, last))


class SKUSales(models.Model):
    """What was sold of a SKU on one day in Beijing: written by a job, a row for each that was sold.

    The lines of an order count on the day on which the money came in that settled it, in advance or at the door; of an
    order that is not paid nothing counts. What is canceled or given back later is not taken off: that is the
    ``refunded_amount`` of its own day. So the amounts of a day and the freight of its orders are its ``paid_amount``.
    ``amount`` is CNY yuan.
    """

    # The key is the order on the disk of MySQL: a month is read from one place.
    pk = models.CompositePrimaryKey("day", "sku")
    day = models.DateField(_("day"))
    # No constraint in the database: its lock on the SKU's row is nothing that a buyer should wait for. A SKU that was
    # sold cannot be deleted, because its order lines stay.
    sku = models.ForeignKey(
        SKU,
        verbose_name=_("SKU"),
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    pieces = models.PositiveIntegerField(_("pieces sold"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    objects = SKUSalesQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales of a SKU")
        verbose_name_plural = _("sales by SKU")

    def __str__(self) -> str:
        return f"{self.day} {self.sku_id}"


T = TypeVar("T", bound="BestSeller")


class BestSellerQuerySet(models.QuerySet[T], Generic[T]):
    def replace(self, days: int, last: date, ranked: Iterable[tuple[int, int, Decimal]]) -> None:
        """Make this the list of the period: keys of what was sold with pieces and amount, the best first."""
        self.filter(days=days).delete()
        self.bulk_create(
            self.model(days=days, last=last, place=place, sold_id=key, pieces=pieces, amount=amount)
            for place, (key, pieces, amount) in enumerate(ranked, start=1)
        )


class BestSeller(models.Model):
    """A place in the list of what sold best in the ``days`` up to ``last``, by pieces. ``amount`` is CNY yuan."""

    days = models.PositiveSmallIntegerField(_("days"))
    last = models.DateField(_("up to"))
    place = models.PositiveSmallIntegerField(_("place"))
    pieces = models.PositiveIntegerField(_("pieces sold"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    class Meta:
        abstract = True
        ordering = ["days", "place"]

    def __str__(self) -> str:
        return f"{self.place}"


class BestSKU(BestSeller):
    # Without a constraint for the reason that SKUSales have none.
    sold = models.ForeignKey(
        SKU,
        verbose_name=_("SKU"),
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    objects: Any = BestSellerQuerySet["BestSKU"].as_manager()

    class Meta(BestSeller.Meta):
        verbose_name = _("best-selling SKU")
        verbose_name_plural = _("best-selling SKUs")
        constraints = [
            models.UniqueConstraint(fields=["days", "place"], name="best_sku_by_place"),
        ]


class BestCategory(BestSeller):
    sold = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    objects: Any = BestSellerQuerySet["BestCategory"].as_manager()

    class Meta(BestSeller.Meta):
        verbose_name = _("best-selling category")
        verbose_name_plural = _("best-selling categories")
        constraints = [
            models.UniqueConstraint(fields=["days", "place"], name="best_category_by_place"),
        ]
