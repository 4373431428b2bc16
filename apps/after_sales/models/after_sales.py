from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TimestampedModel
from apps.orders.models import OrderGoods, OrderInfo
from apps.payment.models import Refund


class State(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("after-sale", "requested")
    APPROVED = "approved", pgettext_lazy("after-sale", "approved")
    RECEIVED = "received", pgettext_lazy("after-sale", "goods received")
    REFUNDED = "refunded", pgettext_lazy("after-sale", "refund written down")
    REJECTED = "rejected", pgettext_lazy("after-sale", "rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("after-sale", "withdrawn")
    SETTLED = "settled", pgettext_lazy("after-sale", "settled otherwise")


class Standing(models.TextChoices):
    """What is shown of a state: of a request whose refund is written down, how the money fares."""

    REQUESTED = "requested", State.REQUESTED.label
    APPROVED = "approved", State.APPROVED.label
    RECEIVED = "received", State.RECEIVED.label
    REFUNDING = "refunding", pgettext_lazy("after-sale", "refund under way")
    REFUND_FAILED = (
        "refund_failed",
        pgettext_lazy("after-sale", "refund failed, being looked after"),
    )
    REFUNDED = "refunded", pgettext_lazy("after-sale", "refunded")
    REJECTED = "rejected", State.REJECTED.label
    WITHDRAWN = "withdrawn", State.WITHDRAWN.label
    SETTLED = "settled", State.SETTLED.label


class Kind(models.TextChoices):
    CANCEL = "cancel", pgettext_lazy("after-sale", "cancel the order")
    REFUND_ONLY = "refund", pgettext_lazy("after-sale", "refund only")
    RETURN = "return", pgettext_lazy("after-sale", "return and refund")


class AfterSaleQuerySet(models.QuerySet["AfterSale"]):
    """Every step is one conditional UPDATE; it says False if the request is not where the step begins."""

    def with_standing(self) -> "AfterSaleQuerySet":
        """With all that ``standing`` looks at, in three statements more."""
        return self.prefetch_related(MONEY)

    def approve(self, after_sale_id: int, amount: Decimal) -> bool:
        """REQUESTED → APPROVED, with so many CNY yuan."""
        asked = self.filter(state=State.REQUESTED)
        return asked._go(after_sale_id, State.APPROVED, amount_approved=amount)

    def reject(self, after_sale_id: int) -> bool:
        """REQUESTED, or APPROVED and the goods never came → REJECTED."""
        return self.filter(state__in=UNDECIDED)._go(after_sale_id, State.REJECTED)

    def withdraw(self, after_sale_id: int) -> bool:
        """REQUESTED, APPROVED → WITHDRAWN."""
        return self.filter(state__in=UNDECIDED)._go(after_sale_id, State.WITHDRAWN)

    def receive(self, after_sale_id: int) -> bool:
        """APPROVED → RECEIVED, of those whose goods come back."""
        waiting = self.filter(state=State.APPROVED, kind=Kind.RETURN)
        return waiting._go(after_sale_id, State.RECEIVED)

    def refund(self, after_sale_id: int, refund: Refund | None) -> bool:
        """RECEIVED, or APPROVED without goods → REFUNDED; null is nothing, of a canceled order."""
        ready = self.filter(
            Q(state=State.RECEIVED) | Q(state=State.APPROVED) & ~Q(kind=Kind.RETURN)
        )
        amount = refund.amount if refund else Decimal(0)
        return ready._go(after_sale_id, State.REFUNDED, refund=refund, amount_approved=amount)

    def settle(self, after_sale_id: int) -> bool:
        """REQUESTED, APPROVED, RECEIVED → SETTLED."""
        return self.filter(state__in=OPEN)._go(after_sale_id, State.SETTLED)

    def _go(self, after_sale_id: int, state: State, **columns: Any) -> bool:
        there = self.filter(pk=after_sale_id)
        return there.update(state=state, update_time=timezone.now(), **columns) == 1


# What ``standing`` looks at.
MONEY = "refund__payment__refunds"
UNDECIDED = (State.REQUESTED, State.APPROVED)
REFUND_KEY = "after-sale "
OPEN = (*UNDECIDED, State.RECEIVED)
ENDED_WITHOUT = (State.REJECTED, State.WITHDRAWN)


class AfterSale(TimestampedModel):
    """What a buyer asks of an order that he has paid: to cancel it, or money back for some of it.

    ``amount_asked`` and ``amount_approved`` are CNY yuan; the second is null until it is approved. ``refund`` is what
    pays it out, unique: a request is refunded once. It is null if nothing was left of a canceled order's money, and of
    a request that was settled otherwise.
    """

    Kind = Kind
    State = State
    Standing = Standing

    class Reason(models.TextChoices):
        CHANGED_MIND = "changed_mind", _("no longer wanted")
        DAMAGED = "damaged", _("damaged or defective")
        WRONG = "wrong", _("not what was ordered")
        MISSING = "missing", _("parts are missing, or all of it")
        LATE = "late", _("too late")
        OTHER = "other", pgettext_lazy("after-sale", "something else")

    LONGEST_WORDS = 500
    MOST_PER_ORDER = 20

    number = models.CharField(_("request number"), max_length=32, unique=True)
    order = models.ForeignKey(
        OrderInfo, verbose_name=_("order"), on_delete=models.PROTECT, related_name="after_sales"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("buyer"),
        on_delete=models.PROTECT,
        related_name="after_sales",
    )
    kind = models.CharField(pgettext_lazy("after-sale", "kind"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    words = models.CharField(_("in the buyer's words"), max_length=LONGEST_WORDS, blank=True)
    amount_asked = models.DecimalField(_("amount asked for"), max_digits=10, decimal_places=2)
    amount_approved = models.DecimalField(
        _("amount approved"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    refund = models.OneToOneField(
        Refund,
        verbose_name=_("refund"),
        on_delete=models.PROTECT,
        related_name="after_sale",
        null=True,
        blank=True,
    )
    idempotency_key = models.CharField(  # noqa: DJ001
        _("digest of the idempotency key"),
        max_length=64,
        null=True,  # "" could be had only once per buyer
        editable=False,
    )
    request_digest = models.CharField(
        _("digest of the request"), max_length=64, blank=True, editable=False
    )

    objects = AfterSaleQuerySet.as_manager()

    class Meta:
        verbose_name = _("after-sale request")
        verbose_name_plural = _("after-sale requests")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "idempotency_key"], name="after_sale_key_once_per_buyer"
            ),
            models.CheckConstraint(condition=Q(amount_asked__gt=0), name="after_sale_asks_money"),
            models.CheckConstraint(
                # A canceled order gives back all that is left, also if that is more by now.
                condition=Q(amount_approved__isnull=True)
                | Q(kind="cancel", amount_approved__gte=0)
                | Q(amount_approved__gt=0, amount_approved__lte=F("amount_asked")),
                name="after_sale_approved_within_asked",
            ),
            models.CheckConstraint(
                condition=Q(state="requested", amount_approved__isnull=True)
                | Q(state__in=["approved", "received", "refunded"], amount_approved__isnull=False)
                | Q(state__in=["rejected", "withdrawn", "settled"]),
                name="after_sale_approved_has_amount",
            ),
            models.CheckConstraint(
                condition=Q(state="refunded", refund__isnull=False)
                | Q(state="refunded", kind="cancel", amount_approved=0)
                | ~Q(state="refunded") & Q(refund__isnull=True),
                name="after_sale_refunded_has_refund",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "kind", "id"], name="after_sale_by_state"),
            models.Index(fields=["user", "id"], name="after_sale_by_buyer"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def standing(self) -> models.TextChoices:
        """Where the request stands, and once its refund is written down, how that or what came in its place fares."""
        if self.state != State.REFUNDED or self.refund is None:
            return Standing(self.state)
        tries = [self.refund]
        for each in sorted(self.refund.payment.refunds.all(), key=lambda refund: refund.pk):
            if each.in_place_of in {str(earlier) for earlier in tries}:
                tries.append(each)
        states = {each.state for each in tries}
        if Refund.State.SUCCEEDED in states:
            return Standing.REFUNDED
        return Standing.REFUND_FAILED if states == {Refund.State.FAILED} else Standing.REFUNDING

    @property
    def refund_key(self) -> str:
        """A payment has one refund with it, so none is paid twice. No digest of an Idempotency-Key looks like it."""
        return f"{REFUND_KEY}{self.number}"

    @property
    def may_be_withdrawn(self) -> bool:
        return self.state in UNDECIDED

    @property
    def may_be_approved(self) -> bool:
        return self.state == State.REQUESTED

    @property
    def may_be_received(self) -> bool:
        return self.state == State.APPROVED and self.kind == Kind.RETURN

    @property
    def may_be_refunded(self) -> bool:
        """It was granted, and if goods had to come they are here; the money has not gone back."""
        is_granted = self.state == State.APPROVED and self.kind != Kind.RETURN
        return is_granted or self.state == State.RECEIVED

    @property
    def may_be_handed_over(self) -> bool:
        return self.refund is not None and self.refund.is_to_be_handed_over

    @property
    def may_be_settled(self) -> bool:
        return self.state in OPEN


class AfterSaleLineQuerySet(models.QuerySet["AfterSaleLine"]):
    def taken(self, order_id: str) -> dict[int, int]:
        """How many units of each line of an order are asked for by requests that wait or were granted.

        Trust it only while the order's row is locked.
        """
        counting = self.filter(line__order=order_id).exclude(after_sale__state__in=ENDED_WITHOUT)
        sums = counting.order_by().values("line").annotate(units=Sum("count"))
        return dict(sums.values_list("line", "units"))


class AfterSaleLine(models.Model):
    """How many units of an order's line a request is about; ``sellable`` of them went back on sale."""

    after_sale = models.ForeignKey(
        AfterSale,
        verbose_name=_("after-sale request"),
        on_delete=models.CASCADE,
        related_name="lines",
    )
    line = models.ForeignKey(
        OrderGoods,
        verbose_name=_("order line"),
        on_delete=models.PROTECT,
        related_name="after_sale_lines",
    )
    count = models.PositiveIntegerField(_("units"))
    sellable = models.PositiveIntegerField(_("of them sellable"), null=True, blank=True)

    objects = AfterSaleLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of an after-sale request")
        verbose_name_plural = _("lines of after-sale requests")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["after_sale", "line"], name="after_sale_has_each_line_once"
            ),
            models.CheckConstraint(condition=Q(count__gt=0), name="after_sale_line_has_units"),
            models.CheckConstraint(
                condition=Q(sellable__isnull=True) | Q(sellable__lte=F("count")),
                name="after_sale_sellable_came_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line.name} × {self.count}"

    @property
    def amount(self) -> Decimal:
        """What the units cost, CNY yuan."""
        return self.line.price * self.count
