"""A visitor's cart becomes part of a buyer's (ADR 0006). The two may live on different servers of a cluster."""

from collections.abc import Collection, Iterable

from apps.carts.store import keys
from apps.carts.store.keys import Visitor
from apps.carts.store.lines import MAX_SKUS, Line


def move_in(user_id: int, lines: Iterable[Line], *, ticked: Collection[int], state: str) -> None:
    """Put these lines into a buyer's cart, in place of what is there of the same SKUs; others stay.

    ``state`` is the stamp of the cart they come from: what was moved in once does not come again. Lines for which the
    cart has no room are left out, the last ones first.
    """
    flat = [
        part
        for line in lines
        for part in (line.sku_id, line.count, int(line.sku_id in ticked), line.note)
    ]
    seconds = keys.seconds_kept(user_id)
    moved_in = [keys.key(user_id, "moved_in")]
    keys.run(
        "move_in", user_id, state, keys.new_stamp(), seconds, MAX_SKUS, *flat, more_keys=moved_in
    )


def discard(visitor: Visitor, *, state: str) -> bool:
    """Forget a visitor's cart; False if it changed since it had this stamp, and then it stays."""
    return bool(keys.run("discard", visitor, state))
