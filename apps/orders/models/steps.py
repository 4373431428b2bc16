"""The life of an order: the states there are, and every step from one to another.

docs/orders.md draws it; a test holds the drawing to ``MOVES``.
"""

from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.IntegerChoices):
    UNPAID = 1, _("to be paid")
    UNSEND = 2, _("to be shipped")
    UNRECEIVED = 3, _("to be received")
    UNCOMMENT = 4, _("to be reviewed")
    FINISHED = 5, _("finished")
    CANCELED = 6, _("canceled")


class Step(models.TextChoices):
    PAY = "pay", pgettext_lazy("step", "paid")
    CANCEL_UNPAID = "cancel_unpaid", pgettext_lazy("step", "canceled before it was paid")
    CANCEL_UNSHIPPED = "cancel_unshipped", pgettext_lazy("step", "canceled before it was shipped")
    SHIP = "ship", pgettext_lazy("step", "shipped")
    RECEIVE = "receive", pgettext_lazy("step", "received")
    FINISH = "finish", pgettext_lazy("step", "every line reviewed")


class Move(NamedTuple):
    """Where a step begins and where it ends."""

    source: Status
    target: Status


# No step leads back, so an order takes each at most once: a unique key says so, too.
MOVES: dict[Step, Move] = {
    Step.PAY: Move(Status.UNPAID, Status.UNSEND),
    Step.CANCEL_UNPAID: Move(Status.UNPAID, Status.CANCELED),
    Step.CANCEL_UNSHIPPED: Move(Status.UNSEND, Status.CANCELED),
    Step.SHIP: Move(Status.UNSEND, Status.UNRECEIVED),
    Step.RECEIVE: Move(Status.UNRECEIVED, Status.UNCOMMENT),
    Step.FINISH: Move(Status.UNCOMMENT, Status.FINISHED),
}
CANCELING = (Step.CANCEL_UNPAID, Step.CANCEL_UNSHIPPED)
