"""From the cart to the transaction and back: what is lent, what is a repeat, what a crash left (ADR 0002)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from apps.carts import store as cart
from apps.core.exceptions import DomainError, LostRace, Unavailable
from apps.orders import selectors
from apps.orders.exceptions import AlreadyPlaced, EmptySelection, KeyReused, RequestInFlight
from apps.orders.models import OrderInfo
from apps.orders.selectors import Basket

# No transaction lasts that long, with all its retries: an order begun before, and not there, was never committed.
ABANDONED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Submission:
    """What a buyer asks for: a digest of the terms, and of the Idempotency-Key, "" without one.

    The key is kept as a digest because MySQL takes two texts that differ in case for the same.
    """

    digest: str
    key: str = ""


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
def checkout(user_id: int, submission: Submission) -> Iterator[Basket]:
    """Lend the ticked lines for one order; once that is committed, drop them from the cart.

    Raises AlreadyPlaced with the order that this cart or request became before, RequestInFlight, KeyReused, or
    EmptySelection.
    """
    key, digest = submission.key, submission.digest
    selection = cart.begin_placing(user_id, request_key=key, digest=digest)
    # A key that another request has claimed is not ours to release.
    own_key = "" if selection.claimed else key
    try:
        if key:
            _answer_repeats(
                user_id, submission, claimed=selection.claimed, answered=selection.answered
            )
        if _finish_crashed(user_id, selection, but=selection.stamp):
            cart.abandon_placing(user_id, selection.stamp)
            selection = cart.begin_placing(user_id)
        if not selection.lines:
            raise _nothing_ticked(user_id, submission, placed=selection.placed)
        yield selectors.basket(selection)
    except AlreadyPlaced as earlier:
        cart.abandon_placing(user_id, selection.stamp)
        # A crash may have cut that off; and the key, if there is one, has its answer.
        stamp = earlier.order.cart_stamp
        cart.finish_placing(user_id, stamp, request_key=key, digest=digest)
        raise
    except (DomainError, Unavailable):
        # Surely nothing was committed. After any other exception it may have been: then the marker has to stay.
        cart.abandon_placing(user_id, selection.stamp, request_key=own_key)
        raise
    cart.finish_placing(user_id, selection.stamp, request_key=key, digest=digest)


def order_in_the_way(
    user_id: int, basket: Basket, submission: Submission, *, order_id: str
) -> OrderInfo | None:
    """After a unique key has refused an order: the order that this cart became before.

    Raises AlreadyPlaced or KeyReused if it was the Idempotency-Key, LostRace if it was the order number, which is
    then drawn again; None if it was nothing known.
    """
    earlier = OrderInfo.objects.filter(cart_stamp=basket.stamp).first()
    if earlier:
        return earlier
    if submission.key:
        _answer_repeats(user_id, submission, claimed=None, answered=None)
    if OrderInfo.objects.filter(pk=order_id).exists():
        raise LostRace("The order number is taken.")
    return None


def _answer_repeats(
    user_id: int, submission: Submission, *, claimed: str | None, answered: str | None
) -> None:
    """Raise what a request deserves whose key was seen before; pass if it was not.

    The order that was placed under the key knows it; a key whose request was given an order placed under another
    one is remembered in Redis, for a day.
    """
    got = Q(cart_stamp=answered) if answered else Q(idempotency_key=submission.key)
    earlier = OrderInfo.objects.filter(got, user_id=user_id).first()
    seen = claimed or (earlier and earlier.request_digest) or submission.digest
    if seen != submission.digest:
        raise KeyReused
    if earlier:
        raise AlreadyPlaced(earlier)
    if claimed:
        raise RequestInFlight


def _nothing_ticked(user_id: int, submission: Submission, *, placed: str | None) -> Exception:
    """Either the same is asked of a cart that is as its last order left it: its echo. Or there is nothing to order."""
    orders = OrderInfo.objects.filter(user_id=user_id, request_digest=submission.digest)
    echoed = orders.filter(cart_stamp=placed).first() if placed else None
    return AlreadyPlaced(echoed) if echoed else EmptySelection()


def _finish_crashed(user_id: int, selection: cart.Selection, *, but: str = "") -> bool:
    """Clear the cart of orders that were committed before a crash could do it; whether there were any.

    ``but`` is the stamp just begun: if that became an order, the unique key says so and no query is needed. Then no
    other may be under way: its lines would be ordered twice. Raises RequestInFlight.
    """
    begun = {stamp: at for stamp, at in selection.unfinished.items() if stamp != but}
    if not begun:
        return False
    orders = OrderInfo.objects.filter(user_id=user_id, cart_stamp__in=begun)
    committed = set(orders.values_list("cart_stamp", flat=True))
    for stamp in committed:
        cart.finish_placing(user_id, stamp)
    long_ago = (timezone.now() - ABANDONED_AFTER).timestamp() * 1000
    uncommitted = {stamp: at for stamp, at in begun.items() if stamp not in committed}
    abandoned = [stamp for stamp, at in uncommitted.items() if at < long_ago]
    if abandoned:
        cart.forget_placing(user_id, abandoned)
    if but and len(uncommitted) > len(abandoned):
        raise RequestInFlight
    return bool(committed)
