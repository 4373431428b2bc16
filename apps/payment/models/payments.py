from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TimestampedModel
from apps.orders.models import OrderInfo

CASH = "cash"
"""The provider of payments that an operator took in by hand."""


def _fen_exact(amount: models.expressions.Combinable) -> Round:
    """SQLite reckons in binary fractions, where 0.10 + 0.20 is more than 0.30."""
    money = models.DecimalField(max_digits=10, decimal_places=2)
    return Round(amount, precision=2, output_field=money)


class PaymentQuerySet(models.QuerySet["Payment"]):
    def open_at(self, order: OrderInfo, at: datetime) -> "PaymentQuerySet":
        """Attempts at ``order`` that the buyer can still complete."""
        pending = self.filter(order=order, state=Payment.State.PENDING, is_closing=False)
        return pending.filter(expires_at__gt=at)

    def knowing_other_trades(self, trade_no: str) -> "PaymentQuerySet":
        """Each row tells as ``is_others_trade`` whether another of the same provider has this number there."""
        others = Payment.objects.exclude(pk=OuterRef("pk"))
        same_trade = others.filter(provider=OuterRef("provider"), trade_no=trade_no)
        return self.annotate(is_others_trade=Exists(same_trade))

    def due(self, at: datetime) -> "PaymentQuerySet":
        """Unpaid attempts whose provider should be asked now, the longest waiting first."""
        pending = self.filter(state=Payment.State.PENDING, next_query_at__lte=at)
        return pending.order_by("next_query_at")

    def claim(self, payment: "Payment", *, at: datetime, next_query_at: datetime) -> bool:
        """Put off the next question while this one is asked; False if another worker did so first."""
        seen = self.filter(
            pk=payment.pk, state=Payment.State.PENDING, next_query_at=payment.next_query_at
        )
        asked = {"asked_at": at, "queries": F("queries") + 1}
        return seen.update(next_query_at=next_query_at, **asked) == 1

    def put_off(self, payment: "Payment", *, next_query_at: datetime) -> bool:
        """Plan the next question; False if it has ended, or somebody has planned one since it was claimed."""
        seen = self.filter(
            pk=payment.pk, state=Payment.State.PENDING, next_query_at=payment.next_query_at
        )
        return seen.update(next_query_at=next_query_at) == 1

    def claim_question(self, payment: "Payment", *, at: datetime, unless_since: datetime) -> bool:
        """Note that the provider is asked now, out of turn; False if somebody asked after ``unless_since``."""
        rested = self.filter(
            Q(asked_at__isnull=True) | Q(asked_at__lte=unless_since),
            pk=payment.pk,
            state=Payment.State.PENDING,
        )
        return rested.update(asked_at=at, queries=F("queries") + 1) == 1

    def keep_code(self, payment: "Payment", code: str) -> bool:
        """Keep what the provider gave for an attempt; False if another request did so first."""
        return self.filter(pk=payment.pk, code="").update(code=code) == 1

    def mark_closing(self, payment: "Payment") -> bool:
        """Offer this attempt to nobody any more; False if it has ended."""
        pending = self.filter(pk=payment.pk, state=Payment.State.PENDING)
        return pending.update(is_closing=True) == 1

    def close_others(self, payment: "Payment", *, at: datetime) -> int:
        """The order of ``payment`` needs no more money: its other open attempts are to be closed at their providers."""
        others = self.filter(order=payment.order_id, state=Payment.State.PENDING)
        return others.exclude(pk=payment.pk).update(is_closing=True, next_query_at=at)

    def call_off(self, order: OrderInfo, *, at: datetime) -> int:
        """Nobody needs ``order`` paid any more: what is open is offered to nobody, and asked after from ``at`` on."""
        offered = self.filter(order=order, state=Payment.State.PENDING, is_closing=False)
        return offered.update(is_closing=True, next_query_at=at)

    def close(self, payment: "Payment") -> bool:
        """PENDING → CLOSED: nobody can pay this attempt any more. False if it was settled meanwhile."""
        pending = self.filter(pk=payment.pk, state=Payment.State.PENDING)
        return pending.update(state=Payment.State.CLOSED, next_query_at=None) == 1

    def reserve_refund(self, payment_id: int, amount: Decimal) -> bool:
        """Set ``amount`` (CNY yuan) aside to be paid back; False if less than that is left."""
        enough = self.filter(
            pk=payment_id,
            state__in=Payment.PAID,
            refunded_amount__lte=_fen_exact(F("amount") - amount),
        )
        return enough.update(refunded_amount=_fen_exact(F("refunded_amount") + amount)) == 1

    def release_refund(self, payment_id: int, amount: Decimal) -> bool:
        """A refund of ``amount`` came to nothing: that much may be asked back again."""
        reserved = self.filter(pk=payment_id, refunded_amount__gte=amount)
        return reserved.update(refunded_amount=_fen_exact(F("refunded_amount") - amount)) == 1


