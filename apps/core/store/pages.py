"""Finished answers, kept for all readers. Nobody else touches these keys.

| key | type | holds |
|---|---|---|
| ``pages:<name>:{version}`` | string | a random token that every change of what these pages show replaces; a day |
| ``pages:<name>:{<address>}`` | hash | ``body``, ``etag``, the ``version`` it was read under; its time and a grace |
| ``pages:<name>:{<address>}:claim`` | string | somebody is reading this page anew; ``CLAIM_SECONDS`` |

A cache that does not answer is a page that is read every time, not an error.
"""

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError

from apps.core.redis import connection, key

VERSION_SECONDS = 24 * 3600
GRACE_SECONDS = 30
"""How long a page past its time is kept, for those who ask while one of them reads it anew."""
CLAIM_SECONDS = 3
POLL_SECONDS = 0.02

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """A rendered answer. ``seconds``: how long it may be shown at most, None as long as its kind may."""

    body: bytes
    seconds: int | None = None


@dataclass(frozen=True)
class Copy:
    """A page as it is kept."""

    body: bytes
    etag: str


class Pages:
    """Pages of one kind, which become outdated together.

    What is not announced by ``renew`` shows ``PAGE_CACHE_SECONDS`` later at most; with 0 nothing is kept.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def renew(self) -> None:
        """Have every page of this kind read anew from now on. Call after the commit of what changed them.

        Without Redis nothing happens: pages kept before may be shown until their time is over.
        """
        try:
            connection("default").set(self._key("version"), _token(), ex=VERSION_SECONDS)
        except RedisError as exc:
            logger.warning("The %s pages could not be renewed: %s", self._name, exc)

    def get(self, address: str, read: Callable[[], Page]) -> Copy:
        """The page at this address: as it is kept, in one round trip, or as ``read`` reads it now.

        One reader at a time reads a page anew; meanwhile the others get the copy whose time has just passed, or wait
        where there is none. What ``read`` raises is raised, and not kept.
        """
        if not settings.PAGE_CACHE_SECONDS:
            return _copy(read())
        try:
            version, copy = self._find_or_claim(address)
        except RedisError as exc:
            logger.warning("The %s pages are read every time: %s", self._name, exc)
            return _copy(read())
        return copy or self._read_anew(address, version, read)

    def _find_or_claim(self, address: str) -> tuple[str, Copy | None]:
        """The present version, and the copy to show; none if reading the page has fallen to us."""
        while True:
            version, copy, is_fresh = self._look(address)
            if copy and is_fresh:
                return version, copy
            claim = self._key(address, "claim")
            if connection("default").set(claim, "1", nx=True, ex=CLAIM_SECONDS):
                # Between the look and the claim another may have put the page back.
                version, copy, is_fresh = self._look(address)
                if not (copy and is_fresh):
                    return version, None
                self._put_back(address, version, None)
                return version, copy
            if copy:
                return version, copy
            # The reader may be another process, or dead: there is no event to wait for.
            time.sleep(POLL_SECONDS)

    def _look(self, address: str) -> tuple[str, Copy | None, bool]:
        """The present version, the copy of it if there is one, and whether its time is not over."""
        pipe = connection("default").pipeline(transaction=False)
        pipe.get(self._key("version"))
        pipe.hmget(self._key(address), "version", "etag", "body")
        pipe.pttl(self._key(address))
        version, (kept_version, etag, body), milliseconds_left = pipe.execute()
        if version is None:
            return self._first_version(), None, False
        is_fresh = milliseconds_left > GRACE_SECONDS * 1000
        copy = Copy(body, etag.decode()) if body and kept_version == version else None
        return version.decode(), copy, is_fresh

    def _first_version(self) -> str:
        """A random one: counting would begin again with versions that pages may still be kept under."""
        pipe = connection("default").pipeline()
        pipe.set(self._key("version"), _token(), nx=True, ex=VERSION_SECONDS)
        pipe.get(self._key("version"))
        version: bytes = pipe.execute()[-1]
        return version.decode()

    def _read_anew(self, address: str, version: str, read: Callable[[], Page]) -> Copy:
        """Keep the page under the version from before it was read: a change meanwhile makes it outdated."""
        page: Page | None = None
        try:
            page = read()
            return _copy(page)
        finally:
            self._put_back(address, version, page)

    def _put_back(self, address: str, version: str, page: Page | None) -> None:
        pipe = connection("default").pipeline()
        if page:
            copy = _copy(page)
            fields: dict[Any, Any] = {"version": version, "etag": copy.etag, "body": copy.body}
            pipe.hset(self._key(address), mapping=fields)
            pipe.expire(self._key(address), _seconds(page) + GRACE_SECONDS)
        pipe.delete(self._key(address, "claim"))
        try:
            pipe.execute()
        except RedisError as exc:
            logger.warning("A %s page could not be kept: %s", self._name, exc)

    def _key(self, address: str, *more: str) -> str:
        # Braces keep a page and its claim in one slot of a cluster.
        return key(":".join(("pages", self._name, f"{{{address}}}", *more)))


def _copy(page: Page) -> Copy:
    return Copy(page.body, f'"{sha256(page.body).hexdigest()[:32]}"')


def _seconds(page: Page) -> int:
    most: int = settings.PAGE_CACHE_SECONDS
    return most if page.seconds is None else max(1, min(page.seconds, most))


def _token() -> str:
    return secrets.token_hex(8)
