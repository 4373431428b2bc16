"""Logging in and out, and how often one may be wrong.

Counted in Redis and not by django-axes, which writes a row for every failure: the table grows as fast as somebody
attacks, in the database that takes the orders. The limits here are the ones of the whole shop (one 429 with
``Retry-After``), and count before the password is checked, so that a thousand guesses at once are not all the first.

- A name from one address has 10 tries; after that, this address waits and others do not. Right ones count only while
  they are checked: ten at once, of a storefront that was clicked twice or of several pages, are no attack.
- A name has 100 an hour from all addresses together, against guesses spread over a botnet. That lets a botnet keep
  strangers' addresses out, but not its victim's own: an address from which this name has logged in is not asked.
- An address has 100 wrong ones, against one password tried on every name. Right ones are not counted: an office or a
  mobile network may be behind it.

When Redis is down nothing is counted and everybody may log in, operators above all.
"""

from django.contrib.auth import authenticate

from apps.core.store import Limit
from apps.users import store
from apps.users.exceptions import WrongCredentials
from apps.users.models import User, folded

PER_NAME_AND_ADDRESS = Limit("login:name-address", times=10, seconds=15 * 60)
PER_NAME = Limit("login:name", times=100, seconds=60 * 60)
PER_ADDRESS = Limit("login:address", times=100, seconds=15 * 60)


def log_in(account: str, password: str, *, address: str) -> User:
    """The user with this username or mobile and password, asked for from this network address.

    Takes as long when there is no such account: Django's backend hashes the password all the same. Raises
    WrongCredentials, also for a deactivated account; TooManyRequests, also for a right password.
    """
    with store.unless_redis_is_down():
        _count(folded(account), address)
    user = authenticate(username=account, password=password)
    if not isinstance(user, User):
        raise WrongCredentials
    with store.unless_redis_is_down():
        forget_wrong_logins(user, address=address)
        PER_ADDRESS.give_back(address)
        store.remember_login(_names(user), address)
    return user


def forget_wrong_logins(user: User, *, address: str) -> None:
    """Let this user begin anew: they have proved who they are."""
    for name in _names(user):
        PER_NAME_AND_ADDRESS.lift(f"{address} {name}")
        PER_NAME.lift(name)


def log_out(session_id: str, *, seconds: int) -> None:
    """Make the refresh token with this id worthless for the ``seconds`` that it has left.

    Kept in Redis, where it goes away by itself: simplejwt's tables keep a row for every login instead, token and all,
    and need sweeping. Raises Unavailable's causes when Redis is down.
    """
    store.end_session(session_id, seconds=seconds)


def is_logged_out(session_id: str) -> bool:
    return store.has_ended(session_id)


def _count(name: str, address: str) -> None:
    # Before any name is counted: who has to wait could fill Redis with the counters of names that they make up.
    PER_ADDRESS.check(address)
    PER_NAME_AND_ADDRESS.spend(f"{address} {name}")
    if not store.has_logged_in(name, address):
        PER_NAME.spend(name)
    PER_ADDRESS.spend(address)


def _names(user: User) -> list[str]:
    """All that this user may type to log in, as it is compared."""
    return [user.username_folded, *filter(None, [user.mobile])]
