"""The cookie that leads to a visitor's cart. What it holds is a secret token, and nothing else (ADR 0006)."""

import logging
import re
import secrets

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from apps.carts import services
from apps.carts.exceptions import StillChanging
from apps.carts.store import Visitor
from apps.core.clients import client_address
from apps.core.store import Limit

NAME = "cart"
MAX_AGE_SECONDS = 365 * 24 * 60 * 60
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
# An address may be a whole mobile network's. Each cart takes about a kilobyte of Redis for a month.
OPENINGS = Limit("cart-opening", times=300, seconds=60 * 60)

logger = logging.getLogger(__name__)


def visitor(request: HttpRequest) -> Visitor | None:
    """Whose cart the cookie may lead to. What cannot be a token of ours is like no cookie."""
    token = request.COOKIES.get(NAME, "")
    return Visitor.by(token) if TOKEN.fullmatch(token) else None


def open_cart(request: HttpRequest, response: HttpResponse) -> Visitor:
    """A new visitor, whom the response's cookie will lead back; raises TooManyRequests.

    The token is always ours: under one that the client chose, somebody else could read along.
    """
    OPENINGS.spend(client_address(request))
    token = secrets.token_urlsafe(32)
    response.set_cookie(
        NAME, token, max_age=MAX_AGE_SECONDS, path="/", httponly=True, **settings.CART_COOKIE
    )
    return Visitor.by(token, is_new=True)


def hand_over(request: HttpRequest, response: HttpResponse, user_id: int) -> None:
    """Who logs in brings their cart along: it is merged into the buyer's, and the cookie is let go.

    No login fails for that: if Redis or the database does, it is logged, and the next login merges.
    """
    if NAME not in request.COOKIES:
        return
    guest = visitor(request)
    try:
        if guest:
            services.move_in(guest, user_id)
    except (RedisError, DatabaseError, StillChanging):
        logger.exception("A visitor's cart waits for the next login of user %s", user_id)
        return
    response.delete_cookie(NAME, path="/", samesite=settings.CART_COOKIE["samesite"])
