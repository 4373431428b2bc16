"""Who is asked where parcels are, chosen by ``TRACKING_GATEWAY``."""

from functools import cache

from django.conf import settings

from apps.orders.gateways.interface import Scan, Tracking, TrackingGateway
from apps.orders.gateways.kuaidi100 import Kuaidi100

__all__ = ["Scan", "Tracking", "TrackingGateway", "tracking"]

# The sandbox's parcels travel for minutes, not for days.
SANDBOX_PACE = 0.01


@cache
def tracking() -> TrackingGateway | None:
    """The gateway of this installation; None: no carrier is asked."""
    if not settings.TRACKING_GATEWAY:
        return None
    if settings.TRACKING_GATEWAY == "sandbox":
        return Kuaidi100(pace=SANDBOX_PACE, **settings.TRACKING_SANDBOX)
    return Kuaidi100(**settings.TRACKING)
