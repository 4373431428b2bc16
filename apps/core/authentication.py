from typing import Any

from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication


class StorefrontJWTAuthentication(JWTAuthentication):
    """A token in ``Authorization: Bearer`` or ``JWT``.

    A storefront whose visitor has not logged in sends the literal ``JWT undefined``: that is nobody, not a bad
    token.
    """

    def get_raw_token(self, header: bytes) -> bytes | None:
        token: bytes | None = super().get_raw_token(header)
        return None if token in {b"undefined", b"null"} else token


class LenientJWTAuthentication(StorefrontJWTAuthentication):
    """A token that is malformed, forged, stale or revoked is nobody's: for what visitors may do as well."""

    def authenticate(self, request: Request) -> Any:
        try:
            return super().authenticate(request)
        except AuthenticationFailed:
            return None
