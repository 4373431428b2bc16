import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TimestampedModel
from apps.orders.models.orders import OrderInfo

LONGEST_NUMBER = 40
TRACKING_NUMBER = re.compile(r"[0-9A-Za-z-]{5,40}", re.ASCII)


def is_tracking_number(text: str) -> bool:
    return bool(TRACKING_NUMBER.fullmatch(text))


def validate_tracking_number(text: str) -> None:
    if not is_tracking_number(text):
        raise ValidationError(_("A tracking number is 5 to 40 letters, digits and hyphens."))


class CarrierQuerySet(models.QuerySet["Carrier"]):
    def in_use(self) -> "CarrierQuerySet":
        return self.filter(is_active=True)


class Carrier(models.Model):
    """Who carries parcels. ``code`` is what the tracking gateway calls it (快递100's company code)."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=40, unique=True)
    is_active = models.BooleanField(_("in use"), default=True)
    sequence = models.PositiveSmallIntegerField(_("sequence"), default=0)

    objects = CarrierQuerySet.as_manager()

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        ordering = ["sequence", "id"]

    def __str__(self) -> str:
        return self.name


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    def due(self, at: datetime) -> "ShipmentQuerySet":
        """Parcels whose carrier is to be asked by now, the longest due first."""
        return self.filter(next_query_at__lte=at).order_by("next_query_at", "pk")

    def correct(self, shipment_id: int, *, carrier: Carrier, number: str, at: datetime) -> bool:
        """Say by whom and under which number it really travels, asked after from ``at`` on; False if it arrived."""
        under_way = self.filter(pk=shipment_id).exclude(state=Shipment.State.DELIVERED)
        fresh = {"state": Shipment.State.SHIPPED, "next_query_at": at, "queries": 0}
        now = timezone.now()
        return under_way.update(carrier=carrier, number=number, update_time=now, **fresh) == 1

    def same_parcel(self, shipment: "Shipment") -> "ShipmentQuerySet":
        """It and others with its number: several orders may travel in one parcel."""
        return self.filter(carrier=shipment.carrier_id, number=shipment.number)

    def claim(
        self, shipment: "Shipment", *, at: datetime, last_before: datetime, until: datetime
    ) -> bool:
        """Say that its carrier is asked at this moment, and not again until then.

        False if it was asked after ``last_before``, or has been corrected since ``shipment`` was read. Of several
        workers at orders of the same parcel one gets it: the others find ``asked_at`` changed.
        """
        waiting = self.same_parcel(shipment).exclude(state=Shipment.State.DELIVERED)
        unasked = waiting.filter(Q(asked_at=None) | Q(asked_at__lte=last_before))
        return unasked.order_by().update(asked_at=at, next_query_at=until) > 0

    def claimed(self, shipment: "Shipment", at: datetime) -> "ShipmentQuerySet":
        """What ``claim`` took at that moment, unless an operator has corrected it since."""
        return self.same_parcel(shipment).filter(asked_at=at)

    def put_off(self, shipment: "Shipment", until: datetime | None) -> bool:
        """Ask then, None never; False if somebody else has settled it meanwhile."""
        as_seen = self.filter(pk=shipment.pk, next_query_at=shipment.next_query_at)
        return as_seen.update(next_query_at=until) == 1

    def write_down(
        self, shipment: "Shipment", at: datetime, *, state: str, next_query_at: datetime | None
    ) -> bool:
        """Settle a question that was asked at that moment; False if the claim is no longer ours."""
        ours = self.filter(pk=shipment.pk).claimed(shipment, at)
        settled = {"next_query_at": next_query_at, "update_time": timezone.now()}
        return ours.update(state=state, queries=F("queries") + 1, **settled) == 1


class Shipment(TimestampedModel):
    """The parcel of an order. Until ``next_query_at`` its carrier is not asked where it is; null: never again."""

    class State(models.TextChoices):
        SHIPPED = "shipped", _("handed over")
        MOVING = "moving", _("on its way")
        DELIVERING = "delivering", _("being delivered")
        DELIVERED = "delivered", _("delivered")
        TROUBLED = "troubled", _("in trouble")
        RETURNED = "returned", pgettext_lazy("parcel", "sent back")

    order = models.OneToOneField(
        OrderInfo, verbose_name=_("order"), on_delete=models.CASCADE, related_name="shipment"
    )
    carrier = models.ForeignKey(
        Carrier, verbose_name=_("carrier"), on_delete=models.PROTECT, related_name="shipments"
    )
    number = models.CharField(
        _("tracking number"),
        max_length=LONGEST_NUMBER,
        validators=[validate_tracking_number],
    )
    shipped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("shipped by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField(
        pgettext_lazy("parcel", "state"), max_length=20, choices=State, default=State.SHIPPED
    )
    next_query_at = models.DateTimeField(_("next question"), null=True, blank=True, editable=False)
    queries = models.PositiveIntegerField(_("questions"), default=0, editable=False)
    asked_at = models.DateTimeField(_("last question"), null=True, blank=True, editable=False)

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(number=""), name="shipment_has_a_number"),
        ]
        indexes = [
            models.Index(fields=["next_query_at"], name="shipment_due"),
            # Several orders of one buyer may travel in one parcel: not unique.
            models.Index(fields=["number"], name="shipment_by_number"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.number}"


class TrackingEventQuerySet(models.QuerySet["TrackingEvent"]):
    def write_down(self, shipment: Shipment, told: Iterable[tuple[datetime, str]]) -> None:
        """Keep what is new of these moments and descriptions, in one statement."""
        self.bulk_create(
            [
                self.model(
                    shipment=shipment,
                    at=at,
                    description=description,
                    digest=sha256(description.encode()).hexdigest(),
                )
                for at, description in told
            ],
            ignore_conflicts=True,
        )


class TrackingEvent(models.Model):
    """What a carrier said of a parcel. ``digest`` tells two sayings of one second apart."""

    LONGEST_DESCRIPTION = 500

    shipment = models.ForeignKey(
        Shipment, verbose_name=_("shipment"), on_delete=models.CASCADE, related_name="events"
    )
    at = models.DateTimeField(_("when"))
    description = models.CharField(
        pgettext_lazy("tracking", "description"), max_length=LONGEST_DESCRIPTION
    )
    digest = models.CharField(max_length=64, editable=False)

    objects = TrackingEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("tracking event")
        verbose_name_plural = _("tracking events")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "at", "digest"], name="tracking_event_once"
            ),
        ]

    def __str__(self) -> str:
        return self.description