class Payment(TimestampedModel):
    """One attempt to pay an order, under its own number. ``amount`` (CNY yuan) is what the provider was told.

    ``SURPLUS`` is money that arrived for an order already paid or canceled: to be refunded. ``settles`` is the order
    that this payment paid, unique: of several payments one settles it. ``refunded_amount`` is what was asked back and
    did not fail, whether it has arrived or is on its way.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting for the buyer")
        SUCCEEDED = "succeeded", _("paid")
        SURPLUS = "surplus", _("paid, to be refunded")
        CLOSED = "closed", _("closed unpaid")

    PAID = (State.SUCCEEDED, State.SURPLUS)

    order = models.ForeignKey(
        OrderInfo, verbose_name=_("order"), on_delete=models.PROTECT, related_name="payments"
    )
    settles = models.OneToOneField(
        OrderInfo,
        verbose_name=_("settles"),
        on_delete=models.PROTECT,
        related_name="settlement",
        null=True,
        editable=False,
    )
    # No choices: providers come by a line in the settings, and a line needs no migration.
    provider = models.CharField(_("provider"), max_length=20)
    account = models.CharField(_("our account"), max_length=64)
    product = models.CharField(_("product"), max_length=20)
    out_trade_no = models.CharField(_("our number"), max_length=32, unique=True)
    trade_no = models.CharField(  # noqa: DJ001
        _("provider's number"),
        max_length=64,
        null=True,  # unknown until the buyer pays
        blank=True,
    )
    # What a provider gives once only: the text of a QR code, a prepay_id.
    code = models.CharField(_("what the provider gave"), max_length=512, blank=True, editable=False)
    # The openid of the only person who can pay this attempt; blank where anybody can. Who did is ``payer``.
    opened_for = models.CharField(_("opened for"), max_length=128, blank=True, editable=False)
    payer = models.CharField(_("payer's account"), max_length=128, blank=True, editable=False)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    refunded_amount = models.DecimalField(
        _("refunded or under way"), max_digits=10, decimal_places=2, default=Decimal("0.00")
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.PENDING)
    is_closing = models.BooleanField(_("to be closed"), default=False)
    expires_at = models.DateTimeField(_("payable until"))
    paid_at = models.DateTimeField(pgettext_lazy("moment", "paid"), null=True, blank=True)
    next_query_at = models.DateTimeField(_("next question to the provider"), null=True, blank=True)
    queries = models.PositiveIntegerField(_("questions asked"), default=0)
    asked_at = models.DateTimeField(_("last question"), null=True, blank=True)

    # Annotated by ``knowing_other_trades``.
    is_others_trade: bool

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "trade_no"], name="provider_trade_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                # Not null besides: a comparison with NULL is no violation.
                condition=Q(state="succeeded", settles__isnull=False, settles=F("order"))
                | ~Q(state="succeeded") & Q(settles__isnull=True),
                name="payment_succeeded_settles_order",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount=0)
                | Q(state__in=["succeeded", "surplus"], refunded_amount__gt=0)
                & Q(refunded_amount__lte=F("amount")),
                name="payment_refunds_within_amount",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_query_at"], name="payment_due"),
            models.Index(fields=["provider", "account", "paid_at"], name="payment_by_day"),
            models.Index(fields=["paid_at"], name="payment_by_moment"),
            # By what the buyer reads on his own bill.
            models.Index(fields=["trade_no"], name="payment_by_trade"),
            models.Index(fields=["amount"], name="payment_by_amount"),
        ]

    def __str__(self) -> str:
        return self.out_trade_no

    @property
    def is_paid(self) -> bool:
        return self.state in self.PAID

    @property
    def paid_amount(self) -> Decimal:
        """What the buyer gave, CNY yuan, whatever was paid back since."""
        return self.amount if self.is_paid else Decimal("0.00")

    @property
    def refundable_amount(self) -> Decimal:
        """What can still be asked back, CNY yuan."""
        return self.paid_amount - self.refunded_amount
