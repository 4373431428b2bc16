"""Webhooks by pooled HTTP. The status decides; what follows it is read as far as an operator may want to see it."""

import ssl
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

import urllib3

from apps.core import http
from apps.notifications.exceptions import Undelivered
from apps.notifications.gateways import addresses, signing
from apps.notifications.models.messages import printable

KEPT_BYTES = 2048
GONE = 410
# With these a server says that it is not able to, whatever it is sent.
NOT_NOW = {429, 502, 503, 504}


_pools = http.new_pools()


def send(
    message_id: str,
    url: str,
    *,
    body: str,
    secrets: Iterable[str],
    at: float,
    allow_private: bool,
) -> str:
    """Post it, signed; what was answered. Redirects are not followed: they would lead past every check."""
    content = body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Meiduo-Webhooks/1",
        "Accept-Encoding": "identity",
        **signing.headers(secrets, message_id=message_id, timestamp=int(at), body=content),
    }
    status, answer = _post(url, content, headers, allow_private=allow_private)
    said = printable(f"{status} {answer}").strip()
    if 200 <= status < 300:
        return said
    if 300 <= status < 400:
        raise Undelivered(f"It redirects ({status}), which is not followed.", answer=said)
    raise Undelivered(
        f"It answers {status}.", answer=said, is_down=status in NOT_NOW, is_hopeless=status == GONE
    )


def _post(
    url: str, body: bytes, headers: dict[str, str], *, allow_private: bool
) -> tuple[int, str]:
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    if not is_tls and not allow_private:
        raise Undelivered("Only https:// addresses are called.", is_hopeless=True)
    port = parts.port or (443 if is_tls else 80)
    address = addresses.resolve(host, port, allow_private=allow_private)
    # The name goes into the certificate's check, and nowhere else.
    named = {"server_hostname": host, "assert_hostname": host} if is_tls else {}
    pool = _pools.connection_from_host(address, port, parts.scheme, pool_kwargs=named)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    until = time.monotonic() + http.ANSWER_SECONDS
    try:
        response = pool.urlopen(
            "POST",
            path,
            body=body,
            headers={"Host": parts.netloc, **headers},
            redirect=False,
            preload_content=False,
        )
    except (urllib3.exceptions.HTTPError, OSError, ssl.SSLError) as exc:
        reason = "It does not answer in time" if time.monotonic() > until else _reason(exc)
        raise Undelivered(reason, is_down=True) from exc
    return response.status, _beginning(response, until)


def _reason(exc: Exception) -> str:
    if isinstance(exc, urllib3.exceptions.NewConnectionError):  # to urllib3, a time-out as well
        return "Nobody listens there"
    if isinstance(exc, urllib3.exceptions.TimeoutError):
        return "It does not answer in time"
    if isinstance(exc, urllib3.exceptions.SSLError):
        return f"TLS: {str(exc)[:200]}"
    return f"The connection broke: {type(exc).__name__}"


def _beginning(response: urllib3.BaseHTTPResponse, until: float) -> str:
    """What an answer begins with. Nothing that happens now changes that the status was received."""
    parts, size = [], 0
    try:
        while size <= KEPT_BYTES and time.monotonic() < until:
            part = response.read1(KEPT_BYTES, decode_content=False)
            if not part:
                response.release_conn()
                break
            parts.append(part)
            size += len(part)
        else:
            response.close()
    except (urllib3.exceptions.HTTPError, OSError):
        response.close()
    return b"".join(parts)[:KEPT_BYTES].decode("utf-8", "replace")
