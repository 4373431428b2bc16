"""快递100's real-time query (实时快递查询), or whoever speaks like it: the sandbox does.

As published at https://api.kuaidi100.com/document/5f0ffb5ebc8da837cbd8aefc: POST of a form with ``customer``, ``param``
(JSON) and ``sign``. Asked more often than every half hour, or 48 times a day, they lock a parcel for 24 hours
(https://api.kuaidi100.com/document/suodanhouguo); ``services.tracking`` keeps to that.

Not verified, for it takes a contract: the real server has not been asked by this code. That they tell an account which
is not topped up from a carrier that they do not know by the text of a 400 alone is read from what others report.
"""

import json
import time
from dataclasses import dataclass, field
from hashlib import md5
from urllib.parse import urlencode

import urllib3

from apps.core import http
from apps.orders.exceptions import ParcelUnknown, TrackingUnanswered
from apps.orders.gateways.answers import read
from apps.orders.gateways.interface import Tracking

MOST_BYTES = 1024 * 1024
CHUNK_BYTES = 64 * 1024
# They take no shorter number, and no longer one.
LENGTHS = range(6, 33)
# These carriers say nothing without the phone. To all others a buyer's number is nobody's business.
NEED_PHONE = frozenset({"shunfeng", "shunfengkuaiyun", "zhongtong"})

_pools = http.new_pools()


@dataclass(frozen=True)
class Kuaidi100:
    """``customer`` and ``key`` are what 快递100 calls so in its console; ``url`` is absolute."""

    url: str
    customer: str
    key: str = field(repr=False)
    pace: float = 1

    def ask(self, carrier_code: str, number: str, *, phone: str) -> Tracking:
        """Ask, unless the number is none that they take."""
        if len(number) not in LENGTHS:
            raise ParcelUnknown("Numbers have 6 to 32 characters.")
        asked = {"com": carrier_code, "num": number, "show": "0", "order": "desc"}
        if carrier_code in NEED_PHONE:
            asked["phone"] = phone
        status, body = self._post(self.form(json.dumps(asked, separators=(",", ":"))))
        if status != 200:
            raise TrackingUnanswered(f"HTTP {status}")
        return read(body, number=number)

    def form(self, param: str) -> dict[str, str]:
        """``param`` signed; it must travel as it is here, to the letter."""
        signed = f"{param}{self.key}{self.customer}".encode()
        sign = md5(signed, usedforsecurity=False).hexdigest().upper()  # their choice
        return {"customer": self.customer, "sign": sign, "param": param}

    def _post(self, form: dict[str, str]) -> tuple[int, bytes]:
        until = time.monotonic() + http.ANSWER_SECONDS
        try:
            response = _pools.urlopen(
                "POST",
                self.url,
                body=urlencode(form),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                redirect=False,
                preload_content=False,
            )
            return response.status, _content(response, until)
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            # What it says may name the form, with a phone in it.
            raise TrackingUnanswered(type(exc).__name__) from None


def _content(response: urllib3.BaseHTTPResponse, until: float) -> bytes:
    parts, size = [], 0
    # As it comes: the time-out of a read begins anew with every drop.
    while part := response.read1(CHUNK_BYTES, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES or time.monotonic() > until:
            # With the rest unread, the connection is of no more use.
            response.close()
            raise TrackingUnanswered("An answer without end")
    response.release_conn()
    return b"".join(parts)
