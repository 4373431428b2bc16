import secrets
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TimestampedModel
from apps.core.private_files import private_storage
from apps.invoices.models.titles import TitleFields
from apps.orders.models import OrderInfo
from apps.payment.models import Refund

# 20 digits: a fully digital invoice (数电票). 8 digits: one of before, which has a code of 10 or 12 besides.
number_validator = RegexValidator(r"^[0-9]{8,20}\Z", _("An invoice number has 8 to 20 digits."))
code_validator = RegexValidator(r"^[0-9]{10,12}\Z", _("An invoice code has 10 to 12 digits."))


def pdf_name(invoice: "Invoice", filename: str) -> str:
    """What it was called where it was made is nobody's business, and nobody shall guess where another one is."""
    return f"invoices/{timezone.now():%Y/%m}/{secrets.token_hex(16)}.pdf"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def requested(self) -> "InvoiceQuerySet":
        return self.filter(state=Invoice.State.REQUESTED)

    def issue(self, invoice_id: int, **written: Any) -> bool:
        """REQUESTED → ISSUED; False if it was issued or canceled meanwhile."""
        waiting = self.requested().filter(pk=invoice_id)
        return (
            waiting.update(state=Invoice.State.ISSUED, update_time=timezone.now(), **written) == 1
        )

    def cancel(self, invoice_id: int) -> bool:
        """REQUESTED → CANCELED, so that the order may have another; False if it was issued or canceled meanwhile."""
        waiting = self.requested().filter(pk=invoice_id)
        ended = {"state": Invoice.State.CANCELED, "live_of": None}
        return waiting.update(update_time=timezone.now(), **ended) == 1

    def take_back(self, invoice_id: int) -> bool:
        """ISSUED → REVERSED: red letters have taken all of it back."""
        issued = self.filter(pk=invoice_id, kind=Invoice.Kind.BLUE, state=Invoice.State.ISSUED)
        ended = {"state": Invoice.State.REVERSED, "live_of": None}
        return issued.update(update_time=timezone.now(), **ended) == 1

    def rewrite(self, invoice_id: int, **written: Any) -> bool:
        """Change what a request asks for; False if it waits no more."""
        waiting = self.requested().filter(pk=invoice_id)
        return waiting.update(update_time=timezone.now(), **written) == 1


