from apps.orders.admin.orders import OrderInfoAdmin
from apps.orders.admin.reviews import ReviewAdmin

__all__ = ["OrderInfoAdmin", "ReviewAdmin"]
