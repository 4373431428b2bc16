from apps.goods.models.catalogue import Brand, Category, Channel, Goods
from apps.goods.models.change import SKUChange
from apps.goods.models.reviewed import BEST_SCORE, SCORES, Reviewed
from apps.goods.models.sku import SKU, SKUImage, SKUQuerySet, SKUSpecification, Wanted
from apps.goods.models.specification import GoodsSpecification, SpecificationOption
from apps.goods.models.stock import StockMovement

__all__ = [
    "BEST_SCORE",
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
    "Wanted",
]