class Invoice(TitleFields, TimestampedModel):
    """An electronic ordinary invoice (电子普通发票) that a buyer asked for, with the title as it was then.

    ``BLUE`` (蓝字) says what was paid; ``RED`` (红字) takes a part of a blue one back, which is its ``original``.
    ``amount`` is CNY yuan, more than nothing in both kinds. ``live_of`` is the order of a blue one that waits or holds,
    unique: an order has one. ``number`` and what belongs to it is what the tax software gave.
    """

    class Kind(models.TextChoices):
        BLUE = "blue", _("blue")
        RED = "red", _("red letter")

    class State(models.TextChoices):
        REQUESTED = "requested", pgettext_lazy("invoice", "requested")
        ISSUED = "issued", pgettext_lazy("invoice", "issued")
        REVERSED = "reversed", pgettext_lazy("invoice", "reversed")
        CANCELED = "canceled", pgettext_lazy("invoice", "canceled")

    kind = models.CharField(
        pgettext_lazy("invoice", "kind"), max_length=4, choices=Kind, default=Kind.BLUE
    )
    order = models.ForeignKey(
        OrderInfo, verbose_name=_("order"), on_delete=models.PROTECT, related_name="invoices"
    )
    live_of = models.OneToOneField(
        OrderInfo,
        verbose_name=_("live invoice of"),
        on_delete=models.PROTECT,
        related_name="live_invoice",
        null=True,
        blank=True,
        editable=False,
    )
    original = models.ForeignKey(
        "self",
        verbose_name=_("takes back"),
        on_delete=models.PROTECT,
        related_name="red_letters",
        null=True,
        blank=True,
        editable=False,
    )
    title_kind = models.CharField(
        pgettext_lazy("invoice title", "kind"), max_length=10, choices=TitleFields.TitleKind
    )
    email = models.EmailField(_("e-mail"), max_length=100, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED)
    number = models.CharField(  # noqa: DJ001
        _("invoice number"),
        max_length=20,
        null=True,  # "" could be had only once
        blank=True,
        validators=[number_validator],
    )
    code = models.CharField(
        _("invoice code"), max_length=12, blank=True, validators=[code_validator]
    )
    issued_at = models.DateTimeField(_("issued at"), null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    pdf = models.FileField(
        _("PDF"), max_length=100, blank=True, storage=private_storage, upload_to=pdf_name
    )

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["number", "code"], name="invoice_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="invoice_amount_positive"),
            models.CheckConstraint(
                condition=Q(kind="blue", original__isnull=True)
                | Q(kind="red", original__isnull=False, live_of__isnull=True),
                name="invoice_red_has_original",
            ),
            models.CheckConstraint(
                # Not null besides: a comparison with NULL is no violation.
                condition=~Q(kind="blue")
                | Q(state__in=["requested", "issued"], live_of__isnull=False, live_of=F("order"))
                | Q(state__in=["reversed", "canceled"], live_of__isnull=True),
                name="invoice_blue_is_live_or_ended",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["issued", "reversed"],
                    number__isnull=False,
                    issued_at__isnull=False,
                    issued_by__isnull=False,
                )
                | Q(
                    state__in=["requested", "canceled"],
                    number__isnull=True,
                    issued_at__isnull=True,
                    issued_by__isnull=True,
                ),
                name="invoice_issued_has_number",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "kind", "id"], name="invoice_by_state"),
            models.Index(fields=["tax_number"], name="invoice_by_tax_number"),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.order_id} {self.get_kind_display()}"

    @property
    def is_requested(self) -> bool:
        return self.state == self.State.REQUESTED

    @property
    def is_issued(self) -> bool:
        """With the tax office: also one that was taken back since."""
        return self.state in {self.State.ISSUED, self.State.REVERSED}


class Deduction(models.Model):
    """A refund that an invoice knows of, once: a blue one was issued for so much less, or a red one takes it back.

    A refund of an issued order without such a row still needs its red letter; whether it succeeded before or after the
    blue one was issued no clock has to tell.
    """

    refund = models.OneToOneField(
        Refund, verbose_name=_("refund"), on_delete=models.PROTECT, related_name="invoiced"
    )
    invoice = models.ForeignKey(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="deductions"
    )

    class Meta:
        verbose_name = _("refund known to an invoice")
        verbose_name_plural = _("refunds known to invoices")

    def __str__(self) -> str:
        return f"{self.invoice}: {self.refund}"


class InvoiceEvent(models.Model):
    """What happened to an invoice, who did it and when; append-only. ``by`` is null where a job did."""

    class Kind(models.TextChoices):
        REQUESTED = "requested", pgettext_lazy("invoice", "requested")
        CHANGED = "changed", pgettext_lazy("invoice", "changed")
        ISSUED = "issued", pgettext_lazy("invoice", "issued")
        PDF = "pdf", _("PDF attached")
        REVERSED = "reversed", pgettext_lazy("invoice", "reversed")
        CANCELED = "canceled", pgettext_lazy("invoice", "canceled")

    invoice = models.ForeignKey(
        Invoice, verbose_name=_("invoice"), on_delete=models.CASCADE, related_name="events"
    )
    kind = models.CharField(_("what happened"), max_length=10, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("person", "by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    note = models.CharField(_("details"), max_length=200, blank=True)
    create_time = models.DateTimeField(pgettext_lazy("moment", "at"), auto_now_add=True)

    class Meta:
        verbose_name = _("step of an invoice")
        verbose_name_plural = _("steps of invoices")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.get_kind_display()}"
