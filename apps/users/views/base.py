from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken

from apps.carts import cookies
from apps.users.models import User


class BuyerView(APIView):
    """For who is logged in, which is the default permission."""

    @property
    def buyer(self) -> User:
        return cast("User", self.request.user)


def signed_in(request: Request, user: User, *, status: int = 200, **extra: Any) -> Response:
    """The answer that begins a session: every door (login, registration, another provider) leads through here.

    ``token`` is the access token; ``extra`` is what this door answers beside it, such as ``id`` and ``mobile``.
    """
    refresh = RefreshToken.for_user(user)
    session = {
        "token": str(refresh.access_token),
        "refresh": str(refresh),
        "user_id": user.pk,
        "username": user.username,
    }
    response = Response({**extra, **session}, status=status)
    cookies.hand_over(request, response, user.pk)
    return response
