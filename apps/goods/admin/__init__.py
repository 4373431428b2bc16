from apps.goods.admin.categories import BrandAdmin, CategoryAdmin, ChannelAdmin
from apps.goods.admin.goods import GoodsAdmin, GoodsSpecificationAdmin, SpecificationOptionAdmin
from apps.goods.admin.skus import SKUAdmin
from apps.goods.admin.stock import StockMovementAdmin

__all__ = [
    "BrandAdmin",
    "CategoryAdmin",
    "ChannelAdmin",
    "GoodsAdmin",
    "GoodsSpecificationAdmin",
    "SKUAdmin",
    "SpecificationOptionAdmin",
    "StockMovementAdmin",
]
