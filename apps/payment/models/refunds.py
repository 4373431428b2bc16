from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TimestampedModel
from apps.payment.models.payments import Payment

# What a refund that was written in place of a failed one has for its request_key: this, and the failed one's number.
TRANSFER = "payout:"
BY_HAND = "by-hand:"


class RefundQuerySet(models.QuerySet["Refund"]):
    def unfinished(self) -> "RefundQuerySet":
        return self.filter(state__in=Refund.UNFINISHED)

    def due(self, at: datetime) -> "RefundQuerySet":
        """Refunds whose provider should be called or asked now, the longest waiting first."""
        return self.unfinished().filter(next_try_at__lte=at).order_by("next_try_at")

    def claim(self, refund: "Refund", *, at: datetime, next_try_at: datetime) -> bool:
        """Put off the next try; False if it is not due, another worker did so first, or it has ended."""
        seen = self.unfinished().filter(pk=refund.pk, next_try_at=refund.next_try_at)
        due = seen.filter(next_try_at__lte=at)
        return due.update(next_try_at=next_try_at, tried_at=at, tries=F("tries") + 1) == 1

    def reschedule(self, refund: "Refund", *, next_try_at: datetime) -> bool:
        """Try at another time, if nobody has claimed or changed it since ``refund`` was read."""
        seen = self.unfinished().filter(pk=refund.pk, next_try_at=refund.next_try_at)
        return seen.update(next_try_at=next_try_at) == 1

    def put_off(self, refund: "Refund", *, next_try_at: datetime, **written: str) -> bool:
        """Write what a try came to and when the next one is; False if it has ended."""
        unfinished = self.unfinished().filter(pk=refund.pk)
        return unfinished.update(next_try_at=next_try_at, **written) == 1

    def alert_again(self, refund: "Refund", *, at: datetime, unless_since: datetime) -> bool:
        """Note that the operators are told now; False if they were after ``unless_since``."""
        silent = Q(alerted_at__isnull=True) | Q(alerted_at__lte=unless_since)
        return self.unfinished().filter(silent, pk=refund.pk).update(alerted_at=at) == 1


class Refund(TimestampedModel):
    """Money to be paid back, written down before the provider is called. ``amount`` is CNY yuan.

    ``out_request_no`` is sent with every try, so that however often it is tried the money moves once. ``UNKNOWN``: a
    try was answered with nothing that can be believed, so the provider is asked before it is tried again. ``FAILED``
    is final; another refund has another number.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("requested")
        PROCESSING = "processing", _("under way")
        UNKNOWN = "unknown", _("outcome unknown")
        SUCCEEDED = "succeeded", _("refunded")
        FAILED = "failed", _("failed")

    class Cause(models.TextChoices):
        OPERATOR = "operator", _("by an operator")
        SURPLUS = "surplus", _("paid too much")

    class Channel(models.TextChoices):
        ORIGINAL = "original", _("the way it came")
        PAYOUT = "payout", _("transfer to the payer's account")
        CASH = "cash", _("by hand")

    UNFINISHED = (State.REQUESTED, State.PROCESSING, State.UNKNOWN)

    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="refunds"
    )
    out_request_no = models.CharField(
        pgettext_lazy("refund", "our number"), max_length=40, unique=True
    )
    refund_no = models.CharField(
        pgettext_lazy("refund", "provider's number"), max_length=64, blank=True
    )
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=80)
    cause = models.CharField(_("cause"), max_length=20, choices=Cause)
    channel = models.CharField(
        pgettext_lazy("refund", "channel"), max_length=20, choices=Channel, default=Channel.ORIGINAL
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.REQUESTED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    request_key = models.CharField(  # noqa: DJ001
        _("digest of the idempotency key"),
        max_length=64,
        null=True,  # "" could be had only once per payment
        editable=False,
    )
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    tried_at = models.DateTimeField(_("last try"), null=True, blank=True)
    alerted_at = models.DateTimeField(_("operators told"), null=True, blank=True, editable=False)
    succeeded_at = models.DateTimeField(_("refunded at"), null=True, blank=True)
    answer = models.CharField(_("last answer"), max_length=200, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.UniqueConstraint(
                fields=["payment", "request_key"], name="refund_key_once_per_payment"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="refund_due"),
            models.Index(fields=["succeeded_at"], name="refund_by_day"),
            models.Index(fields=["refund_no"], name="refund_by_their_number"),
            models.Index(fields=["amount"], name="refund_by_amount"),
        ]

    def __str__(self) -> str:
        return self.out_request_no

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED

    @property
    def is_to_be_handed_over(self) -> bool:
        """Cash that was granted, and that nobody has said to have given the buyer."""
        return self.channel == self.Channel.CASH and not self.is_finished

    @property
    def in_place_of(self) -> str:
        """The number of the failed refund that this one was written in place of, "" of any other."""
        key = self.request_key or ""
        return key.partition(":")[2] if key.startswith((TRANSFER, BY_HAND)) else ""

    @staticmethod
    def number_of(payment: Payment, *, nth: int) -> str:
        """``out_request_no`` of a payment's nth refund; it begins with the payment's own number."""
        return f"{payment.out_trade_no}R{nth:02d}"
