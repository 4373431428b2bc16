from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from apps.goods.exceptions import (
    MovementRepeated,
    NothingToCorrect,
    StockChanged,
    StockWouldBeNegative,
    StockWouldBeTooMuch,
)
from apps.goods.models import SKU, StockMovement
from apps.goods.store import catalogue

if TYPE_CHECKING:
    from apps.users.models import User

Reason = StockMovement.Reason


@transaction.atomic
def move_stock(
    sku_id: int,
    change: int,
    *,
    reason: str,
    author: "User",
    note: str = "",
    key: UUID | None = None,
) -> StockMovement:
    """Change a SKU's stock by ``change`` units for a reason that is not a sale, and write that down.

    Raises StockWouldBeNegative, StockWouldBeTooMuch; MovementRepeated if one with this ``key`` is written down. Sales
    that happen at the same time are never overwritten.
    """
    if not SKU.objects.change_stock(sku_id, change):
        refusal = StockWouldBeTooMuch if change > 0 else StockWouldBeNegative
        raise refusal(sku_id=sku_id)
    # From here on the row is locked: a second movement of the same form waits above, and then sees the first.
    if key and StockMovement.objects.filter(key=key).exists():
        raise MovementRepeated(sku_id=sku_id)
    transaction.on_commit(catalogue.renew)
    return StockMovement.objects.create(
        sku_id=sku_id,
        change=change,
        stock_after=SKU.objects.values_list("stock", flat=True).get(pk=sku_id),
        reason=reason,
        author=author,
        note=note,
        key=key,
    )


def receive_stock(
    sku_id: int, units: int, *, author: "User", note: str = "", key: UUID | None = None
) -> StockMovement:
    """Book goods that came in. Raises what ``move_stock`` raises."""
    return move_stock(sku_id, units, reason=Reason.RECEIPT, author=author, note=note, key=key)


def write_off_stock(
    sku_id: int, units: int, *, author: "User", note: str = "", key: UUID | None = None
) -> StockMovement:
    """Book goods that were damaged or lost. Raises what ``move_stock`` raises."""
    return move_stock(sku_id, -units, reason=Reason.DAMAGE, author=author, note=note, key=key)


def restock(sku_id: int, count: int, *, author: "User", note: str = "") -> StockMovement:
    """Put units that a buyer sent back on sale again; call it in the transaction that writes the return down.

    The order they were sold with stays sold: its lines go on counting in the audit, and this movement stands beside
    them. So never for an order that is being canceled: that gives its stock back by itself, from sales. Raises what
    ``move_stock`` raises.
    """
    return move_stock(sku_id, count, reason=Reason.RETURN, author=author, note=note)


@transaction.atomic
def correct_stock(
    sku_id: int, *, counted: int, seen: int, last_movement: int, author: "User", note: str = ""
) -> StockMovement:
    """Book the difference between what was ``counted`` and what the shop said there was when it was ``seen``.

    What was sold since then stays sold. ``last_movement`` is the id of the SKU's last movement at that time, 0 without
    any: if there is another one now, its units may have been counted or not, and so may this very correction have
    been sent twice. Raises StockChanged then, and if more has been sold than was counted; NothingToCorrect.
    """
    if counted == seen:
        last = StockMovement.objects.last_ids([sku_id]).get(sku_id, 0)
        raise (NothingToCorrect if last == last_movement else StockChanged)(sku_id=sku_id)
    try:
        moved = move_stock(
            sku_id, counted - seen, reason=Reason.CORRECTION, author=author, note=note
        )
    except (StockWouldBeNegative, StockWouldBeTooMuch) as refusal:
        raise StockChanged(sku_id=sku_id) from refusal
    others = StockMovement.objects.filter(sku=sku_id).exclude(pk=moved.pk)
    last = others.order_by("-pk").values_list("pk", flat=True).first() or 0
    if last != last_movement:
        raise StockChanged(sku_id=sku_id)
    return moved
