from django.http import HttpResponse, UnreadablePostError
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request

from apps.core.exceptions import Unavailable
from apps.core.problems import BodyTooLarge
from apps.core.views import PublicView
from apps.payment import services
from apps.payment.exceptions import (
    BadSignature,
    EventMismatch,
    MalformedNotice,
    Misconfigured,
    Unknown,
    UnknownPayment,
    UnknownProvider,
    UnknownRefund,
)
from apps.payment.gateways.interface import Notice

EVENT_REFUSALS = (BadSignature, MalformedNotice, UnknownPayment, EventMismatch, Unavailable)
# Far above any notice: of Alipay's, the longest are some 4 KiB.
LONGEST_NOTICE = 64 * 1024
DONE = OpenApiExample("Done", value="success", description="Alipay", media_type="text/plain")


@extend_schema(tags=["payment"])
class NoticeView(PublicView):
    refusals = {
        "post": (*EVENT_REFUSALS, UnknownProvider, UnknownRefund, Unknown, Misconfigured),
    }

    @extend_schema(
        summary="A provider's asynchronous notice",
        description="Read as it was sent, whatever it says it is, up to 64 KiB. Answers what the provider waits for "
        "once the notice is dealt with: Alipay exactly `success`. Anything else makes the provider repeat it.",
        request={
            "application/x-www-form-urlencoded": OpenApiTypes.OBJECT,
            "application/json": OpenApiTypes.OBJECT,
        },
        responses={
            (200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, examples=[DONE]),
        },
    )
    def post(self, request: Request, provider: str) -> HttpResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        notice = Notice(headers=headers, body=_body(request), at=timezone.now())
        receipt = services.receive_notice(provider, notice)
        return HttpResponse(receipt.body, status=receipt.status, content_type=receipt.content_type)


def _body(request: Request) -> bytes:
    """What was sent, byte for byte: that is what was signed. Raises BodyTooLarge, MalformedNotice."""
    try:
        body: bytes = request.read(LONGEST_NOTICE + 1)
    except UnreadablePostError as exc:
        raise MalformedNotice(field="body") from exc
    if len(body) > LONGEST_NOTICE:
        raise BodyTooLarge
    return body
