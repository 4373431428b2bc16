"""Taking an order from one state to the next, the step written down in the same transaction (docs/orders.md)."""

from typing import Any

from apps.orders.exceptions import NoSuchOrder, WrongState
from apps.orders.models import OrderEvent, OrderInfo, Status, Step
from apps.orders.models.orders import OrderInfoQuerySet
from apps.orders.models.steps import MOVES


def take_step(
    order_id: str,
    step: Step,
    *,
    by_id: int | None,
    reason: str = "",
    among: OrderInfoQuerySet | None = None,
    **columns: Any,
) -> bool:
    """Take the order a step further and record who did it and why; False if it is not where the step begins.

    Call it in the transaction of whatever else the step brings about. ``by_id`` is the buyer or operator, None the shop
    itself; ``among`` narrows the orders that may take it; ``columns`` are set in the same statement. Safe at once: the
    conditional UPDATE is the lock.
    """
    orders = OrderInfo.objects.all() if among is None else among
    if not orders.advance(order_id, step, **columns):
        return False
    source, target = MOVES[step]
    OrderEvent.objects.create(
        order_id=order_id,
        step=step,
        from_status=source,
        to_status=target,
        actor_id=by_id,
        reason=reason[: OrderEvent.LONGEST_REASON],
    )
    return True


def take_step_or_refuse(
    order_id: str, step: Step, *, by_id: int | None, reason: str = "", **columns: Any
) -> None:
    """Likewise; raises WrongState with the state the order is in, or NoSuchOrder."""
    if not take_step(order_id, step, by_id=by_id, reason=reason, **columns):
        raise refusal(order_id)


def refusal(order_id: str) -> WrongState | NoSuchOrder:
    """Why a step was not possible: where the order stands now."""
    status = OrderInfo.objects.filter(pk=order_id).values_list("status", flat=True).first()
    if status is None:
        return NoSuchOrder()
    return WrongState(status=status, status_text=str(Status(status).label))
