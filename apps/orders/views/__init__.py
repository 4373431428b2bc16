from apps.orders.views.orders import OrderListView, OrderView, SettlementView
from apps.orders.views.reviews import (
    OrderReviewsView,
    ReviewImagesView,
    SKUCommentsView,
    SKUReviewsView,
    UnreviewedLinesView,
)

__all__ = [
    "OrderListView",
    "OrderReviewsView",
    "OrderView",
    "ReviewImagesView",
    "SKUCommentsView",
    "SKUReviewsView",
    "SettlementView",
    "UnreviewedLinesView",
]
