from apps.after_sales.serializers.after_sales import (
    AfterSaleSerializer,
    AskableSerializer,
    RequestAfterSaleSerializer,
)

__all__ = ["AfterSaleSerializer", "AskableSerializer", "RequestAfterSaleSerializer"]
