from apps.goods.selectors.categories import (
    brands,
    breadcrumbs,
    category_tree,
    category_with_channel,
    menu,
)
from apps.goods.selectors.details import Parts, goods_detail, sku_detail
from apps.goods.selectors.facets import facets
from apps.goods.selectors.listing import Filter, hot_skus, shelf
from apps.goods.selectors.snapshots import SKUSnapshot, sku_snapshots
from apps.goods.selectors.stock import low_stock, low_stock_count
from apps.goods.selectors.variants import sku_of_options

__all__ = [
    "Filter",
    "Parts",
    "SKUSnapshot",
    "brands",
    "breadcrumbs",
    "category_tree",
    "category_with_channel",
    "facets",
    "goods_detail",
    "hot_skus",
    "low_stock",
    "low_stock_count",
    "menu",
    "shelf",
    "sku_detail",
    "sku_of_options",
    "sku_snapshots",
]
