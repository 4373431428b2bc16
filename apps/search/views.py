from dataclasses import replace
from typing import Any

from django.core.paginator import InvalidPage, Paginator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.pagination import StorefrontPagination
from apps.core.views import PublicView
from apps.goods.models import SKU
from apps.search import selectors
from apps.search.exceptions import SearchUnavailable
from apps.search.gateways import engine
from apps.search.gateways.base import ORDERINGS, Asked
from apps.search.serializers import (
    FoundFacetsSerializer,
    FoundSerializer,
    SearchQuerySerializer,
    TextSerializer,
)

DEEPEST = 10_000
"""Results that one can turn pages to: nobody reads on, and an engine would have to sort them all."""
SUGGESTIONS = 10


class FoundPagination(StorefrontPagination):
    """Pages of which the engine knows one at a time."""

    def window(self, request: Request) -> tuple[int, int]:
        """Offset and limit of the page that is asked for."""
        size = self.get_page_size(request) or self.page_size
        try:
            number = int(request.query_params.get(self.page_query_param) or 1)
        except ValueError:  # int() also refuses more than 4300 digits
            raise NotFound from None
        if number < 1 or number * size > DEEPEST:
            raise NotFound
        return (number - 1) * size, size

    def turn_to(self, request: Request, offset: int, size: int, count: int) -> None:
        self.request = request
        try:
            self.page = Paginator(range(min(count, DEEPEST)), size).page(offset // size + 1)
        except InvalidPage:
            raise NotFound from None


@extend_schema(tags=["search"])
class SKUSearchView(PublicView, ListAPIView):
    """One query, whatever is asked: the index finds the ids, the database tells what they are now."""

    serializer_class = FoundSerializer
    pagination_class = FoundPagination
    queryset = SKU.objects.none()
    checks_query = True
    refusals = {"get": (SearchUnavailable,)}

    @extend_schema(
        summary="Search the SKUs on sale",
        description=(
            "In Chinese, pinyin (`xiaomi`) or its initials (`xm`), by name, brand, category, specification or model. "
            "What is not found as it is written is looked for as it may have been meant. `count` is at most 10,000. "
            "Where `in_stock` narrows it, it may lag behind sales by a minute."
        ),
        parameters=[
            SearchQuerySerializer,
            OpenApiParameter(
                "ordering",
                enum=[sign + field for field in ORDERINGS for sign in ("", "-")],
                description="By relevance if not given; without a text, the best sellers first.",
            ),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        pages = FoundPagination()
        asked, (offset, size) = _asked(request), pages.window(request)
        asked = replace(asked, ordering=_ordering(request), offset=offset, limit=size)
        found = engine().search(asked)
        pages.turn_to(request, offset, size, found.count)
        skus = selectors.on_sale(found.ids, in_stock=asked.filters.in_stock)
        return pages.get_paginated_response(FoundSerializer(skus, many=True).data)


@extend_schema(tags=["search"])
class SearchFacetsView(PublicView):
    checks_query = True
    refusals = {"get": (SearchUnavailable,)}

    @extend_schema(
        summary="What the results of a search can be narrowed by",
        description=(
            "As a category's facets, and the categories beside. What is chosen of a brand, category, price or "
            "specification does not narrow its own counts."
        ),
        parameters=[SearchQuerySerializer],
        responses=FoundFacetsSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(FoundFacetsSerializer(selectors.facets(_asked(request))).data)


def _asked(request: Request) -> Asked:
    query = SearchQuerySerializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    return Asked(query.validated_data["text"], query.filters)


def _ordering(request: Request) -> str:
    asked: str = request.query_params.get("ordering", "")
    return asked if asked.removeprefix("-") in ORDERINGS else ""


@extend_schema(tags=["search"])
class SuggestionsView(PublicView):
    checks_query = True
    refusals = {"get": (SearchUnavailable,)}

    @extend_schema(
        summary="What a buyer may be about to type",
        description="At most ten brands, categories and goods that begin so: in Chinese, pinyin or initials.",
        parameters=[TextSerializer],
        responses=serializers.ListSerializer(child=serializers.CharField()),
    )
    def get(self, request: Request) -> Response:
        query = TextSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(engine().suggest(query.validated_data["text"], SUGGESTIONS))
