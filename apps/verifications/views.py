from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.clients import client_address
from apps.core.exceptions import TooManyRequests, Unavailable
from apps.core.schema import MessageSerializer
from apps.core.views import PublicView
from apps.verifications import services
from apps.verifications.exceptions import WrongImageCode, WrongSMSTicket
from apps.verifications.serializers import ImageAnswerSerializer, TicketSerializer


@extend_schema(tags=["verifications"])
class ImageCodeView(PublicView):
    refusals = {"get": (TooManyRequests, Unavailable)}

    @extend_schema(
        summary="A picture of four characters",
        description="The browser makes up the id, a UUID. Good for 300 s and for one try; "
        "asked for again, the same id has another picture.",
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, image_code_id: str) -> HttpResponse:
        picture = services.draw_image_code(image_code_id, address=client_address(request))
        return HttpResponse(
            picture, content_type="image/png", headers={"Cache-Control": "no-store"}
        )


@extend_schema(tags=["verifications"])
class SignUpCodeView(PublicView):
    """A 400 is always about the picture: the storefronts say so and show another one."""

    refusals = {"get": (WrongImageCode, TooManyRequests, Unavailable)}

    @extend_schema(
        operation_id="sms_codes_sign_up",
        summary="Send a code for registration or binding",
        description="Six digits, good for 300 s; one SMS per mobile and minute. A wrong text uses "
        "the picture up; 429 leaves it as it is.",
        parameters=[ImageAnswerSerializer],
        responses=MessageSerializer,
    )
    def get(self, request: Request, mobile: str) -> Response:
        answer = ImageAnswerSerializer(data=request.query_params)
        answer.is_valid(raise_exception=True)
        services.send_sign_up_code(mobile, **answer.validated_data, address=client_address(request))
        return Response({"message": "OK"})


@extend_schema(tags=["verifications"])
class ResetCodeView(PublicView):
    refusals = {"get": (WrongSMSTicket, TooManyRequests, Unavailable)}

    @extend_schema(
        operation_id="sms_codes_reset",
        summary="Send a code for a new password",
        parameters=[TicketSerializer],
        responses=MessageSerializer,
    )
    def get(self, request: Request) -> Response:
        ticket = TicketSerializer(data=request.query_params)
        ticket.is_valid(raise_exception=True)
        services.send_reset_code(
            ticket.validated_data["access_token"], address=client_address(request)
        )
        return Response({"message": "OK"})
