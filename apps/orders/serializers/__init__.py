from apps.orders.serializers.orders import (
    PAY_METHODS_ON_OFFER,
    OrderDetailSerializer,
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
    "OrderDetailSerializer",
    "OrderLineSerializer",
    "OrderReviewSerializer",
    "OrderSerializer",
    "PlaceOrderSerializer",
    "ReviewImageSerializer",
    "ReviewSerializer",
    "SKUReviewSerializer",
    "SettlementSerializer",
]
