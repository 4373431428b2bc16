"""Carts in Redis. Nobody else touches these keys.

``<owner>`` is a buyer's user id, or ``anon:`` and a digest of the token in a visitor's cookie (ADR 0006).

| key | type | holds |
|---|---|---|
| ``cart:{<owner>}:lines`` | hash | SKU id → units |
| ``cart:{<owner>}:ticked`` | set | the SKU ids that go into the next order |
| ``cart:{<owner>}:prices`` | hash | SKU id → "<ms since 1970 when added> <price then> <price last shown>" |
| ``cart:{<owner>}:stamp`` | string | a random token; every change of the cart replaces it (ADR 0002) |
| ``cart:{<owner>}:placing`` | hash | stamp → JSON {at, holders, lines}: orders begun and not yet cleared from it |
| ``cart:{<owner>}:placed`` | string | "<stamp since> <stamp ordered>": the order that left the cart as it is |
| ``cart:{<owner>}:request:<key>`` | string | "<digest of the request>", and once answered " <stamp ordered>" |
| ``cart:{<owner>}:moved_in`` | string | the stamp of the visitor's cart that was moved in last |

The braces put one cart's keys into one slot of a Redis Cluster. Every change is one script, so it happens whole or not
at all. Money is text in CNY yuan.
"""

from apps.carts.store.keys import Owner, Visitor
from apps.carts.store.lines import (
    MAX_COUNT,
    MAX_SKUS,
    Cart,
    Line,
    Refusal,
    Wanted,
    put,
    put_at_least,
    read,
    remove,
    show_prices,
    tick,
    tick_all,
)
from apps.carts.store.moving import discard, move_in
from apps.carts.store.placing import (
    Selection,
    abandon_placing,
    begin_placing,
    finish_placing,
    forget_placing,
    read_ticked,
)

__all__ = [
    "MAX_COUNT",
    "MAX_SKUS",
    "Cart",
    "Line",
    "Owner",
    "Refusal",
    "Selection",
    "Visitor",
    "Wanted",
    "abandon_placing",
    "begin_placing",
    "discard",
    "finish_placing",
    "forget_placing",
    "move_in",
    "put",
    "put_at_least",
    "read",
    "read_ticked",
    "remove",
    "show_prices",
    "tick",
    "tick_all",
]
