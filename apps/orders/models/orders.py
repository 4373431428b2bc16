from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from random import shuffle
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimestampedModel
from apps.goods.models import SKU
from apps.orders.models import steps
from apps.orders.models.steps import MOVES, Step

LOOK_AGAIN = 20


class OrderInfoQuerySet(models.QuerySet["OrderInfo"]):
    def with_lines(self) -> "OrderInfoQuerySet":
        return self.prefetch_related("skus")

    def with_life(self) -> "OrderInfoQuerySet":
        """With the lines, the steps taken and the parcel: three statements for any number of orders."""
        return self.with_lines().prefetch_related("events").select_related("shipment__carrier")

    def matching(self, text: str) -> "OrderInfoQuerySet":
        """Orders with this number, or with a line whose name contains it. For one buyer's orders: it scans them."""
        lines = OrderGoods.objects.filter(order=OuterRef("pk"), name__icontains=text)
        return self.filter(Q(pk=text) | Exists(lines))

    def counts(self) -> dict[steps.Status, int]:
        """How many are in each state, in one statement."""
        found = dict(self.order_by().values_list("status").annotate(Count("pk")))
        return {status: found.get(status, 0) for status in steps.Status}

    def advance(self, order_id: str, step: Step, **columns: Any) -> bool:
        """Take an order of this set one step further, and set columns with it; False if it is not where that begins.

        The status in the WHERE clause is the lock: of two who try at once, one gets True.
        """
        source, target = MOVES[step]
        there = self.filter(pk=order_id, status=source)
        return there.update(status=target, update_time=timezone.now(), **columns) == 1

    def overdue(self, at: datetime) -> "OrderInfoQuerySet":
        """Orders that have waited for money longer than they may, the oldest first."""
        waiting = self.filter(status=OrderInfo.Status.UNPAID, expires_at__lte=at)
        return waiting.order_by("expires_at", "pk")

    def unconfirmed(self, at: datetime) -> "OrderInfoQuerySet":
        """Orders that have been under way longer than a buyer takes to say that he got them, the oldest first."""
        shipped = self.filter(status=OrderInfo.Status.UNRECEIVED, receive_by__lte=at)
        return shipped.order_by("receive_by", "pk")

    def numbers_in_turn(self, column: str, size: int) -> Iterator[str]:
        """The numbers of these orders by ``column``, read ``size`` at a time; none twice, whatever becomes of it.

        However many there are, the memory is that of one batch, and each batch is a range of the column's index. Within
        a batch the order is everybody's own, and every ``LOOK_AGAIN`` it is asked which of the next ones are still
        among these orders: so several workers at the same batch share it, instead of queueing for each of its rows.
        """
        rows = self.order_by(column, "pk").values_list(column, "pk")
        batch = list(rows[:size])
        while batch:
            yield from self._shared_out([number for _moment, number in batch])
            if len(batch) < size:
                return
            moment, last = batch[-1]
            later = Q(**{f"{column}__gt": moment}) | Q(**{column: moment, "pk__gt": last})
            # The first condition is implied; it is what databases find a range by.
            batch = list(rows.filter(later, **{f"{column}__gte": moment})[:size])

    def _shared_out(self, numbers: list[str]) -> Iterator[str]:
        shuffle(numbers)
        yield from numbers[:LOOK_AGAIN]
        for first in range(LOOK_AGAIN, len(numbers), LOOK_AGAIN):
            some = numbers[first : first + LOOK_AGAIN]
            yield from list(self.order_by().filter(pk__in=some).values_list("pk", flat=True))

    def fully_reviewed(self) -> "OrderInfoQuerySet":
        """Orders without a line that waits for its review.

        Lock an order's row before you trust this: of two buyers' tabs that review the last two lines at once, neither
        sees the other's before it commits, and nobody would finish the order.
        """
        return self.filter(~Exists(OrderGoods.objects.unreviewed().filter(order=OuterRef("pk"))))


