"""Sign-ins with other providers that are under way. Nobody else touches these keys.

| key | type | holds |
|---|---|---|
| ``oauth:{<digest of browser>}:<provider>`` | sorted set | the marks of begun sign-ins, by when they began |
| ``oauth:code:<provider>:<digest of code>`` | string | the code has been brought to us |
| ``oauth:bound:<id of access token>`` | string | the access token has been used |

Browsers and codes are kept as digests: who reads Redis can finish no sign-in.
"""

import hashlib
import time
from typing import cast

from apps.core.redis import connection, key

# As long as the codes of the providers are good for.
SIGN_IN_SECONDS = 10 * 60
# Tabs in which one browser may have begun; the oldest is forgotten.
SIGN_INS_AT_ONCE = 10


def begin_sign_in(browser: str, provider: str, mark: str) -> None:
    """Remember that this browser has begun a sign-in; ``mark`` is to know it by."""
    name = _begun(browser, provider)
    pipe = connection("codes").pipeline()
    pipe.zadd(name, {mark: time.time()})
    pipe.zremrangebyrank(name, 0, -SIGN_INS_AT_ONCE - 1)
    pipe.expire(name, SIGN_IN_SECONDS)
    pipe.execute()


def begun_sign_ins(browser: str, provider: str) -> list[str]:
    """The marks of what this browser has begun there and not finished, the latest first."""
    since = time.time() - SIGN_IN_SECONDS
    name = _begun(browser, provider)
    marks = cast("list[bytes]", connection("codes").zrevrangebyscore(name, "+inf", since))
    return [mark.decode() for mark in marks]


def finish_sign_in(browser: str, provider: str, mark: str) -> bool:
    """Whether this was the first to finish it."""
    return bool(connection("codes").zrem(_begun(browser, provider), mark))


def spend_code(provider: str, code: str) -> bool:
    """Whether this is the first time that the code is brought."""
    return bool(connection("codes").set(_code(provider, code), 1, nx=True, ex=SIGN_IN_SECONDS))


def give_code_back(provider: str, code: str) -> None:
    connection("codes").delete(_code(provider, code))


def spend_binding(token_id: str, *, seconds: int) -> bool:
    """Whether the access token had not been used; kept for as long as it would be good."""
    return bool(connection("codes").set(_token(token_id), 1, nx=True, ex=seconds))


def give_binding_back(token_id: str) -> None:
    connection("codes").delete(_token(token_id))


def is_binding_spent(token_id: str) -> bool:
    return bool(connection("codes").exists(_token(token_id)))


def _begun(browser: str, provider: str) -> str:
    return key(f"oauth:{{{_digest(browser)}}}:{provider}")


def _code(provider: str, code: str) -> str:
    return key(f"oauth:code:{provider}:{_digest(code)}")


def _token(token_id: str) -> str:
    return key(f"oauth:bound:{token_id}")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
