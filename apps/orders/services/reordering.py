"""Ordering once more what was ordered before."""

from dataclasses import dataclass

from apps.carts.exceptions import CartFull, ShortOfStock, TooManyUnits, UnknownSKU, Withdrawn
from apps.carts.services import put_in_cart
from apps.carts.store import Visitor
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
    """Put every line of an order that is still on sale into its buyer's cart, on top of what is there; what became
    of each.
    """
    put_back = []
    for line in order.skus.all():
        try:
            put_in_cart(
                order.user_id,
                line.sku_id,
                count=line.count,
                selected=True,
                on_top=True,
                open_cart=_no_visitor,
            )
        except (UnknownSKU, Withdrawn, CartFull, TooManyUnits, ShortOfStock) as refusal:
            put_back.append(PutBack(line.sku_id, line.name, 0, refusal.code, _words(refusal)))
        else:
            put_back.append(PutBack(line.sku_id, line.name, line.count))
    return put_back


def _words(refusal: DomainError) -> str:
    return str(refusal.detail if refusal.detail is not None else refusal.title)


def _no_visitor() -> Visitor:
    raise AssertionError("A buyer's cart is always there.")
