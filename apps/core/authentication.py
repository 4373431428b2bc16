from rest_framework_simplejwt.authentication import JWTAuthentication


class StorefrontJWTAuthentication(JWTAuthentication):
    """A token in ``Authorization: Bearer`` or ``JWT``.

    A storefront whose visitor has not logged in sends the literal ``JWT undefined``: that is nobody, not a bad
    token.
    """

    def get_raw_token(self, header: bytes) -> bytes | None:
        token: bytes | None = super().get_raw_token(header)
        return None if token in {b"undefined", b"null"} else token
