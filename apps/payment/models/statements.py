"""A provider's bill of one day, and what of it does not agree with our books."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TimestampedModel
from apps.payment.models.payments import Payment
from apps.payment.models.refunds import Refund


class StatementQuerySet(models.QuerySet["Statement"]):
    def with_open_differences(self) -> "StatementQuerySet":
        """Each with ``unsettled``: how many of its differences wait in the pool or for a person."""
        unsettled = Q(differences__state__in=Difference.UNSETTLED)
        return self.annotate(unsettled=Count("differences", filter=unsettled))

    def mark_missing_told(self, statement: "Statement") -> bool:
        """Operators are told now that there is no bill; False if they were told before."""
        untold = self.filter(pk=statement.pk, is_missing_told=False)
        return untold.update(is_missing_told=True) == 1


class Statement(TimestampedModel):
    """One provider's bill of one Beijing day, and the totals of both sides. Amounts and fees are CNY yuan.

    ``tries`` counts the runs; a run writes only if none has begun after it. ``our_fee`` is what the agreed rate would
    cost. ``DONE`` says that the bill was compared, not that it agrees.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("no bill yet")
        DONE = "done", _("compared")
        FAILED = "failed", _("failed")

    provider = models.CharField(_("provider"), max_length=20)
    account = models.CharField(_("our account"), max_length=64)
    day = models.DateField(_("day"))
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.WAITING)
    digest = models.CharField(_("SHA-256 of the bill"), max_length=64, blank=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)
    fetched_at = models.DateTimeField(_("bill fetched"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    is_missing_told = models.BooleanField(default=False, editable=False)

    their_payments = models.PositiveIntegerField(_("their payments"), default=0)
    their_payment_amount = models.DecimalField(
        _("sum of their payments"), max_digits=14, decimal_places=2, default=0
    )
    their_refunds = models.PositiveIntegerField(_("their refunds"), default=0)
    their_refund_amount = models.DecimalField(
        _("sum of their refunds"), max_digits=14, decimal_places=2, default=0
    )
    their_fee = models.DecimalField(_("their fees"), max_digits=14, decimal_places=2, default=0)
    our_payments = models.PositiveIntegerField(_("our payments"), default=0)
    our_payment_amount = models.DecimalField(
        _("sum of our payments"), max_digits=14, decimal_places=2, default=0
    )
    our_refunds = models.PositiveIntegerField(_("our refunds"), default=0)
    our_refund_amount = models.DecimalField(
        _("sum of our refunds"), max_digits=14, decimal_places=2, default=0
    )
    our_fee = models.DecimalField(_("expected fees"), max_digits=14, decimal_places=2, default=0)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-day", "provider", "account"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "account", "day"], name="statement_once_per_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.day}"


class MovementKind(models.TextChoices):
    PAYMENT = "payment", pgettext_lazy("movement", "payment")
    REFUND = "refund", _("refund")


class StatementLine(models.Model):
    """One row of a bill as the provider has it. ``amount`` is positive for refunds, too; ``fee`` is negative there."""

    statement = models.ForeignKey(
        Statement, verbose_name=_("statement"), on_delete=models.CASCADE, related_name="lines"
    )
    position = models.PositiveIntegerField(_("position"))
    kind = models.CharField(pgettext_lazy("movement", "kind"), max_length=20, choices=MovementKind)
    out_trade_no = models.CharField(_("our number"), max_length=128)
    out_request_no = models.CharField(_("our refund number"), max_length=128, blank=True)
    trade_no = models.CharField(_("provider's number"), max_length=128, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    fee = models.DecimalField(_("fee"), max_digits=14, decimal_places=2)
    status = models.CharField(_("status"), max_length=64, blank=True)
    at = models.DateTimeField(_("moved"))

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        ordering = ["-statement_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "position"], name="statement_position_once"
            ),
        ]
        indexes = [
            models.Index(fields=["out_trade_no"], name="statement_line_trade"),
            models.Index(fields=["out_request_no"], name="statement_line_request"),
            models.Index(fields=["trade_no"], name="statement_line_theirs"),
        ]

    def __str__(self) -> str:
        return self.out_request_no or self.out_trade_no


class DifferenceQuerySet(models.QuerySet["Difference"]):
    def unsettled(self) -> "DifferenceQuerySet":
        """Those that time or a person has still to settle."""
        return self.filter(state__in=Difference.UNSETTLED)

    def of_account(self, provider: str, account: str) -> "DifferenceQuerySet":
        return self.filter(statement__provider=provider, statement__account=account)

    def resolve(self, ids: Iterable[int], *, note: str) -> int:
        """These have come right by themselves; how many no person was faster with."""
        unsettled = self.unsettled().filter(pk__in=ids)
        return unsettled.update(state=Difference.State.RESOLVED, note=note)

    def open(self, ids: Iterable[int]) -> int:
        """Waiting will not help these any more; how many there were."""
        waiting = self.filter(pk__in=ids, state=Difference.State.WAITING)
        return waiting.update(state=Difference.State.OPEN)

    def work_off(self, difference: "Difference", *, by_id: int, note: str, at: datetime) -> bool:
        """A person has dealt with it. False if it was settled meanwhile."""
        unsettled = self.unsettled().filter(pk=difference.pk)
        done = unsettled.update(
            state=Difference.State.WORKED_OFF, note=note, worked_off_by=by_id, worked_off_at=at
        )
        return done == 1

    def mark_told(self, statement_id: int) -> int:
        """Operators are told now of the open ones; how many they were not told of before."""
        untold = self.filter(statement=statement_id, state=Difference.State.OPEN, is_told=False)
        return untold.update(is_told=True)


class Difference(TimestampedModel):
    """What a bill and our books do not agree on. ``ours`` and ``theirs`` are CNY yuan: amounts, or fees of type FEE.

    ``WAITING`` lies in the pool of what another day's bill may explain; ``RESOLVED`` came right by itself, and ``note``
    says how. ``key`` tells the differences of a statement apart: databases compare text too kindly for that.
    """

    class Type(models.TextChoices):
        PROVIDER_ONLY = "provider_only", _("provider only")
        OURS_ONLY = "ours_only", _("ours only")
        AMOUNT = "amount", _("amount differs")
        STATUS = "status", _("status differs")
        FEE = "fee", _("fee differs")
        DUPLICATE = "duplicate", _("twice in the bills")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for other bills")
        OPEN = "open", _("to be worked off")
        RESOLVED = "resolved", _("came right by itself")
        WORKED_OFF = "worked_off", _("worked off")

    UNSETTLED = (State.WAITING, State.OPEN)
    LONGEST_NOTE = 500

    statement = models.ForeignKey(
        Statement, verbose_name=_("statement"), on_delete=models.PROTECT, related_name="differences"
    )
    kind = models.CharField(pgettext_lazy("movement", "kind"), max_length=20, choices=MovementKind)
    type = models.CharField(_("type"), max_length=20, choices=Type)
    key = models.CharField(max_length=64, editable=False)
    out_trade_no = models.CharField(_("our number"), max_length=128)
    out_request_no = models.CharField(_("our refund number"), max_length=128, blank=True)
    trade_no = models.CharField(_("provider's number"), max_length=128, blank=True)
    ours = models.DecimalField(_("ours"), max_digits=14, decimal_places=2, null=True, blank=True)
    theirs = models.DecimalField(
        _("theirs"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        on_delete=models.PROTECT,
        related_name="differences",
        null=True,
        blank=True,
    )
    refund = models.ForeignKey(
        Refund,
        verbose_name=_("refund"),
        on_delete=models.PROTECT,
        related_name="differences",
        null=True,
        blank=True,
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OPEN)
    is_told = models.BooleanField(default=False, editable=False)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    worked_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("worked off by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    worked_off_at = models.DateTimeField(_("worked off at"), null=True, blank=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "key"], name="difference_once"),
        ]
        indexes = [
            models.Index(fields=["state", "type"], name="difference_by_state"),
            models.Index(fields=["out_trade_no"], name="difference_trade"),
            models.Index(fields=["out_request_no"], name="difference_request"),
            models.Index(fields=["trade_no"], name="difference_theirs"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.out_request_no or self.out_trade_no}"

    @property
    def is_settled(self) -> bool:
        return self.state not in self.UNSETTLED

    @staticmethod
    def key_of(*parts: str) -> str:
        """What tells a difference apart: kind, type and numbers."""
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
