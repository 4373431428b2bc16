from apps.goods.models.catalogue import Brand, Category, Channel, Goods
from apps.goods.models.change import SKUChange
from apps.goods.models.reviewed import BEST_SCORE, SCORES, Reviewed
from apps.goods.models.sheet import StockSheet
from apps.goods.models.sku import MOST_STOCK, SKU, SKUImage, SKUQuerySet, SKUSpecification, Wanted
from apps.goods.models.specification import GoodsSpecification, SpecificationOption
from apps.goods.models.stock import StockMovement

__all__ = [
    "BEST_SCORE",
    "MOST_STOCK",
    "SCORES",
    "SKU",
    "Brand",
    "Category",
    "Channel",
    "Goods",
    "GoodsSpecification",
    "Reviewed",
    "SKUChange",
    "SKUImage",
    "SKUQuerySet",
    "SKUSpecification",
    "SpecificationOption",
    "StockMovement",
    "StockSheet",
    "Wanted",
]
