from apps.orders.models.orders import OrderGoods, OrderInfo
from apps.orders.models.reviews import Review, ReviewImage

__all__ = ["OrderGoods", "OrderInfo", "Review", "ReviewImage"]
