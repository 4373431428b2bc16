from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.views import PublicView
from apps.goods import selectors
from apps.goods.models import SKU, Category, Goods, SKUQuerySet
from apps.goods.serializers import (
    BreadcrumbsSerializer,
    CategoryTreeSerializer,
    GoodsDetailSerializer,
    SKUDetailSerializer,
    SKUSerializer,
)

HOT_SKUS = 2
ORDERINGS = ("create_time", "price", "sales")


@extend_schema(tags=["catalogue"])
class CategoryTreeView(PublicView):
    @extend_schema(summary="All categories", responses=CategoryTreeSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(selectors.category_tree())


@extend_schema(tags=["catalogue"])
class CategoryView(PublicView):
    @extend_schema(summary="A category's breadcrumbs", responses=BreadcrumbsSerializer)
    def get(self, request: Request, category_id: int) -> Response:
        categories = Category.objects.select_related("parent__parent")
        return Response(selectors.breadcrumbs(get_object_or_404(categories, pk=category_id)))


@extend_schema(
    tags=["catalogue"],
    summary="The SKUs on sale in a category",
    parameters=[
        OpenApiParameter(
            "ordering",
            enum=[sign + field for field in ORDERINGS for sign in ("", "-")],
            default="-create_time",
            description="The id breaks ties, so pages neither repeat nor miss a SKU.",
        )
    ],
)
class CategorySKUListView(PublicView, ListAPIView):
    """A page costs two queries while the category holds SKUs itself, as those of the third level do."""

    serializer_class = SKUSerializer
    queryset = SKU.objects.none()

    def get(self, request: Request, category_id: int) -> Response:
        skus = SKU.objects.launched().order_by(*self._ordering())
        try:
            page = self.paginate_queryset(_of_category(skus, category_id))
        except NotFound:  # of a higher level this may be the second page
            page = None
        if not page:
            page = self.paginate_queryset(_at_or_below(skus, category_id))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def _ordering(self) -> tuple[str, str]:
        """The storefront's ordering, the default for one we do not have; the id follows its direction."""
        asked = self.request.query_params.get("ordering", "")
        ordering = asked if asked.removeprefix("-") in ORDERINGS else "-create_time"
        return ordering, "-id" if ordering.startswith("-") else "id"


@extend_schema(tags=["catalogue"])
class HotSKUsView(PublicView):
    @extend_schema(summary="A category's best sellers", responses=SKUSerializer(many=True))
    def get(self, request: Request, category_id: int) -> Response:
        skus = SKU.objects.launched().order_by("-sales", "-id")
        hot = list(_of_category(skus, category_id)[:HOT_SKUS])
        hot = hot or list(_at_or_below(skus, category_id)[:HOT_SKUS])
        return Response(SKUSerializer(hot, many=True).data)


@extend_schema(tags=["catalogue"])
class SKUDetailView(PublicView):
    @extend_schema(
        summary="A SKU's page",
        description="A withdrawn SKU is shown, with `is_launched` false: buyers have links to it.",
        responses=SKUDetailSerializer,
    )
    def get(self, request: Request, sku_id: int) -> Response:
        sku = selectors.sku_detail(sku_id)
        if sku is None:
            raise Http404
        return Response(SKUDetailSerializer(sku).data)


@extend_schema(tags=["catalogue"])
class GoodsDetailView(PublicView):
    @extend_schema(summary="A goods (SPU) and its SKUs on sale", responses=GoodsDetailSerializer)
    def get(self, request: Request, goods_id: int) -> Response:
        goods = Goods.objects.select_related("brand", "category__parent__parent")
        return Response(GoodsDetailSerializer(get_object_or_404(goods, pk=goods_id)).data)


def _of_category(skus: SKUQuerySet, category_id: int) -> SKUQuerySet:
    """No join in spite of its looks; ``category=`` would fail on an id of more than 64 bits."""
    return skus.filter(category__id=category_id)


def _at_or_below(skus: SKUQuerySet, category_id: int) -> SKUQuerySet:
    """Those of a higher level's subcategories; a 404 if there is no such category."""
    category_ids = selectors.category_ids(category_id)
    if not category_ids:
        raise Http404
    return skus.filter(category__in=category_ids)
