from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimestampedModel
from apps.orders.models import OrderInfo


class Provider(models.TextChoices):
    ALIPAY = "alipay", _("Alipay")


class PaymentQuerySet(models.QuerySet["Payment"]):
    def open_for(self, order: OrderInfo, provider: str, *, at: datetime) -> "PaymentQuerySet":
        """Attempts at ``order`` that the buyer can still complete."""
        return self.filter(
            order=order, provider=provider, state=Payment.State.PENDING, expires_at__gt=at
        )

    def due(self, at: datetime) -> "PaymentQuerySet":
        """Unpaid attempts whose provider should be asked now, the longest waiting first."""
        pending = self.filter(state=Payment.State.PENDING, next_query_at__lte=at)
        return pending.order_by("next_query_at")

    def stop_asking(self, payment: "Payment") -> None:
        """The attempt has expired and the provider has given a clear answer since."""
        self.filter(pk=payment.pk, state=Payment.State.PENDING).update(next_query_at=None)

    def claim(self, payment: "Payment", *, next_query_at: datetime) -> bool:
        """Put off the next question; False if another worker did so first."""
        seen = self.filter(
            pk=payment.pk, state=Payment.State.PENDING, next_query_at=payment.next_query_at
        )
        return seen.update(next_query_at=next_query_at, queries=payment.queries + 1) == 1


class Payment(TimestampedModel):
    """One attempt to pay an order, under its own number. ``amount`` (CNY yuan) is what the provider was told.

    ``SURPLUS`` is money that arrived for an order already paid or canceled: to be refunded.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting for the buyer")
        SUCCEEDED = "succeeded", _("paid")
        SURPLUS = "surplus", _("paid, to be refunded")
        CLOSED = "closed", _("closed unpaid")

    order = models.ForeignKey(
        OrderInfo, verbose_name=_("order"), on_delete=models.PROTECT, related_name="payments"
    )
    provider = models.CharField(_("provider"), max_length=20, choices=Provider)
    out_trade_no = models.CharField(_("our number"), max_length=32, unique=True)
    trade_no = models.CharField(  # noqa: DJ001
        _("provider's number"),
        max_length=64,
        null=True,  # unknown until the buyer pays
        blank=True,
    )
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.PENDING)
    expires_at = models.DateTimeField(_("payable until"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    next_query_at = models.DateTimeField(_("next question to the provider"), null=True, blank=True)
    queries = models.PositiveSmallIntegerField(_("questions asked"), default=0)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "trade_no"], name="provider_trade_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
        ]
        indexes = [
            models.Index(fields=["state", "next_query_at"], name="payment_due"),
        ]

    def __str__(self) -> str:
        return self.out_trade_no

    @property
    def paid_amount(self) -> Decimal:
        """What the provider holds for us, CNY yuan."""
        has_money = self.state in {self.State.SUCCEEDED, self.State.SURPLUS}
        return self.amount if has_money else Decimal("0.00")


class PaymentEvent(models.Model):
    """What a provider told us, once per telling; append-only but for the verdict.

    ``payment`` is null when the number is none of ours.
    """

    class Kind(models.TextChoices):
        NOTICE = "notice", _("notice")
        QUERY = "query", _("answer to a question")

    class Verdict(models.TextChoices):
        SETTLED = "settled", _("order paid")
        SURPLUS = "surplus", _("surplus payment")
        CLOSED = "closed", _("attempt closed")
        NO_CHANGE = "no_change", _("nothing to do")
        UNKNOWN_PAYMENT = "unknown_payment", _("unknown number")
        WRONG_APP = "wrong_app", _("another app id")
        WRONG_SELLER = "wrong_seller", _("another seller")
        WRONG_AMOUNT = "wrong_amount", _("another amount")
        WRONG_CURRENCY = "wrong_currency", _("another currency")
        WRONG_TRADE = "wrong_trade", _("another trade")

    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        on_delete=models.PROTECT,
        related_name="events",
        null=True,
        blank=True,
    )
    provider = models.CharField(_("provider"), max_length=20, choices=Provider)
    event_id = models.CharField(_("event number"), max_length=128)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    status = models.CharField(_("status"), max_length=32)
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    payload = models.JSONField(_("what was received"))
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict)
    create_time = models.DateTimeField(_("received"), auto_now_add=True)

    class Meta:
        verbose_name = _("payment event")
        verbose_name_plural = _("payment events")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"
