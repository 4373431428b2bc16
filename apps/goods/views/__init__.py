from apps.goods.views.categories import BrandListView, CategoryTreeView, CategoryView, MenuView
from apps.goods.views.details import GoodsDetailView, SKUDetailView
from apps.goods.views.listing import CategorySKUListView, FacetsView, HotSKUsView

__all__ = [
    "BrandListView",
    "CategorySKUListView",
    "CategoryTreeView",
    "CategoryView",
    "FacetsView",
    "GoodsDetailView",
    "HotSKUsView",
    "MenuView",
    "SKUDetailView",
]
