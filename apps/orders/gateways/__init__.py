"""Who is asked where parcels are, chosen by ``TRACKING_GATEWAY``."""

from functools import cache

from django.conf import settings

from apps.orders.gateways.interface import Scan, Tracking, TrackingGateway
from apps.orders.gateways.kuaidi100 import Kuaidi100

__all__ = ["Scan", "Tracking", "TrackingGateway", "tracking"]


@cache
def tracking() -> TrackingGateway | None:
    """The gateway of this installation; None: no carrier is asked."""
    if not settings.TRACKING_GATEWAY:
        return None
    return Kuaidi100(**settings.TRACKING)
