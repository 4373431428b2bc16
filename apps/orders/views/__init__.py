from apps.orders.views.life import OrderCountsView, OrderReceiptView, ReorderView, TrackingView
from apps.orders.views.orders import OrderListView, OrderView, SettlementView
from apps.orders.views.reviews import (
    OrderReviewsView,
    ReviewImagesView,
    SKUCommentsView,
    SKUReviewsView,
    UnreviewedLinesView,
)

__all__ = [
    "OrderCountsView",
    "OrderListView",
    "OrderReceiptView",
    "OrderReviewsView",
    "OrderView",
    "ReorderView",
    "ReviewImagesView",
    "SKUCommentsView",
    "SKUReviewsView",
    "SettlementView",
    "TrackingView",
    "UnreviewedLinesView",
]
