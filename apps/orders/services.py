"""The steps of placing an order (ADR 0001, ADR 0002); the serializer's ``create()`` is the door."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from apps.carts import store as cart
from apps.core.exceptions import DomainError, LostRace, Unavailable
from apps.goods.models import SKU
from apps.orders import selectors
from apps.orders.exceptions import (
    AlreadyPlaced,
    EmptySelection,
    KeyReused,
    LinesRefused,
    RequestInFlight,
    TooExpensive,
)
from apps.orders.models import OrderGoods, OrderInfo
from apps.orders.selectors import Basket
from apps.users.models import Address, User

SHANGHAI = ZoneInfo("Asia/Shanghai")
# The most that a column of ten digits holds; Alipay takes 100,000,000.00.
MOST_EXPENSIVE = Decimal("99999999.99")
# No transaction lasts that long: an order begun before, and not there, was never committed.
ABANDONED_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class RequestKey:
    """An Idempotency-Key, and a digest of what was asked under it."""

    key: str
    digest: str


def settle(user_id: int) -> Basket:
    """The ticked lines at today's prices, as the buyer is about to order them.

    These prices count as shown from now on: placing an order refuses any other.
    """
    selection = cart.read_ticked(user_id)
    if _finish_crashed(user_id, selection):
        selection = cart.read_ticked(user_id)
    shown = selectors.basket(selection)
    repriced = {line.sku.id: line.sku.price for line in shown.lines if line.sku.price != line.price}
    if repriced:
        cart.show_prices(user_id, repriced)
    today = (selectors.BasketLine(line.sku, line.count, line.sku.price) for line in shown.lines)
    return Basket(shown.stamp, tuple(today))


@contextmanager
def checkout(user_id: int, request: RequestKey | None) -> Iterator[Basket]:
    """Lend the ticked lines for one order; once that is committed, drop them from the cart.

    Raises AlreadyPlaced with the order that this cart or request became before, RequestInFlight, KeyReused, or
    EmptySelection.
    """
    key, digest = (request.key, request.digest) if request else ("", "")
    selection = cart.begin_placing(user_id, request_key=key, digest=digest)
    if request:
        _answer_repeats(user_id, request, claimed=selection.claimed)
    try:
        if _finish_crashed(user_id, selection, but=selection.stamp):
            cart.abandon_placing(user_id, selection.stamp)
            selection = cart.begin_placing(user_id)
        if not selection.lines:
            raise _nothing_ticked(user_id, selection)
        yield selectors.basket(selection)
    except (DomainError, AlreadyPlaced, Unavailable):
        # Surely nothing was committed. After any other exception it may have been: then the marker has to stay.
        cart.abandon_placing(user_id, selection.stamp, request_key=key)
        raise
    cart.finish_placing(user_id, selection.stamp)


def open_order(
    buyer: User,
    basket: Basket,
    *,
    order_id: str,
    address: Address,
    pay_method: int,
    request: RequestKey | None = None,
) -> OrderInfo:
    """Write the order's head. A cart that became an order before meets the unique stamp: IntegrityError."""
    if basket.total_amount > MOST_EXPENSIVE:
        raise TooExpensive(total_amount=str(basket.total_amount))
    is_cash = pay_method == OrderInfo.PayMethod.CASH
    return OrderInfo.objects.create(
        order_id=order_id,
        user=buyer,
        cart_stamp=basket.stamp,
        idempotency_key=request.key if request else None,
        request_digest=request.digest if request else "",
        receiver=address.receiver,
        mobile=address.mobile,
        tel=address.tel,
        email=address.email,
        province=address.province.name,
        city=address.city.name,
        district=address.district.name,
        place=address.place,
        total_count=basket.total_count,
        total_amount=basket.total_amount,
        freight=basket.freight,
        pay_method=pay_method,
        status=OrderInfo.Status.UNSEND if is_cash else OrderInfo.Status.UNPAID,
    )


def fill_order(order: OrderInfo, basket: Basket) -> None:
    """Take the stock of every line, then write the lines; or raise LinesRefused, naming every one at fault.

    The stock comes first: a line's foreign key takes a shared lock on its SKU, and two buyers who hold it deadlock when
    both go on to update it.
    """
    if not _take_whole(basket):
        found = selectors.obstacles(basket)
        if not found:
            raise LostRace("What was missing a moment ago is there again.")
        raise LinesRefused(found)
    OrderGoods.objects.bulk_create(
        OrderGoods(
            order=order,
            sku_id=line.sku.id,
            name=line.sku.name,
            image=line.sku.image,
            specification=line.sku.specification,
            price=line.price,
            count=line.count,
        )
        for line in basket.lines
    )


def _take_whole(basket: Basket) -> bool:
    """The savepoint: a selection that can be taken only in part is put back before anyone looks at what is left."""
    with transaction.atomic():
        taken = SKU.objects.take(basket.wanted)
        transaction.set_rollback(not taken)
    return taken


def new_order_id(user_id: int, *, at: datetime) -> str:
    """24 digits: Shanghai time to the second, the end of the user id, four random ones."""
    moment = at.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S")
    return f"{moment}{user_id % 1_000_000:06d}{secrets.randbelow(10_000):04d}"


def order_from_same_cart(basket: Basket, *, order_id: str) -> OrderInfo | None:
    """The order that this cart became before; None if what was unique was something else.

    Raises LostRace if it was the order number, which is then drawn again.
    """
    earlier = OrderInfo.objects.filter(cart_stamp=basket.stamp).first()
    if earlier is None and OrderInfo.objects.filter(pk=order_id).exists():
        raise LostRace("The order number is taken.")
    return earlier


def _answer_repeats(user_id: int, request: RequestKey, *, claimed: str | None) -> None:
    """Raise what a request deserves whose key was seen before; pass if it was not."""
    earlier = OrderInfo.objects.filter(user_id=user_id, idempotency_key=request.key).first()
    seen = claimed or (earlier and earlier.request_digest) or request.digest
    if seen != request.digest:
        raise KeyReused
    if earlier:
        raise AlreadyPlaced(earlier)
    if claimed:
        raise RequestInFlight


def _nothing_ticked(user_id: int, selection: cart.Selection) -> Exception:
    """Either the cart is as its last order left it, and this is that order's echo; or there is nothing to order."""
    earlier = selection.placed and OrderInfo.objects.filter(
        user_id=user_id, cart_stamp=selection.placed
    )
    order = earlier.first() if earlier else None
    return AlreadyPlaced(order) if order else EmptySelection()


def _finish_crashed(user_id: int, selection: cart.Selection, *, but: str = "") -> bool:
    """Clear the cart of orders that were committed before a crash could do it; whether there were any.

    ``but`` is the stamp just begun: if that became an order, the unique key says so and no query is needed.
    """
    begun = {stamp: at for stamp, at in selection.unfinished.items() if stamp != but}
    if not begun:
        return False
    orders = OrderInfo.objects.filter(user_id=user_id, cart_stamp__in=begun)
    committed = set(orders.values_list("cart_stamp", flat=True))
    for stamp in committed:
        cart.finish_placing(user_id, stamp)
    long_ago = (timezone.now() - ABANDONED_AFTER).timestamp() * 1000
    abandoned = [stamp for stamp, at in begun.items() if stamp not in committed and at < long_ago]
    if abandoned:
        cart.forget_placing(user_id, abandoned)
    return bool(committed)
