from apps.goods.serializers.categories import (
    BrandQuerySerializer,
    BrandSerializer,
    BreadcrumbsSerializer,
    CategoryTreeSerializer,
    MenuGroupSerializer,
)
from apps.goods.serializers.details import GoodsDetailSerializer, SKUDetailSerializer
from apps.goods.serializers.filters import FacetsSerializer, FilterSerializer
from apps.goods.serializers.skus import ReviewSummarySerializer, SKUSerializer

__all__ = [
    "BrandQuerySerializer",
    "BrandSerializer",
    "BreadcrumbsSerializer",
    "CategoryTreeSerializer",
    "FacetsSerializer",
    "FilterSerializer",
    "GoodsDetailSerializer",
    "MenuGroupSerializer",
    "ReviewSummarySerializer",
    "SKUDetailSerializer",
    "SKUSerializer",
]
