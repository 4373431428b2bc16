from apps.orders.serializers.life import (
    OrderCountsSerializer,
    OrderDetailSerializer,
    OrderFilterSerializer,
    ReorderSerializer,
    TrackingSerializer,
)
from apps.orders.serializers.orders import (
    PAY_METHODS_ON_OFFER,
    OrderLineSerializer,
    OrderSerializer,
    PlaceOrderSerializer,
    SettlementSerializer,
)
from apps.orders.serializers.reviews import (
    OrderReviewSerializer,
    ReviewImageSerializer,
    ReviewSerializer,
    SKUReviewSerializer,
)

__all__ = [
    "PAY_METHODS_ON_OFFER",
    "OrderCountsSerializer",
    "OrderDetailSerializer",
    "OrderFilterSerializer",
    "OrderLineSerializer",
    "OrderReviewSerializer",
    "OrderSerializer",
    "PlaceOrderSerializer",
    "ReorderSerializer",
    "ReviewImageSerializer",
    "ReviewSerializer",
    "SKUReviewSerializer",
    "SettlementSerializer",
    "TrackingSerializer",
]
