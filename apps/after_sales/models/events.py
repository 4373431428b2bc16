from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.after_sales.models.after_sales import AfterSale, State


class AfterSaleEvent(models.Model):
    """One step of a request: when, whose, from where to where, and why. Append-only."""

    LONGEST_NOTE = 200

    after_sale = models.ForeignKey(
        AfterSale,
        verbose_name=_("after-sale request"),
        on_delete=models.CASCADE,
        related_name="events",
    )
    from_state = models.CharField(_("from"), max_length=10, choices=State, blank=True)
    to_state = models.CharField(_("to"), max_length=10, choices=State)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("person", "by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.CharField(_("reason"), max_length=LONGEST_NOTE, blank=True)
    create_time = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("step of an after-sale request")
        verbose_name_plural = _("steps of after-sale requests")
        ordering = ["id"]
        constraints = [
            # No step leads back.
            models.UniqueConstraint(
                fields=["after_sale", "to_state"], name="after_sale_takes_each_step_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.after_sale_id}: {self.get_to_state_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("What has happened is not changed afterwards.")
        super().save(*args, **kwargs)
