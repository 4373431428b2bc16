"""How webhooks are signed: HMAC-SHA256 over number, moment and body. docs/webhooks.md says how it is verified."""

import hmac
from collections.abc import Iterable
from hashlib import sha256


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """In hexadecimal; ``timestamp`` are seconds since 1970, when it is sent."""
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return hmac.new(secret.encode(), signed, sha256).hexdigest()


def headers(
    secrets: Iterable[str], *, message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """With one signature for each secret: while a new one takes over, either will do."""
    signatures = [
        signature(secret, message_id=message_id, timestamp=timestamp, body=body)
        for secret in secrets
    ]
    return {
        "Meiduo-Id": message_id,
        "Meiduo-Timestamp": str(timestamp),
        "Meiduo-Signature": " ".join(f"v1={each}" for each in signatures),
    }
