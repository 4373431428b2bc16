from apps.core.admin.filters import AmountRangeFilter, DayRangeFilter
from apps.core.admin.pages import AnnouncingAdmin, ShopAdmin, ShopInline
from apps.core.admin.pictures import PictureInput, thumbnail

__all__ = [
    "AmountRangeFilter",
    "AnnouncingAdmin",
    "DayRangeFilter",
    "PictureInput",
    "ShopAdmin",
    "ShopInline",
    "thumbnail",
]