class OrderInfo(TimestampedModel):
    """An order, with the address as it was written when the order was placed.

    ``cart_stamp`` is the stamp of the cart it was placed from: unique, so a cart becomes an order once (ADR 0002).
    Amounts are CNY yuan; ``total_amount`` includes ``freight``. Until ``expires_at`` an order waits for its money; null
    is one that is paid on delivery. Once shipped, it counts as received from ``receive_by`` on.
    """

    class PayMethod(models.IntegerChoices):
        CASH = 1, _("cash on delivery")
        ALIPAY = 2, _("Alipay")
        WECHATPAY = 3, _("WeChat Pay")

    Status = steps.Status

    order_id = models.CharField(_("order number"), max_length=24, primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("buyer"),
        on_delete=models.PROTECT,
        related_name="orders",
    )
    cart_stamp = models.CharField(_("cart stamp"), max_length=32, unique=True, editable=False)
    idempotency_key = models.CharField(  # noqa: DJ001
        _("digest of the idempotency key"),
        max_length=64,
        null=True,  # "" could be had only once per buyer
        editable=False,
    )
    request_digest = models.CharField(_("digest of the request"), max_length=64, editable=False)

    receiver = models.CharField(_("receiver"), max_length=20)
    mobile = models.CharField(_("mobile"), max_length=11)
    tel = models.CharField(_("telephone"), max_length=20, blank=True)
    email = models.CharField(_("e-mail"), max_length=30, blank=True)
    province = models.CharField(_("province"), max_length=20)
    city = models.CharField(_("city"), max_length=20)
    district = models.CharField(_("district"), max_length=20)
    place = models.CharField(_("place"), max_length=50)

    total_count = models.PositiveIntegerField(_("units"))
    total_amount = models.DecimalField(_("total amount"), max_digits=10, decimal_places=2)
    freight = models.DecimalField(_("freight"), max_digits=10, decimal_places=2)
    pay_method = models.PositiveSmallIntegerField(_("payment method"), choices=PayMethod)
    status = models.PositiveSmallIntegerField(_("status"), choices=Status)
    expires_at = models.DateTimeField(_("payable until"), null=True, blank=True, editable=False)
    receive_by = models.DateTimeField(
        _("counts as received from"), null=True, blank=True, editable=False
    )

    objects = OrderInfoQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-create_time", "-order_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "idempotency_key"], name="order_idempotency_key_once_per_buyer"
            ),
            models.CheckConstraint(
                condition=Q(freight__gte=0, total_amount__gte=F("freight")),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(condition=Q(total_count__gt=0), name="order_has_units"),
        ]
        indexes = [
            models.Index(fields=["user", "create_time", "order_id"], name="order_by_buyer"),
            models.Index(fields=["status", "expires_at"], name="order_overdue"),
            models.Index(fields=["status", "receive_by"], name="order_unconfirmed"),
            # The operators' lists, whole and by status, from the newest on.
            models.Index(fields=["create_time", "order_id"], name="order_by_age"),
            models.Index(fields=["status", "create_time", "order_id"], name="order_by_status"),
            # What operators are told on the telephone, and what they look for in a bill.
            models.Index(fields=["mobile"], name="order_by_mobile"),
            models.Index(fields=["total_amount"], name="order_by_amount"),
        ]

    def __str__(self) -> str:
        return self.order_id

    @property
    def is_payable(self) -> bool:
        return self.status == self.Status.UNPAID

    @property
    def is_to_be_shipped(self) -> bool:
        return self.status == self.Status.UNSEND


class OrderGoodsQuerySet(models.QuerySet["OrderGoods"]):
    def unreviewed(self) -> "OrderGoodsQuerySet":
        return self.filter(is_commented=False)

    def mark_reviewed(self, line_id: int) -> bool:
        """False if the line was reviewed before."""
        return self.unreviewed().filter(pk=line_id).update(is_commented=True) == 1


class OrderGoods(TimestampedModel):
    """A line of an order, with the SKU's name, image, specification and price as they were sold."""

    order = models.ForeignKey(
        OrderInfo, verbose_name=_("order"), on_delete=models.CASCADE, related_name="skus"
    )
    sku = models.ForeignKey(
        SKU, verbose_name=_("SKU"), on_delete=models.PROTECT, related_name="order_lines"
    )
    name = models.CharField(_("name"), max_length=100)
    image = models.CharField(_("image"), max_length=100, blank=True)
    specification = models.TextField(_("specification"), blank=True)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    count = models.PositiveIntegerField(_("units"))
    is_commented = models.BooleanField(_("reviewed"), default=False, editable=False)

    objects = OrderGoodsQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "sku"], name="one_line_per_order_and_sku"),
            models.CheckConstraint(condition=Q(count__gt=0), name="order_line_has_units"),
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.count}"

    @property
    def amount(self) -> Decimal:
        return self.price * self.count
