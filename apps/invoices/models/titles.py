from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TimestampedModel


class TitleFields(models.Model):
    """What stands on an invoice about who bought: in a buyer's book of titles, and copied onto every invoice.

    All but ``name`` and ``tax_number`` is optional: ordinary invoices (普通发票) need no more.
    """

    class TitleKind(models.TextChoices):
        PERSONAL = "personal", _("a person")
        COMPANY = "company", _("a company")

    COPIED = ("name", "tax_number", "bank", "account", "address", "phone")

    name = models.CharField(pgettext_lazy("invoice", "title"), max_length=100)
    tax_number = models.CharField(_("tax number"), max_length=18, blank=True)
    bank = models.CharField(_("bank"), max_length=100, blank=True)
    account = models.CharField(_("bank account"), max_length=30, blank=True)
    address = models.CharField(_("registered address"), max_length=200, blank=True)
    phone = models.CharField(_("registered telephone"), max_length=20, blank=True)

    class Meta:
        abstract = True


class InvoiceTitleQuerySet(models.QuerySet["InvoiceTitle"]):
    def live(self) -> "InvoiceTitleQuerySet":
        """Those their owner has not deleted."""
        return self.filter(is_deleted=False)


class InvoiceTitle(TitleFields, TimestampedModel):
    """To whom a buyer has invoices written (发票抬头). Deleting hides it; invoices keep their own copy.

    ``default_of`` is the owner while this is the default title, unique: one has one default.
    """

    LIMIT = 20

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("buyer"),
        on_delete=models.CASCADE,
        related_name="invoice_titles",
    )
    kind = models.CharField(
        pgettext_lazy("invoice title", "kind"), max_length=10, choices=TitleFields.TitleKind
    )
    default_of = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("default title of"),
        on_delete=models.CASCADE,
        related_name="default_invoice_title",
        null=True,
        blank=True,
        editable=False,
    )
    is_deleted = models.BooleanField(_("deleted"), default=False)

    objects = InvoiceTitleQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice title")
        verbose_name_plural = _("invoice titles")
        ordering = ["-update_time", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="company") & ~Q(tax_number="") | Q(kind="personal", tax_number=""),
                name="invoice_title_company_has_tax_number",
            ),
            models.CheckConstraint(
                condition=Q(default_of__isnull=True) | Q(is_deleted=False),
                name="invoice_title_default_is_live",
            ),
        ]
        indexes = [models.Index(fields=["user", "is_deleted"], name="invoice_title_by_buyer")]

    def __str__(self) -> str:
        return self.name

    @property
    def snapshot(self) -> dict[str, str]:
        """The columns of an invoice that is written to this title."""
        return {"title_kind": self.kind} | {name: getattr(self, name) for name in self.COPIED}

    @property
    def is_default(self) -> bool:
        return self.default_of_id is not None
