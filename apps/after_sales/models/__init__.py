from apps.after_sales.models.after_sales import AfterSale, AfterSaleLine
from apps.after_sales.models.events import AfterSaleEvent
from apps.after_sales.models.pictures import AfterSalePicture

__all__ = ["AfterSale", "AfterSaleEvent", "AfterSaleLine", "AfterSalePicture"]
