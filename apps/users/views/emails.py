from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.exceptions import TooManyRequests, Unavailable
from apps.core.schema import MessageSerializer
from apps.core.views import PublicView
from apps.users import services
from apps.users.exceptions import WrongVerificationLink
from apps.users.serializers.emails import EmailSerializer, VerificationSerializer
from apps.users.views.base import BuyerView


@extend_schema(tags=["accounts"])
class EmailView(BuyerView):
    refusals = {"put": (TooManyRequests, Unavailable)}

    @extend_schema(
        summary="Set the e-mail address, or mail the link again",
        description="A link to verify it is mailed, unless this very address is verified already.",
        request=EmailSerializer,
        responses=EmailSerializer,
    )
    def put(self, request: Request) -> Response:
        serializer = EmailSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.set_email(self.buyer, serializer.validated_data["email"])
        return Response(EmailSerializer(self.buyer).data)


@extend_schema(tags=["accounts"], responses=MessageSerializer)
class EmailVerificationView(PublicView):
    """GET changes something, as the storefronts want it. A mail scanner that opens links may be who asks.

    That is harmless: it says what the link says, that the mail has arrived at this address. Nobody logs in by it.
    """

    refusals = {"get": (WrongVerificationLink,), "put": (WrongVerificationLink,)}

    @extend_schema(
        summary="Verify the e-mail address",
        description="With the token of the mailed link, good for 24 hours. Again is as good as once.",
        parameters=[VerificationSerializer],
    )
    def get(self, request: Request) -> Response:
        return self._verify(request.query_params)

    @extend_schema(
        summary="Verify the e-mail address",
        description="As GET; the token in the body or in the query.",
        request=VerificationSerializer,
    )
    def put(self, request: Request) -> Response:
        return self._verify(
            request.query_params if "token" in request.query_params else request.data
        )

    def _verify(self, given: object) -> Response:
        serializer = VerificationSerializer(data=given)
        serializer.is_valid(raise_exception=True)
        services.verify_email(serializer.validated_data["token"])
        return Response({"message": "OK"})


class VerifiedPage(View):
    """Where the mailed link leads, until a storefront has a page of its own for that."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            services.verify_email(request.GET.get("token", ""))
        except WrongVerificationLink as refusal:
            context = {"shop_name": settings.SHOP_NAME, "refusal": refusal}
            return render(request, "users/verified.html", context, status=400)
        return render(request, "users/verified.html", {"shop_name": settings.SHOP_NAME})
