"""Codes, the tickets that lead to them, and how often one may ask. Nobody else touches these keys.

| key | type | holds |
|---|---|---|
| ``code:image:<id>`` | string | the text of a picture |
| ``code:sms:<purpose>:<mobile>`` | hash | ``code``, and ``tries``: how often it was compared |
| ``code:ticket:<ticket>`` | string | the mobile that an SMS may be sent to |

The keys of limits are in ``apps.core.store``. Codes lie here as they are: the SMS task reads the one it sends, and a
hash of six digits is undone in a second. What protects them is that they expire, work once, and are tried five times.
"""

import secrets
from typing import Any

from apps.core.redis import connection, key
from apps.core.store import Limit
from apps.verifications.models import Purpose

IMAGE_CODE_SECONDS = 300
SMS_CODE_SECONDS = 300
SMS_CODE_TRIES = 5
TICKET_SECONDS = 600

# Behind one address there may be a campus or a mobile carrier: these stop a machine, not a crowd.
IMAGES_PER_ADDRESS = Limit("images-per-address", times=60, seconds=60)
SMS_PER_ADDRESS = Limit("sms-per-address", times=60, seconds=60 * 60)
SMS_PER_MOBILE = Limit("sms-per-mobile", times=1, seconds=60)
SMS_PER_MOBILE_AND_DAY = Limit("sms-per-mobile-and-day", times=10, seconds=24 * 60 * 60)

# Counted before it is compared, and in one step: twenty guesses at once are twenty, of which five are looked at.
_TAKE_SMS_CODE = """
local code = redis.call("HGET", KEYS[1], "code")
if not code then return 0 end
local right = code == ARGV[1]
if right or redis.call("HINCRBY", KEYS[1], "tries", 1) >= tonumber(ARGV[2]) then
    redis.call("DEL", KEYS[1])
end
return right and 1 or 0
"""


def put_image_code(image_code_id: str, text: str) -> None:
    connection("codes").set(key(f"code:image:{image_code_id}"), text, ex=IMAGE_CODE_SECONDS)


def take_image_code(image_code_id: str) -> str | None:
    """The text of the picture, to the first who asks for it."""
    pipeline = connection("codes").pipeline(transaction=True)
    pipeline.get(key(f"code:image:{image_code_id}"))
    pipeline.delete(key(f"code:image:{image_code_id}"))
    text, _ = pipeline.execute()
    return _text(text)


def put_sms_code(mobile: str, code: str, *, purpose: Purpose) -> None:
    """Make this the code of the mobile; one sent before is worthless."""
    pipeline = connection("codes").pipeline(transaction=True)
    pipeline.hset(_sms_key(mobile, purpose), mapping={"code": code, "tries": 0})
    pipeline.expire(_sms_key(mobile, purpose), SMS_CODE_SECONDS)
    pipeline.execute()


def sms_code(mobile: str, *, purpose: Purpose) -> str | None:
    """The code that is on its way to the mobile."""
    return _text(connection("codes").hget(_sms_key(mobile, purpose), "code"))


def take_sms_code(mobile: str, code: str, *, purpose: Purpose) -> bool:
    """Whether this is the code; it is gone then, and also after as many wrong ones as one may try."""
    take = connection("codes").register_script(_TAKE_SMS_CODE)
    return bool(take(keys=[_sms_key(mobile, purpose)], args=[code, SMS_CODE_TRIES]))


def put_ticket(mobile: str) -> str:
    """A ticket for sending an SMS to the mobile; nobody can read the mobile from it."""
    ticket = secrets.token_urlsafe(32)
    connection("codes").set(key(f"code:ticket:{ticket}"), mobile, ex=TICKET_SECONDS)
    return ticket


def mobile_of_ticket(ticket: str) -> str | None:
    return _text(connection("codes").get(key(f"code:ticket:{ticket}")))


def allow_sms_again(mobile: str) -> None:
    """Nothing was sent: the mobile need not wait, and its day has one more left."""
    SMS_PER_MOBILE.lift(mobile)
    SMS_PER_MOBILE_AND_DAY.give_back(mobile)


def _sms_key(mobile: str, purpose: Purpose) -> str:
    return key(f"code:sms:{purpose}:{mobile}")


def _text(value: Any) -> str | None:
    return value.decode() if value else None
