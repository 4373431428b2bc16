from apps.goods.models.catalogue import Brand, Category, Channel, Goods
from apps.goods.models.sku import SKU, SKUImage, SKUQuerySet, SKUSpecification, Wanted
from apps.goods.models.specification import GoodsSpecification, SpecificationOption
from apps.goods.models.stock import StockMovement

__all__ = [
    "SKU",
    "Brand",
    "Category",
    "Channel",
    "Goods",
    "GoodsSpecification",
    "SKUImage",
    "SKUQuerySet",
    "SKUSpecification",
    "SpecificationOption",
    "StockMovement",
    "Wanted",
]
