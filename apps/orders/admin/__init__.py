from apps.orders.admin.orders import OrderInfoAdmin
from apps.orders.admin.reviews import ReviewAdmin
from apps.orders.admin.shipments import CarrierAdmin, ShipmentAdmin

__all__ = ["CarrierAdmin", "OrderInfoAdmin", "ReviewAdmin", "ShipmentAdmin"]
