"""Whose cart, under which keys, and how its scripts are run."""

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from redis.commands.core import Script

from apps.core.redis import connection
from apps.core.redis import key as prefixed

BUYER_SECONDS = 180 * 24 * 60 * 60
VISITOR_SECONDS = 30 * 24 * 60 * 60
KEY_NAMES = ("lines", "ticked", "prices", "stamp", "placing", "placed")


@dataclass(frozen=True)
class Visitor:
    """Somebody who has not logged in, known by a secret token alone.

    Of the token Redis sees a digest: who can read the keys cannot take over the carts. A token that ``is_new`` was
    drawn by us just now, so a cart may begin under it; one that a client brings has to lead to a cart that is there.
    """

    digest: str
    is_new: bool = False

    @classmethod
    def by(cls, token: str, *, is_new: bool = False) -> Self:
        return cls(hashlib.sha256(token.encode()).hexdigest(), is_new)

    def __str__(self) -> str:
        # No user id looks like this: those are digits.
        return f"anon:{self.digest}"


# A buyer is named by the user id.
Owner = int | Visitor


def seconds_kept(owner: Owner) -> int:
    """How long after its last change a cart is forgotten."""
    return VISITOR_SECONDS if isinstance(owner, Visitor) else BUYER_SECONDS


def key(owner: Owner, name: str) -> str:
    return prefixed(f"cart:{{{owner}}}:{name}")


def run(name: str, owner: Owner, *args: Any, more_keys: Sequence[str] = ()) -> Any:
    """Run the script of this name on the owner's keys, in the order of ``KEY_NAMES``, and on those after them."""
    keys = [*(key(owner, each) for each in KEY_NAMES), *more_keys]
    return _script(name)(keys=keys, args=list(args), client=connection("carts"))


@cache
def _script(name: str) -> Script:
    """The script beside this file; sent to a server once, afterwards called by its hash."""
    source = Path(__file__).with_name(f"{name}.lua").read_text()
    return connection("carts").register_script(source)


def new_stamp() -> str:
    return secrets.token_hex(16)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
