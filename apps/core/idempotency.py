import hashlib

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

LONGEST_KEY = 255


def idempotency_key(request: Request) -> str:
    """A digest of the request's ``Idempotency-Key``, "" without one. Raises ValidationError.

    A digest because MySQL takes two texts that differ in case for the same.
    """
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY or not key.isascii() or not (key + "x").isprintable():
        raise serializers.ValidationError(
            {"Idempotency-Key": [_("At most 255 printable ASCII characters.")]}
        )
    return digest(key) if key else ""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
