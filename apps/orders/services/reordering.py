"""Ordering once more what was ordered before."""

from dataclasses import dataclass

from apps.carts.services import put_all_in_cart
from apps.core.exceptions import DomainError
from apps.orders.models import OrderInfo


@dataclass(frozen=True)
class PutBack:
    """A line of an order, put into the cart again: so many units, or why not, as a refusal's ``code`` and in words."""

    sku_id: int
    name: str
    count: int
    reason: str = ""
    text: str = ""


def reorder(order: OrderInfo) -> list[PutBack]:
    """Have at least what was ordered of every line that is still on sale in its buyer's cart; what became of each.

    Pressed twice, it puts in nothing more.
    """
    lines = list(order.skus.all())
    refused = put_all_in_cart(order.user_id, {line.sku_id: line.count for line in lines})
    put_back = []
    for line in lines:
        refusal = refused.get(line.sku_id)
        if refusal is None:
            put_back.append(PutBack(line.sku_id, line.name, line.count))
        else:
            put_back.append(PutBack(line.sku_id, line.name, 0, refusal.code, _words(refusal)))
    return put_back


def _words(refusal: DomainError) -> str:
    return str(refusal.detail if refusal.detail is not None else refusal.title)
