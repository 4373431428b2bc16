from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView


class PublicView(APIView):
    """For everybody. A token is not even looked at, so a stale one does no harm."""

    authentication_classes = []
    permission_classes = [AllowAny]


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Says nothing of the database or Redis, which a restart would not mend."""
    return HttpResponse("ok", content_type="text/plain")
