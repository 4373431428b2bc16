"""Pooled HTTP with time-outs. What keeps an answer from us is Unknown: the provider may have done what was asked."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import urllib3

from apps.payment.exceptions import Unknown

CONNECTIONS = 8
# The largest answer is a bill; a provider gone mad must not fill the memory.
MOST_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
# For reading it; nobody may hold a worker by a drop now and then.
MOST_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """``headers`` are found whatever their case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """One provider's connections. ``connect_timeout`` and ``read_timeout`` are seconds."""

    def __init__(self, *, connect_timeout: float, read_timeout: float) -> None:
        timeout = urllib3.Timeout(connect=connect_timeout, read=read_timeout)
        self._pool = urllib3.PoolManager(maxsize=CONNECTIONS, retries=False, timeout=timeout)

    def request(
        self,
        method: str,
        url: str,
        *,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Raises Unknown."""
        try:
            response = self._pool.request(
                method,
                url,
                body=body,
                headers=dict(headers or {}),
                redirect=False,
                preload_content=False,
            )
            content = _content(response)
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            raise Unknown(f"{method} {url.split('?')[0]}: {_reason(url, exc)}") from exc
        if content is None:
            raise Unknown(
                f"{method} {url.split('?')[0]}: an answer of more than {MOST_BYTES} bytes"
            )
        return Answer(response.status, response.headers, content)


def _reason(url: str, exc: Exception) -> str:
    is_here = urllib3.util.parse_url(url).host in {"127.0.0.1", "localhost"}
    if is_here and isinstance(exc, urllib3.exceptions.NewConnectionError):
        return "nothing listens there. If the sandbox has another port, set SANDBOX_PORT, best in .env."
    return type(exc).__name__


def _content(response: urllib3.BaseHTTPResponse) -> bytes | None:
    """All of it, unpacked; None if that is too much. Raises TimeoutError if it takes too long."""
    until = time.monotonic() + MOST_SECONDS
    parts, size = [], 0
    # As it comes: the time-out of a read begins anew with every drop.
    while part := response.read1(CHUNK_BYTES, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES or time.monotonic() > until:
            # With the rest unread, the connection is of no more use.
            response.close()
            if size > MOST_BYTES:
                return None
            raise TimeoutError
    response.release_conn()
    return b"".join(parts)
