from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.clients import client_address
from apps.core.exceptions import TooManyRequests, Unavailable
from apps.core.store import Limit
from apps.core.views import PublicView
from apps.users import services
from apps.users.exceptions import (
    NoSuchAccount,
    NoSuchMobile,
    NotYourAccount,
    WrongOldPassword,
    WrongResetToken,
)
from apps.users.serializers.accounts import PasswordChangedSerializer
from apps.users.serializers.passwords import (
    PasswordChangeSerializer,
    PasswordResetSerializer,
    ResetOfferSerializer,
    ResetTokenSerializer,
    SMSProofSerializer,
    UserIdSerializer,
)
from apps.users.views.base import BuyerView, signed_in
from apps.verifications.exceptions import WrongImageCode, WrongSMSCode
from apps.verifications.serializers import ImageAnswerSerializer

# Each tells whether an account exists.
RESETS_PER_ADDRESS = Limit("password-reset", times=30, seconds=60 * 60)


@extend_schema(tags=["passwords"])
class ResetOfferView(PublicView):
    refusals = {"get": (WrongImageCode, NoSuchAccount, TooManyRequests, Unavailable)}

    @extend_schema(
        summary="Forgotten password, 1: whose is it?",
        description="`account` is a username or a mobile. The image code is used up.",
        parameters=[ImageAnswerSerializer],
        responses=ResetOfferSerializer,
    )
    def get(self, request: Request, account: str) -> Response:
        answer = ImageAnswerSerializer(data=request.query_params)
        answer.is_valid(raise_exception=True)
        RESETS_PER_ADDRESS.spend(client_address(request))
        mobile, ticket = services.offer_reset(account, **answer.validated_data)
        return Response({"mobile": mobile, "access_token": ticket})


@extend_schema(tags=["passwords"])
class ResetTokenView(PublicView):
    refusals = {"get": (WrongSMSCode, NoSuchMobile, TooManyRequests, Unavailable)}

    @extend_schema(
        summary="Forgotten password, 2: the SMS code",
        description="Good for one new password within 600 s. The SMS code is used up.",
        parameters=[SMSProofSerializer],
        responses=ResetTokenSerializer,
    )
    def get(self, request: Request, account: str) -> Response:
        proof = SMSProofSerializer(data=request.query_params)
        proof.is_valid(raise_exception=True)
        RESETS_PER_ADDRESS.spend(client_address(request))
        user_id, token = services.prove_mobile(account, proof.validated_data["sms_code"])
        return Response({"user_id": user_id, "access_token": token})


@extend_schema(tags=["passwords"])
class PasswordView(BuyerView):
    """POST is for who cannot log in: a token in the header, stale or not, means nothing there."""

    refusals = {
        "post": (WrongResetToken, Unavailable),
        "put": (WrongOldPassword, NotYourAccount, TooManyRequests, Unavailable),
    }

    def perform_authentication(self, request: Request) -> None:
        if request.method != "POST":
            super().perform_authentication(request)

    def get_permissions(self) -> Sequence[Any]:
        return [AllowAny()] if self.request.method == "POST" else super().get_permissions()

    @extend_schema(
        summary="Forgotten password, 3: the new one",
        description="All sessions of the user end.",
        request=PasswordResetSerializer,
        responses=UserIdSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        serializer = PasswordResetSerializer(data=request.data, context={"user_id": pk})
        serializer.is_valid(raise_exception=True)
        user = serializer.validated_data["user"]
        password = serializer.validated_data["password"]
        services.reset_password(user, password, address=client_address(request))
        return Response({"id": user.pk})

    @extend_schema(
        summary="Change the password",
        description="All sessions of the user end, this one too; the answer begins a new one.",
        request=PasswordChangeSerializer,
        responses=PasswordChangedSerializer,
    )
    def put(self, request: Request, pk: int) -> Response:
        if pk != self.buyer.pk:
            raise NotYourAccount
        serializer = PasswordChangeSerializer(data=request.data, context={"user": self.buyer})
        serializer.is_valid(raise_exception=True)
        services.change_password(
            self.buyer,
            old=serializer.validated_data["old_password"],
            new=serializer.validated_data["password"],
        )
        return signed_in(request, self.buyer, id=self.buyer.pk)
