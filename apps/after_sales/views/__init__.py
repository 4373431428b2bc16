from apps.after_sales.views.after_sales import (
    AfterSaleListView,
    AfterSaleView,
    AskableView,
    WithdrawalView,
)
from apps.after_sales.views.pictures import (
    AddPicturesView,
    PictureUploadView,
    PictureView,
)

__all__ = [
    "AddPicturesView",
    "AfterSaleListView",
    "AfterSaleView",
    "AskableView",
    "PictureUploadView",
    "PictureView",
    "WithdrawalView",
]
