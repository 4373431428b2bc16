from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _


class DayFiguresQuerySet(models.QuerySet["DayFigures"]):
    def between(self, first: date, last: date) -> "DayFiguresQuerySet":
        """Both days included, the earliest first."""
        return self.filter(day__range=(first, last)).order_by("day")


class DayFigures(models.Model):
    """What happened on one day in Beijing: written by a job, so that nobody who looks has to count orders.

    ``orders`` were placed that day, and ``paid_orders`` of them have been paid by now, whenever. Money counts on the
    day it moved: ``paid_amount`` came in that settled an order, ``refunded_amount`` went back, both CNY yuan.
    """

    day = models.DateField(_("day"), unique=True)
    orders = models.PositiveIntegerField(_("orders"), default=0)
    paid_orders = models.PositiveIntegerField(_("of them paid"), default=0)
    payments = models.PositiveIntegerField(_("payments"), default=0)
    paid_amount = models.DecimalField(_("paid"), max_digits=14, decimal_places=2, default=0)
    refunds = models.PositiveIntegerField(_("refunds"), default=0)
    refunded_amount = models.DecimalField(_("refunded"), max_digits=14, decimal_places=2, default=0)
    new_users = models.PositiveIntegerField(_("new users"), default=0)
    counted_at = models.DateTimeField(_("counted"), auto_now=True)

    objects = DayFiguresQuerySet.as_manager()

    class Meta:
        verbose_name = _("figures of a day")
        verbose_name_plural = _("figures by day")
        ordering = ["-day"]

    def __str__(self) -> str:
        return str(self.day)
