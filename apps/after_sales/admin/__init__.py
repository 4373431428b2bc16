from apps.after_sales.admin.after_sales import AfterSaleAdmin
from apps.after_sales.admin.orders import AfterSaleInline

__all__ = ["AfterSaleAdmin", "AfterSaleInline"]
