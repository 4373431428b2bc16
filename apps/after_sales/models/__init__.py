from apps.after_sales.models.after_sales import AfterSale, AfterSaleLine
from apps.after_sales.models.events import AfterSaleEvent

__all__ = ["AfterSale", "AfterSaleEvent", "AfterSaleLine"]
