from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.orders.models.orders import OrderInfo
from apps.orders.models.steps import CANCELING, Status, Step


class OrderEvent(models.Model):
    """One step of an order's life: when, whose, from where to where, and why. Append-only.

    ``actor`` is the buyer or an operator; null is the shop itself: a provider's notice, or a time that ran out.
    """

    LONGEST_REASON = 200

    order = models.ForeignKey(
        OrderInfo, verbose_name=_("order"), on_delete=models.CASCADE, related_name="events"
    )
    step = models.CharField(pgettext_lazy("of an order", "step"), max_length=20, choices=Step)
    from_status = models.PositiveSmallIntegerField(_("from"), choices=Status)
    to_status = models.PositiveSmallIntegerField(_("to"), choices=Status)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("of an order", "by whom"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON, blank=True)
    create_time = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order events")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "step"], name="order_takes_each_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.get_step_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("What has happened is not changed afterwards.")
        super().save(*args, **kwargs)

    @property
    def reason_for_buyer(self) -> str:
        """Why an operator canceled the order, who knows that the buyer reads it; "" of any other step."""
        is_operators = self.actor_id not in (None, self.order.user_id)
        return self.reason if is_operators and self.step in CANCELING else ""
