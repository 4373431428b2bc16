"""WeChat Pay writes and reads every time in RFC 3339, and always with Beijing's offset."""

import re
from datetime import datetime

from sandbox.clock import BEIJING

RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+08:00")


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


def parse_rfc3339(text: str) -> datetime:
    """Read ``yyyy-MM-ddTHH:mm:ss+08:00``, nothing looser; raises ValueError."""
    if not RFC3339.fullmatch(text):
        raise ValueError(f"not yyyy-MM-ddTHH:mm:ss+08:00: {text!r}")
    return datetime.fromisoformat(text)
