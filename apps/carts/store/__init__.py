"""A buyer's cart in Redis. Nobody else touches these keys.

| key | type | holds |
|---|---|---|
| ``cart:{<user_id>}:lines`` | hash | SKU id → units |
| ``cart:{<user_id>}:ticked`` | set | the SKU ids that go into the next order |
| ``cart:{<user_id>}:prices`` | hash | SKU id → "<ms since 1970 when added> <price then> <price last shown>" |
| ``cart:{<user_id>}:stamp`` | string | a random token; every change of the cart replaces it (ADR 0002) |
| ``cart:{<user_id>}:placing`` | hash | stamp → JSON {at, holders, lines}: orders begun and not yet cleared from it |
| ``cart:{<user_id>}:placed`` | string | "<stamp since> <stamp ordered>": the order that left the cart as it is |
| ``cart:{<user_id>}:request:<key>`` | string | "<digest of the request>", and once answered " <stamp ordered>" |

The braces put one buyer's keys into one slot of a Redis Cluster. Every function is one round trip, and every change is
one script, so it happens whole or not at all. Money is text in CNY yuan.
"""

import logging
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from redis.commands.core import Script
from redis.exceptions import RedisError

from apps.core.redis import connection, key

MAX_SKUS = 100
MAX_COUNT = 200
TTL_SECONDS = 180 * 24 * 60 * 60
PLACED_SECONDS = 10 * 60
# Longer than a transaction with all its retries may wait, on any database.
CLAIM_SECONDS = 60
ANSWER_SECONDS = 24 * 60 * 60

logger = logging.getLogger(__name__)

Refusal = Literal["full", "too_many", "short"]


@dataclass(frozen=True)
class Line:
    """``added_price`` is what it cost when it was put in, ``shown_price`` what the buyer was last told."""

    sku_id: int
    count: int
    added_at_ms: int
    added_price: Decimal
    shown_price: Decimal


@dataclass(frozen=True)
class Cart:
    lines: tuple[Line, ...]
    ticked: frozenset[int]


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


def read(user_id: int) -> Cart:
    pipeline = connection("carts").pipeline()
    pipeline.hgetall(_key(user_id, "lines"))
    pipeline.smembers(_key(user_id, "ticked"))
    pipeline.hgetall(_key(user_id, "prices"))
    counts, ticked, prices = pipeline.execute()
    lines = tuple(_line(sku_id, count, prices.get(sku_id)) for sku_id, count in counts.items())
    return Cart(_newest_first(lines), frozenset(int(sku_id) for sku_id in ticked))


def read_ticked(user_id: int) -> Selection:
    """The ticked lines, without beginning an order."""
    return _selection(_run("begin_placing", user_id, "", _now_ms(), TTL_SECONDS, "", 0))


def put(
    user_id: int,
    sku_id: int,
    *,
    count: int,
    ticked: bool,
    price: Decimal,
    stock: int,
    on_top: bool,
) -> int | Refusal:
    """Set the units of a SKU, or add them ``on_top`` of those there; the units there are now, or why not.

    ``price`` is what the buyer sees; it is remembered when the SKU is new in the cart or ``on_top``.
    """
    answer = _run(
        "put", user_id, sku_id, count, int(on_top), int(ticked), _now_ms(), str(price),
        stock, MAX_COUNT, MAX_SKUS, _new_stamp(), TTL_SECONDS,
    )  # fmt: skip
    return int(answer) if isinstance(answer, int) else cast("Refusal", answer.decode())


def remove(user_id: int, sku_id: int) -> None:
    _run("remove", user_id, sku_id, _new_stamp(), TTL_SECONDS)


def tick_all(user_id: int, *, ticked: bool) -> None:
    _run("tick_all", user_id, int(ticked), _new_stamp(), TTL_SECONDS)


def show_prices(user_id: int, prices: Mapping[int, Decimal]) -> None:
    """Remember that the buyer was told these prices. The stamp stays: the cart's content does."""
    flat = [str(part) for item in prices.items() for part in item]
    _run("show_prices", user_id, *flat)


def begin_placing(user_id: int, *, request_key: str = "", digest: str = "") -> Selection:
    """Lend the ticked lines and leave a marker that they are being ordered.

    With a ``request_key``: claim it for the request with this ``digest``, unless another one holds it.
    """
    arguments = (_new_stamp(), _now_ms(), TTL_SECONDS, digest, CLAIM_SECONDS)
    claim = _claim(user_id, request_key)
    return _selection(_run("begin_placing", user_id, *arguments, more_keys=claim))


def abandon_placing(user_id: int, stamp: str, *, request_key: str = "") -> None:
    """Undo ``begin_placing`` after a refusal; the same Idempotency-Key may try again."""
    _run("abandon_placing", user_id, stamp, more_keys=_claim(user_id, request_key))


def finish_placing(user_id: int, stamp: str, *, request_key: str = "", digest: str = "") -> bool:
    """Drop the units that were ordered under ``stamp``, once; what was added meanwhile stays.

    With a ``request_key``: for a day it is known that this order was the answer to it.

    False if Redis does not answer: the order stands, and its marker lets a later request finish.
    """
    try:
        times = (TTL_SECONDS, PLACED_SECONDS, digest, ANSWER_SECONDS)
        claim = _claim(user_id, request_key)
        _run("finish_placing", user_id, stamp, _new_stamp(), *times, more_keys=claim)
    except RedisError:
        logger.exception(
            "The cart of user %s still holds what order stamp %s bought", user_id, stamp
        )
        return False
    return True


def forget_placing(user_id: int, stamps: Iterable[str]) -> None:
    """Drop the markers of processes that died before they committed anything."""
    connection("carts").hdel(_key(user_id, "placing"), *stamps)


# --- Keys and scripts -----------------------------------------------------------------------------


def _key(user_id: int, name: str) -> str:
    return key(f"cart:{{{user_id}}}:{name}")


def _claim(user_id: int, request_key: str) -> list[str]:
    return [_key(user_id, f"request:{request_key}")] if request_key else []


KEY_NAMES = ("lines", "ticked", "prices", "stamp", "placing", "placed")


def _run(name: str, user_id: int, *args: Any, more_keys: Sequence[str] = ()) -> Any:
    keys = [*(_key(user_id, each) for each in KEY_NAMES), *more_keys]
    return _script(name)(keys=keys, args=list(args), client=connection("carts"))


@cache
def _script(name: str) -> Script:
    """The script beside this file; sent to a server once, afterwards called by its hash."""
    source = Path(__file__).with_name(f"{name}.lua").read_text()
    return connection("carts").register_script(source)


def _new_stamp() -> str:
    return secrets.token_hex(16)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _line(sku_id: bytes, count: bytes, prices: bytes | None) -> Line:
    # Without a note of prices (lost with half a cart) no price was ever shown, so none can match.
    at, added, shown = (prices or b"0 0 0").decode().split()
    return Line(int(sku_id), int(count), int(at), Decimal(added), Decimal(shown))


def _newest_first(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (-line.added_at_ms, -line.sku_id)))


def _selection(answer: list[Any]) -> Selection:
    stamp, flat, unfinished, placed, claimed = answer
    digest, _, answered = claimed.decode().partition(" ")
    lines = tuple(_line(*flat[at : at + 3]) for at in range(0, len(flat), 3))
    return Selection(
        stamp.decode(),
        _newest_first(lines),
        {unfinished[at].decode(): int(unfinished[at + 1]) for at in range(0, len(unfinished), 2)},
        placed.decode() or None,
        digest or None,
        answered or None,
    )
