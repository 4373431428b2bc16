from math import ceil

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.contents import selectors
from apps.contents.serializers import HomePageSerializer
from apps.core.caching import cached
from apps.core.views import PublicView
from apps.goods.selectors import menu
from apps.goods.store import catalogue


@extend_schema(tags=["home page"])
class HomePageView(PublicView):
    """Kept until the next content begins or ends."""

    @extend_schema(
        summary="The home page: menu and contents by place", responses=HomePageSerializer
    )
    @cached(catalogue)
    def get(self, request: Request) -> Response:
        now = timezone.now()
        places = selectors.places(now)
        response = Response({"categories": menu(), "contents": places.contents})
        if places.until:
            left = (places.until - now).total_seconds()
            # For ``cached``, which reads it.
            response.fresh_seconds = ceil(left)  # type: ignore[attr-defined]
        return response
