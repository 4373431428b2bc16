"""Why orders that could be shipped are not: apps above this one know, and are asked."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from django.db.models import Model


class Hold(NamedTuple):
    """``reason`` is for people to read; ``about`` is the row on whose page it ends."""

    reason: str
    about: Model


Asked = Callable[[Collection[str]], Iterator[tuple[str, Hold]]]
_asked: list[Asked] = []


def ask_before_shipping(asked: Asked) -> None:
    """Have a function say which of some orders, by number, are held; call it in an app's ``ready``."""
    if asked not in _asked:
        _asked.append(asked)


def holds(order_ids: Collection[str]) -> Mapping[str, Hold]:
    """Those of some orders that are not to be shipped now, and why; ask about orders that wait to be shipped.

    Trust it only while the orders' rows are locked.
    """
    return {order_id: hold for asked in _asked for order_id, hold in asked(order_ids)}
