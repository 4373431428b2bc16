from apps.orders.models.events import OrderEvent
from apps.orders.models.orders import OrderGoods, OrderInfo
from apps.orders.models.reviews import Review, ReviewImage
from apps.orders.models.shipping import Carrier, Shipment, TrackingEvent
from apps.orders.models.steps import MOVES, Status, Step

__all__ = [
    "MOVES",
    "Carrier",
    "OrderEvent",
    "OrderGoods",
    "OrderInfo",
    "Review",
    "ReviewImage",
    "Shipment",
    "Status",
    "Step",
    "TrackingEvent",
]
