from apps.core.admin.filters import AmountRangeFilter, DayRangeFilter
from apps.core.admin.guarding import AMOUNTS, COST, hidden_columns
from apps.core.admin.history import recorded
from apps.core.admin.pages import AnnouncingAdmin, LookedAtAdmin, ShopAdmin, ShopInline
from apps.core.admin.pictures import PictureInput, thumbnail

__all__ = [
    "LookedAtAdmin",
    "recorded",
    "AMOUNTS",
    "COST",
    "hidden_columns",
    "AmountRangeFilter",
    "AnnouncingAdmin",
    "DayRangeFilter",
    "PictureInput",
    "ShopAdmin",
    "ShopInline",
    "thumbnail",
]
