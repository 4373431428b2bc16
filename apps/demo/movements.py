"""Why the demo shop's stock is what it is, beside what was sold."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from apps.demo.opinions import Purchase
from apps.demo.rows import Rows
from apps.demo.shop import Offer
from apps.goods.models import SKU, StockMovement
from apps.orders.models import Status

Reason = StockMovement.Reason
SOME = 24
# Of a SKU: how many days ago, why, and how many units if it has a hundred.
STORY = (
    (30, Reason.RECEIPT, "供应商补货，送货单已核对", 50),
    (16, Reason.CORRECTION, "月度盘点", -2),
    (9, Reason.DAMAGE, "搬运中包装破损", -1),
)


@dataclass(frozen=True)
class Moved:
    """A change of stock that was no sale."""

    sku: SKU
    change: int
    reason: Reason
    note: str
    at: datetime
    by: int


def write_movements(
    rows: Rows,
    offers: Sequence[Offer],
    purchases: Iterable[Purchase],
    returned: Iterable[Moved],
    *,
    now: datetime,
    rng: Random,
    author_id: int,
) -> None:
    """Have some SKUs' stock received, counted and damaged, and what was ``returned`` put on sale again.

    The stock that a SKU has stays: it opened with so much less or more. Only what was returned comes on top.
    """
    plenty = [offer.sku for offer in offers if offer.sku.stock >= 40]
    moved = [
        Moved(sku, _units(sku, hundredth), reason, note, now - timedelta(days=days), author_id)
        for number, sku in enumerate(rng.sample(plenty, SOME))
        for days, reason, note, hundredth in STORY[: 1 + number % len(STORY)]
    ]
    for each in moved:
        each.sku.opening_stock -= each.change
    back = list(returned)
    for each in back:
        each.sku.stock += each.change
    _write(rows, sorted([*moved, *back], key=lambda each: each.at), _sold(purchases))


def _units(sku: SKU, of_a_hundred: int) -> int:
    return sku.stock * of_a_hundred // 100 if of_a_hundred > 0 else of_a_hundred


def _sold(purchases: Iterable[Purchase]) -> dict[int, list[tuple[datetime, int]]]:
    """When how many units of each SKU were sold."""
    sold = defaultdict(list)
    for each in purchases:
        if each.order.status != Status.CANCELED:
            for line, offer in each.lines:
                sold[offer.sku.pk].append((each.order.create_time, line.count))
    return sold


def _write(rows: Rows, moved: Sequence[Moved], sold: dict[int, list[tuple[datetime, int]]]) -> None:
    moved_by_now: dict[int, int] = defaultdict(int)
    for each in moved:
        sku = each.sku
        moved_by_now[sku.pk] += each.change
        sold_by_then = sum(units for at, units in sold[sku.pk] if at <= each.at)
        rows.add(
            StockMovement(
                sku_id=sku.pk,
                change=each.change,
                stock_after=sku.opening_stock + moved_by_now[sku.pk] - sold_by_then,
                reason=each.reason,
                note=each.note,
                author_id=each.by,
                create_time=each.at,
            )
        )
