from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.caching import cached
from apps.core.views import PublicView
from apps.goods import selectors
from apps.goods.serializers import (
    BrandQuerySerializer,
    BrandSerializer,
    BreadcrumbsSerializer,
    CategoryTreeSerializer,
    MenuGroupSerializer,
)
from apps.goods.store import catalogue


@extend_schema(tags=["catalogue"])
class CategoryTreeView(PublicView):
    @extend_schema(summary="All categories", responses=CategoryTreeSerializer(many=True))
    @cached(catalogue)
    def get(self, request: Request) -> Response:
        return Response(selectors.category_tree())


@extend_schema(tags=["catalogue"])
class MenuView(PublicView):
    @extend_schema(
        summary="The home page's menu",
        description="Groups of channels in order, and below each the categories of its channels.",
        responses=MenuGroupSerializer(many=True),
    )
    @cached(catalogue)
    def get(self, request: Request) -> Response:
        return Response(selectors.menu())


@extend_schema(tags=["catalogue"])
class CategoryView(PublicView):
    @extend_schema(
        summary="A category's breadcrumbs",
        description="`url` is empty for a category that has no channel.",
        responses=BreadcrumbsSerializer,
    )
    @cached(catalogue)
    def get(self, request: Request, category_id: int) -> Response:
        category = selectors.category_with_channel(category_id)
        if category is None:
            raise Http404
        return Response(selectors.breadcrumbs(category))


@extend_schema(tags=["catalogue"])
class BrandListView(PublicView):
    checks_query = True

    @extend_schema(
        summary="The brands, by first letter",
        parameters=[BrandQuerySerializer],
        responses=BrandSerializer(many=True),
    )
    @cached(catalogue, "category")
    def get(self, request: Request) -> Response:
        query = BrandQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        brands = selectors.brands(query.validated_data.get("category"))
        return Response(BrandSerializer(brands, many=True).data)
