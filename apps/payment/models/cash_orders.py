from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.orders.models import OrderInfo


class AwaitingCashManager(models.Manager["CashOrder"]):
    def get_queryset(self) -> models.QuerySet["CashOrder"]:
        on_delivery = super().get_queryset().filter(pay_method=OrderInfo.PayMethod.CASH)
        unsettled = on_delivery.filter(settlement__isnull=True)
        return unsettled.exclude(status=OrderInfo.Status.CANCELED)


class CashOrder(OrderInfo):
    """An order that is paid on delivery, until that money is recorded."""

    objects = AwaitingCashManager()  # type: ignore[assignment, misc]  # fewer, not others

    class Meta:
        proxy = True
        verbose_name = _("order awaiting cash")
        verbose_name_plural = _("orders awaiting cash")
