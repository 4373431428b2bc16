from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.caching import cached
from apps.core.views import PublicView
from apps.goods import selectors
from apps.goods.models import SKU
from apps.goods.selectors import Filter
from apps.goods.serializers import FacetsSerializer, FilterSerializer, SKUSerializer
from apps.goods.store import catalogue

HOT_SKUS = 2
ORDERINGS = ("create_time", "price", "sales")
FILTERS = tuple(FilterSerializer().fields)


@extend_schema(
    tags=["catalogue"],
    summary="The SKUs on sale in a category",
    parameters=[
        FilterSerializer,
        OpenApiParameter(
            "ordering",
            enum=[sign + field for field in ORDERINGS for sign in ("", "-")],
            default="-create_time",
            description="The id breaks ties, so pages neither repeat nor miss a SKU.",
        ),
    ],
)
class CategorySKUListView(PublicView, ListAPIView):
    """Two queries: the category with the number of its SKUs, and the page of them."""

    serializer_class = SKUSerializer
    queryset = SKU.objects.none()
    checks_query = True

    @cached(catalogue, "page", "page_size", "ordering", *FILTERS)
    def get(self, request: Request, category_id: int) -> Response:
        shelf = selectors.shelf(category_id, _chosen(request), *_ordering(request))
        if shelf is None:
            raise Http404
        # A sequence is all a paginator needs.
        page: Any = self.paginate_queryset(shelf)  # type: ignore[arg-type]
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


@extend_schema(tags=["catalogue"])
class FacetsView(PublicView):
    checks_query = True

    @extend_schema(
        summary="What the SKUs of a category can be narrowed by",
        description=(
            "With the same filters as the list. What is chosen of a brand, price or specification does not narrow its "
            "own counts: they tell what another choice would give."
        ),
        parameters=[FilterSerializer],
        responses=FacetsSerializer,
    )
    @cached(catalogue, *FILTERS)
    def get(self, request: Request, category_id: int) -> Response:
        facets = selectors.facets(category_id, _chosen(request))
        if facets is None:
            raise Http404
        return Response(FacetsSerializer(facets).data)


@extend_schema(tags=["catalogue"])
class HotSKUsView(PublicView):
    @extend_schema(summary="A category's best sellers", responses=SKUSerializer(many=True))
    @cached(catalogue)
    def get(self, request: Request, category_id: int) -> Response:
        hot = selectors.hot_skus(category_id, HOT_SKUS)
        if hot is None:
            raise Http404
        return Response(SKUSerializer(hot, many=True).data)


def _chosen(request: Request) -> Filter:
    query = FilterSerializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    return query.filter


def _ordering(request: Request) -> tuple[str, str]:
    """The storefront's ordering, the default for one we do not have; the id follows its direction."""
    asked = request.query_params.get("ordering", "")
    ordering = asked if asked.removeprefix("-") in ORDERINGS else "-create_time"
    return ordering, "-id" if ordering.startswith("-") else "id"
