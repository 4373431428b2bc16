"""What is in a cart, and every change its owner makes. Each function is one round trip."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from apps.carts.store import keys
from apps.carts.store.keys import Owner, Visitor
from apps.core.redis import connection

MAX_SKUS = 100
MAX_COUNT = 200

Refusal = Literal["full", "too_many", "short", "unknown"]


@dataclass(frozen=True)
class Line:
    """``added_price`` is what it cost when it was put in, ``shown_price`` what the buyer was last told."""

    sku_id: int
    count: int
    added_at_ms: int
    added_price: Decimal
    shown_price: Decimal

    @property
    def note(self) -> str:
        """Its moment and prices, as they are kept."""
        return f"{self.added_at_ms} {self.added_price} {self.shown_price}"


@dataclass(frozen=True)
class Wanted:
    """How many units of a SKU, at which price, and how many there are to be had."""

    count: int
    price: Decimal
    stock: int


@dataclass(frozen=True)
class Cart:
    """The lines are in the order they were added, newest first; ``stamp`` is "" if there never was such a cart."""

    lines: tuple[Line, ...]
    ticked: frozenset[int]
    stamp: str


def read(owner: Owner) -> Cart:
    pipeline = connection("carts").pipeline()
    pipeline.hgetall(keys.key(owner, "lines"))
    pipeline.smembers(keys.key(owner, "ticked"))
    pipeline.hgetall(keys.key(owner, "prices"))
    pipeline.get(keys.key(owner, "stamp"))
    counts, ticked, prices, stamp = pipeline.execute()
    lines = (line_of(sku_id, count, prices.get(sku_id)) for sku_id, count in counts.items())
    return Cart(
        newest_first(lines),
        frozenset(int(sku_id) for sku_id in ticked),
        stamp.decode() if stamp else "",
    )


def put(
    owner: Owner,
    sku_id: int,
    *,
    count: int,
    ticked: bool,
    price: Decimal,
    stock: int,
    on_top: bool,
) -> int | Refusal:
    """Set the units of a SKU, or add them ``on_top`` of those there; the units there are now, or why not.

    ``price`` is what the buyer sees; it is remembered when the SKU is new in the cart or ``on_top``. "unknown": there
    is no cart under the token that this visitor brings.
    """
    may_begin = not isinstance(owner, Visitor) or owner.is_new
    answer = keys.run(
        "put", owner, sku_id, count, int(on_top), int(ticked), keys.now_ms(), str(price), stock,
        MAX_COUNT, MAX_SKUS, keys.new_stamp(), keys.seconds_kept(owner), int(may_begin),
    )  # fmt: skip
    return _units_or_refusal(answer)


def put_at_least(user_id: int, wanted: Mapping[int, Wanted]) -> dict[int, int | Refusal]:
    """Have at least so many units of each SKU in a buyer's cart, ticked; the units there are now, or why not.

    More than wanted stay as they are, so that doing it twice is doing it once.
    """
    flat = [
        part
        for sku_id, each in wanted.items()
        for part in (sku_id, each.count, str(each.price), each.stock)
    ]
    answers = keys.run(
        "put_at_least", user_id, keys.now_ms(), MAX_COUNT, MAX_SKUS, keys.new_stamp(),
        keys.seconds_kept(user_id), *flat,
    )  # fmt: skip
    return dict(zip(wanted, map(_units_or_refusal, answers), strict=True))


def remove(owner: Owner, sku_id: int) -> None:
    keys.run("remove", owner, sku_id, keys.new_stamp(), keys.seconds_kept(owner))


def tick(owner: Owner, sku_id: int, *, ticked: bool) -> bool:
    """Tick one line or untick it; False if it is not there."""
    seconds = keys.seconds_kept(owner)
    return bool(keys.run("tick", owner, sku_id, int(ticked), keys.new_stamp(), seconds))


def tick_all(owner: Owner, *, ticked: bool) -> None:
    keys.run("tick_all", owner, int(ticked), keys.new_stamp(), keys.seconds_kept(owner))


def show_prices(user_id: int, prices: Mapping[int, Decimal]) -> None:
    """Remember that the buyer was told these prices. The stamp stays: the cart's content does."""
    flat = [str(part) for item in prices.items() for part in item]
    keys.run("show_prices", user_id, *flat)


def _units_or_refusal(answer: int | bytes) -> int | Refusal:
    return answer if isinstance(answer, int) else cast("Refusal", answer.decode())


def line_of(sku_id: bytes, count: bytes, note: bytes | None) -> Line:
    # Without a note of prices (lost with half a cart) no price was ever shown, so none can match.
    at, added, shown = (note or b"0 0 0").decode().split()
    return Line(int(sku_id), int(count), int(at), Decimal(added), Decimal(shown))


def newest_first(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (-line.added_at_ms, -line.sku_id)))
