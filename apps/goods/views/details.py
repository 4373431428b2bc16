from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.caching import cached
from apps.core.views import PublicView
from apps.goods import selectors
from apps.goods.serializers import GoodsDetailSerializer, SKUDetailSerializer
from apps.goods.store import catalogue


@extend_schema(tags=["catalogue"])
class SKUDetailView(PublicView):
    @extend_schema(
        summary="A SKU's page",
        description="A withdrawn SKU is shown, with `is_launched` false: buyers have links to it.",
        responses=SKUDetailSerializer,
    )
    @cached(catalogue)
    def get(self, request: Request, sku_id: int) -> Response:
        found = selectors.sku_detail(sku_id)
        if found is None:
            raise Http404
        sku, parts = found
        return Response(SKUDetailSerializer(sku, context={"parts": parts}).data)


@extend_schema(tags=["catalogue"])
class GoodsDetailView(PublicView):
    @extend_schema(summary="A goods (SPU) and its SKUs on sale", responses=GoodsDetailSerializer)
    @cached(catalogue)
    def get(self, request: Request, goods_id: int) -> Response:
        found = selectors.goods_detail(goods_id)
        if found is None:
            raise Http404
        goods, parts = found
        return Response(GoodsDetailSerializer(goods, context={"parts": parts}).data)
