"""Alipay writes and reads every time as Beijing wall-clock text."""

from datetime import datetime, timedelta, timezone

# China has kept one offset since 1991, so no time-zone database is needed.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


def now() -> datetime:
    return datetime.now(BEIJING)


def beijing_text(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime(TIME_FORMAT)


def parse_beijing(text: str) -> datetime:
    """Read ``yyyy-MM-dd HH:mm:ss``, nothing looser; raises ValueError."""
    moment = datetime.strptime(text, TIME_FORMAT).replace(tzinfo=BEIJING)
    if beijing_text(moment) != text:  # strptime lets "2026-1-2 3:4:5" pass
        raise ValueError(f"not yyyy-MM-dd HH:mm:ss: {text!r}")
    return moment
