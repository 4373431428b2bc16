from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.areas import selectors
from apps.areas.serializers import AreaSerializer, AreaWithSubsSerializer
from apps.areas.store import areas
from apps.core.caching import cached
from apps.core.views import PublicView


@extend_schema(tags=["areas"])
class ProvinceListView(PublicView):
    @extend_schema(summary="The provinces", responses=AreaSerializer(many=True))
    @cached(areas)
    def get(self, request: Request) -> Response:
        return Response(selectors.provinces())


@extend_schema(tags=["areas"])
class AreaView(PublicView):
    @extend_schema(summary="What an area is divided into", responses=AreaWithSubsSerializer)
    @cached(areas)
    def get(self, request: Request, area_id: int) -> Response:
        area = selectors.area_with_subs(area_id)
        if area is None:
            raise Http404
        return Response(area)
