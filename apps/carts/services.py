from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from apps.carts import store
from apps.carts.exceptions import (
    CartFull,
    NotInCart,
    ShortOfStock,
    StillChanging,
    TooManyUnits,
    UnknownSKU,
    Withdrawn,
)
from apps.carts.store import Owner, Visitor
from apps.core.exceptions import DomainError
from apps.goods.models import SKU

MOVES = 3


def put_in_cart(
    owner: Owner | None,
    sku_id: int,
    *,
    count: int,
    selected: bool,
    on_top: bool,
    open_cart: Callable[[], Visitor],
) -> int:
    """Put so many units into the cart, ``on_top`` of those there or in their place; how many there are now.

    In their place, fewer than before are never refused for stock, and a withdrawn SKU may be unticked: the buyer is
    mending the cart. A visitor without a cart (``owner`` is None, or known by a token that leads nowhere) gets the one
    that ``open_cart`` gives. Raises UnknownSKU, Withdrawn, CartFull, TooManyUnits, ShortOfStock; then nothing has
    changed.
    """
    sku = SKU.objects.only("price", "stock", "is_launched").filter(pk=sku_id).first()
    if sku is None:
        raise UnknownSKU(sku_id=sku_id)
    if not sku.is_launched and (selected or on_top):
        raise Withdrawn(sku_id=sku_id)

    put = partial(
        store.put,
        sku_id=sku_id,
        count=count,
        ticked=selected,
        price=sku.price,
        stock=sku.stock if sku.is_launched else 0,
        on_top=on_top,
    )
    answer = put(owner) if owner else "unknown"
    if answer == "unknown":
        answer = put(open_cart())
    if isinstance(answer, int):
        return answer
    raise _refusal(answer, sku)


def put_all_in_cart(user_id: int, counts: Mapping[int, int]) -> dict[int, DomainError]:
    """Have at least so many units of each SKU (SKU id → units) in a buyer's cart, ticked; why not, by SKU.

    Twice is once: more than that stay as they are. One statement and one round trip to Redis, however many SKUs. The
    refusals are UnknownSKU, Withdrawn, CartFull, TooManyUnits, ShortOfStock; what is not refused is in the cart.
    """
    skus = SKU.objects.only("price", "stock", "is_launched").in_bulk(counts)
    wanted = {
        sku_id: store.Wanted(count, skus[sku_id].price, skus[sku_id].stock)
        for sku_id, count in counts.items()
        if sku_id in skus and skus[sku_id].is_launched
    }
    refused: dict[int, DomainError] = {}
    for sku_id in counts.keys() - wanted.keys():
        kind = Withdrawn if sku_id in skus else UnknownSKU
        refused[sku_id] = kind(sku_id=sku_id)
    answers = store.put_at_least(user_id, wanted) if wanted else {}
    for sku_id, answer in answers.items():
        if not isinstance(answer, int):
            refused[sku_id] = _refusal(answer, skus[sku_id])
    return refused


def _refusal(answer: store.Refusal, sku: SKU) -> DomainError:
    match answer:
        case "full":
            return CartFull(limit=store.MAX_SKUS)
        case "too_many":
            return TooManyUnits(sku_id=sku.pk, limit=store.MAX_COUNT)
        case _ if not sku.is_launched:
            return Withdrawn(sku_id=sku.pk)
        case _:
            return ShortOfStock(sku_id=sku.pk, stock=sku.stock)


def remove_from_cart(owner: Owner | None, sku_id: int) -> None:
    """Take a SKU out; it need not be in."""
    if owner:
        store.remove(owner, sku_id)


def select_all(owner: Owner | None, *, selected: bool) -> None:
    if owner:
        store.tick_all(owner, ticked=selected)


def select_one(owner: Owner | None, sku_id: int, *, selected: bool) -> None:
    """Tick or untick one line; raises Withdrawn for a tick that would stand in the way of every order, NotInCart."""
    if selected and SKU.objects.filter(pk=sku_id, is_launched=False).exists():
        raise Withdrawn(sku_id=sku_id)
    if owner is None or not store.tick(owner, sku_id, ticked=selected):
        raise NotInCart(sku_id=sku_id)


def move_in(visitor: Visitor, user_id: int) -> None:
    """Make a visitor's cart part of a buyer's; the visitor's is gone afterwards.

    Its units and ticks win over the buyer's own. What is more than there is in stock, or than fits, is cut; what is
    sold out or withdrawn stays with one unit, or as it was, but is not ticked. Doing it again, at once or after a crash
    in the middle, changes nothing. Raises StillChanging if the visitor's cart does not hold still.
    """
    for _ in range(MOVES):
        cart = store.read(visitor)
        skus = SKU.objects.only("stock", "is_launched").in_bulk(
            [line.sku_id for line in cart.lines]
        )
        lines = [
            replace(line, count=max(1, min(line.count, skus[line.sku_id].stock)))
            for line in cart.lines
            if line.sku_id in skus
        ]
        buyable = {sku.pk for sku in skus.values() if sku.is_launched and sku.stock}
        if lines:
            store.move_in(user_id, lines, ticked=cart.ticked & buyable, state=cart.stamp)
        if store.discard(visitor, state=cart.stamp):
            return
    raise StillChanging
