from apps.core.admin.filters import AmountRangeFilter, DayRangeFilter
from apps.core.admin.guarding import AMOUNTS, COST, hidden_columns
from apps.core.admin.history import record_changes, recorded
from apps.core.admin.pages import AnnouncingAdmin, LookedAtAdmin, ShopAdmin, ShopInline
from apps.core.admin.pictures import PictureInput, thumbnail

__all__ = [
    "AMOUNTS",
    "AmountRangeFilter",
    "AnnouncingAdmin",
    "COST",
    "DayRangeFilter",
    "LookedAtAdmin",
    "PictureInput",
    "ShopAdmin",
    "ShopInline",
    "hidden_columns",
    "record_changes",
    "recorded",
    "thumbnail",
]
