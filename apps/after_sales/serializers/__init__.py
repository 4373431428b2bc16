from apps.after_sales.serializers.after_sales import (
    AfterSaleSerializer,
    AskableSerializer,
    RequestAfterSaleSerializer,
)
from apps.after_sales.serializers.pictures import (
    AddPicturesSerializer,
    AfterSalePictureSerializer,
)

__all__ = [
    "AddPicturesSerializer",
    "AfterSalePictureSerializer",
    "AfterSaleSerializer",
    "AskableSerializer",
    "RequestAfterSaleSerializer",
]
