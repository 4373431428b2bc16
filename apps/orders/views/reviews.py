from collections.abc import Sequence
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.exceptions import TooManyRequests, Unavailable
from apps.core.pagination import StorefrontPagination
from apps.core.parsers import PictureParser
from apps.core.store import Limit
from apps.core.views import PublicView
from apps.goods.models import SCORES, SKU
from apps.orders.exceptions import AlreadyReviewed, ImagesNotUsable, NotReceived
from apps.orders.models import OrderInfo, Review
from apps.orders.serializers import (
    OrderLineSerializer,
    OrderReviewSerializer,
    ReviewImageSerializer,
    ReviewSerializer,
    SKUReviewSerializer,
)
from apps.users.views import BuyerView

# The contract's array; there are pages for who wants more.
NEWEST = 30
REFUSALS = (AlreadyReviewed, NotReceived, ImagesNotUsable, Unavailable)
# Ten reviews full of pictures.
UPLOADS_A_DAY = Limit("review-images", times=90, seconds=24 * 60 * 60)


@extend_schema(tags=["reviews"])
class UnreviewedLinesView(BuyerView):
    @extend_schema(
        summary="What I can review of an order",
        description="Empty unless the order was received and is not finished.",
        responses=OrderLineSerializer(many=True),
    )
    def get(self, request: Request, order_id: str) -> Response:
        order = get_object_or_404(OrderInfo, pk=order_id, user=self.buyer)
        received = order.status == OrderInfo.Status.UNCOMMENT
        lines = order.skus.unreviewed() if received else order.skus.none()
        return Response(OrderLineSerializer(lines, many=True).data)


@extend_schema(tags=["reviews"])
class OrderReviewsView(BuyerView):
    refusals = {"post": REFUSALS}

    @extend_schema(
        summary="Review a line of an order",
        description="Once for each line, when the order was received; with its last line the order is finished.",
        request=OrderReviewSerializer,
        responses={201: ReviewSerializer},
    )
    def post(self, request: Request, order_id: str) -> Response:
        order = get_object_or_404(OrderInfo, pk=order_id, user=self.buyer)
        serializer = OrderReviewSerializer(data=request.data, context={"order": order})
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["reviews"])
class ReviewImagesView(BuyerView):
    parser_classes = [PictureParser]
    refusals = {"post": (TooManyRequests, Unavailable)}

    @extend_schema(
        summary="Upload a picture for a review",
        description="At most nine are shown in one review, which has to be written within a day.",
        request=ReviewImageSerializer,
        responses={201: ReviewImageSerializer},
    )
    def post(self, request: Request) -> Response:
        UPLOADS_A_DAY.spend(str(self.buyer.pk))
        serializer = ReviewImageSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save(user=self.buyer)
        return Response(serializer.data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["reviews"])
class SKUCommentsView(BuyerView):
    """Reading is for everybody; a token is not even looked at then."""

    refusals = {"post": REFUSALS}

    def perform_authentication(self, request: Request) -> None:
        if request.method != "GET":
            super().perform_authentication(request)

    def get_permissions(self) -> Sequence[Any]:
        return [AllowAny()] if self.request.method == "GET" else super().get_permissions()

    @extend_schema(
        summary="The newest reviews of a SKU",
        description=f"At most {NEWEST}; `/skus/{{sku_id}}/reviews/` has all of them, in pages.",
        responses=ReviewSerializer(many=True),
    )
    def get(self, request: Request, sku_id: int) -> Response:
        newest = list(Review.objects.to_show().filter(sku__id=sku_id)[:NEWEST])
        if not newest and not SKU.objects.filter(pk=sku_id).exists():
            raise Http404
        return Response(ReviewSerializer(newest, many=True).data)

    @extend_schema(
        summary="Review a SKU of an order",
        description="The same as `POST /orders/{order_id}/comments/`, with the order in the body.",
        request=SKUReviewSerializer,
        responses={201: ReviewSerializer},
    )
    def post(self, request: Request, sku_id: int) -> Response:
        context = {"request": request, "sku_id": sku_id}
        serializer = SKUReviewSerializer(data=request.data, context=context)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)


class CountedPaginator(Paginator):
    """Is told how many there are: counting them would cost more with every review."""

    def __init__(self, *args: Any, count: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = count


@extend_schema(
    tags=["reviews"],
    summary="All reviews of a SKU and of the other variants of its goods",
    parameters=[
        OpenApiParameter("score", int, enum=SCORES, description="Only those with so many stars.")
    ],
)
class SKUReviewsView(PublicView, ListAPIView):
    serializer_class = ReviewSerializer
    queryset = Review.objects.none()

    def get(self, request: Request, sku_id: int) -> Response:
        sku = get_object_or_404(SKU.objects.select_related("goods"), pk=sku_id)
        reviews, count = self._asked_for(sku)
        pages = StorefrontPagination()
        counted = partial(CountedPaginator, count=count)
        pages.django_paginator_class = counted  # type: ignore[assignment]  # called, as a class is
        page = pages.paginate_queryset(reviews, request, view=self)
        return pages.get_paginated_response(ReviewSerializer(page, many=True).data)

    def _asked_for(self, sku: SKU) -> tuple[QuerySet[Review], int]:
        """Those with the score in the query, all of them if that is no score; and how many these are."""
        reviews = Review.objects.to_show().filter(goods=sku.goods_id)
        asked = self.request.query_params.get("score", "")
        counts = {str(score): count for score, count in sku.goods.reviews_of_score.items()}
        if asked in counts:
            return reviews.filter(score=int(asked)), counts[asked]
        return reviews, sku.goods.comments
