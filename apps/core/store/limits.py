"""How often something may happen. Nobody else touches these keys.

| key | type | holds |
|---|---|---|
| ``limit:<name>:<subject>`` | string | how often it happened in this window; expires with the window |
"""

from dataclasses import dataclass
from functools import cache

from redis.commands.core import Script

from apps.core.exceptions import TooManyRequests
from apps.core.redis import connection, key

# The count and its expiry come into being together: a window without an end would shut somebody out for good.
_SPEND = """
local count = redis.call("INCR", KEYS[1])
if count == 1 then redis.call("PEXPIRE", KEYS[1], ARGV[1] * 1000) end
return {count, redis.call("PTTL", KEYS[1])}
"""
_GIVE_BACK = """
if tonumber(redis.call("GET", KEYS[1]) or 0) > 0 then redis.call("DECR", KEYS[1]) end
"""


@dataclass(frozen=True)
class Limit:
    """``times`` in a window of ``seconds`` that starts with the first; each subject (a mobile, an IP) has its own."""

    name: str
    times: int
    seconds: int

    def spend(self, subject: str) -> None:
        """Count one more, atomically; raises TooManyRequests when that is one too many."""
        count, left_ms = _script(_SPEND)(
            keys=[self._key(subject)], args=[self.seconds], client=connection("codes")
        )
        if count > self.times:
            raise TooManyRequests(retry_after=max(1, -(-left_ms // 1000)))

    def check(self, subject: str) -> None:
        """Raise TooManyRequests if nothing is left, without counting: the next ``spend`` decides."""
        pipeline = connection("codes").pipeline()
        pipeline.get(self._key(subject))
        pipeline.pttl(self._key(subject))
        count, left_ms = pipeline.execute()
        if int(count or 0) >= self.times:
            raise TooManyRequests(retry_after=max(1, -(-left_ms // 1000)))

    def give_back(self, subject: str) -> None:
        """Count one less, if the window is still open."""
        _script(_GIVE_BACK)(keys=[self._key(subject)], client=connection("codes"))

    def lift(self, subject: str) -> None:
        """Forget what was counted."""
        connection("codes").delete(self._key(subject))

    def _key(self, subject: str) -> str:
        return key(f"limit:{self.name}:{subject}")


@cache
def _script(source: str) -> Script:
    return connection("codes").register_script(source)
