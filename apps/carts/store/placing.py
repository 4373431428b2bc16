"""Lending a cart's lines for an order, and clearing them afterwards (ADR 0002). Each function is one round trip."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from apps.carts.store import keys
from apps.carts.store.lines import Line, line_of, newest_first
from apps.core.redis import connection

PLACED_SECONDS = 10 * 60
# Longer than a transaction with all its retries may wait, on any database.
CLAIM_SECONDS = 60
ANSWER_SECONDS = 24 * 60 * 60

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Selection:
    """The ticked lines, lent for one order.

    ``unfinished`` are the stamps of orders begun and not cleared from the cart, with the moment (ms since 1970);
    ``placed`` is the stamp of the order that left the cart as it is now. ``claimed`` is the digest of another request
    with the same Idempotency-Key, ``answered`` the stamp of the order that it got.
    """

    stamp: str
    lines: tuple[Line, ...]
    unfinished: dict[str, int]
    placed: str | None
    claimed: str | None
    answered: str | None


def read_ticked(user_id: int) -> Selection:
    """The ticked lines, without beginning an order."""
    return _selection(
        keys.run("begin_placing", user_id, "", keys.now_ms(), keys.BUYER_SECONDS, "", 0)
    )


def begin_placing(user_id: int, *, request_key: str = "", digest: str = "") -> Selection:
    """Lend the ticked lines and leave a marker that they are being ordered.

    With a ``request_key``: claim it for the request with this ``digest``, unless another one holds it.
    """
    arguments = (keys.new_stamp(), keys.now_ms(), keys.BUYER_SECONDS, digest, CLAIM_SECONDS)
    claim = _claim(user_id, request_key)
    return _selection(keys.run("begin_placing", user_id, *arguments, more_keys=claim))


def abandon_placing(user_id: int, stamp: str, *, request_key: str = "") -> None:
    """Undo ``begin_placing`` after a refusal; the same Idempotency-Key may try again."""
    keys.run("abandon_placing", user_id, stamp, more_keys=_claim(user_id, request_key))


def finish_placing(user_id: int, stamp: str, *, request_key: str = "", digest: str = "") -> bool:
    """Drop the units that were ordered under ``stamp``, once; what was added meanwhile stays.

    With a ``request_key``: for a day it is known that this order was the answer to it.

    False if Redis does not answer: the order stands, and its marker lets a later request finish.
    """
    try:
        times = (keys.BUYER_SECONDS, PLACED_SECONDS, digest, ANSWER_SECONDS)
        claim = _claim(user_id, request_key)
        keys.run("finish_placing", user_id, stamp, keys.new_stamp(), *times, more_keys=claim)
    except RedisError:
        logger.exception(
            "The cart of user %s still holds what order stamp %s bought", user_id, stamp
        )
        return False
    return True


def forget_placing(user_id: int, stamps: Iterable[str]) -> None:
    """Drop the markers of processes that died before they committed anything."""
    connection("carts").hdel(keys.key(user_id, "placing"), *stamps)


def _claim(user_id: int, request_key: str) -> list[str]:
    return [keys.key(user_id, f"request:{request_key}")] if request_key else []


def _selection(answer: list[Any]) -> Selection:
    stamp, flat, unfinished, placed, claimed = answer
    digest, _, answered = claimed.decode().partition(" ")
    lines = tuple(line_of(*flat[at : at + 3]) for at in range(0, len(flat), 3))
    return Selection(
        stamp.decode(),
        newest_first(lines),
        {unfinished[at].decode(): int(unfinished[at + 1]) for at in range(0, len(unfinished), 2)},
        placed.decode() or None,
        digest or None,
        answered or None,
    )
