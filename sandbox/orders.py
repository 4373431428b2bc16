"""Reads what a merchant asks for in ``biz_content``, and refuses what Alipay refuses."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sandbox import clock
from sandbox.records import Order
from sandbox.refusals import InvalidArgument, InvalidParameter, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

PRODUCT_CODE = "FAST_INSTANT_TRADE_PAY"
OUT_TRADE_NO = re.compile(r"[0-9A-Za-z_]{1,64}")
AMOUNT = re.compile(r"(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?")
TIMEOUT = re.compile(r"([1-9][0-9]{0,4})([mhdc])")
MAX_AMOUNT = Decimal(100_000_000)
MAX_SUBJECT = 256
MAX_PASSBACK = 512
MAX_URL = 256
MIN_TERM = timedelta(minutes=1)
MAX_TERM = timedelta(days=15)


def biz_content(params: Mapping[str, str]) -> dict[str, object]:
    """The JSON object in ``biz_content``; numbers stay the text that they were written as."""
    text = params.get("biz_content", "")
    if not text:
        raise InvalidParameter("biz_content 不能为空")
    try:
        content = json.loads(text, parse_float=str, parse_int=str)
        # Half of a surrogate pair passes as JSON, but is no text that can be stored or signed.
        json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise InvalidParameter("biz_content 不是合法的 JSON") from None
    if not isinstance(content, dict):
        raise InvalidParameter("biz_content 不是 JSON 对象")
    return content


def optional_text(content: Mapping[str, object], name: str) -> str:
    value = content.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidParameter(f"{name} 不是字符串")
    return value


def page_pay_order(params: Mapping[str, str], *, now: datetime) -> Order:
    """The order of one ``alipay.trade.page.pay``; raises Refusal."""
    content = biz_content(params)
    if optional_text(content, "product_code") != PRODUCT_CODE:
        raise InvalidParameter(f"product_code 应为 {PRODUCT_CODE}")
    return Order(
        out_trade_no=_out_trade_no(content),
        total_amount=_total_amount(content),
        subject=_subject(content),
        expires_at=_expires_at(content, signed_at=params["timestamp"], now=now),
        notify_url=_address(params, "notify_url"),
        return_url=_address(params, "return_url"),
        body=optional_text(content, "body"),
        passback_params=_passback_params(content),
    )


def _out_trade_no(content: Mapping[str, object]) -> str:
    out_trade_no = optional_text(content, "out_trade_no")
    if not OUT_TRADE_NO.fullmatch(out_trade_no):
        raise InvalidParameter("out_trade_no 应为 1 至 64 位字母、数字或下划线")
    return out_trade_no


def _total_amount(content: Mapping[str, object]) -> Decimal:
    text = optional_text(content, "total_amount")
    if not AMOUNT.fullmatch(text) or Decimal(text) == 0:
        raise InvalidParameter("total_amount 应在 0.01 至 100000000 之间，最多两位小数")
    amount = Decimal(text)
    if amount > MAX_AMOUNT:
        raise Refusal("ACQ.TOTAL_FEE_EXCEED", "订单总金额不在允许范围内")
    return amount


def _subject(content: Mapping[str, object]) -> str:
    subject = optional_text(content, "subject")
    if not subject.strip() or len(subject) > MAX_SUBJECT or set(subject) & set("/=&"):
        raise InvalidParameter("subject 应为 1 至 256 个字符，不可含有 / = &")
    return subject


def _passback_params(content: Mapping[str, object]) -> str:
    text = optional_text(content, "passback_params")
    if len(text) > MAX_PASSBACK:
        raise InvalidParameter("passback_params 不可超过 512 个字符")
    return text


def _expires_at(content: Mapping[str, object], *, signed_at: str, now: datetime) -> datetime:
    """``time_expire`` wins over ``timeout_express``; without either, the longest term.

    The shortest term is counted from when the merchant signed: a buyer may open the page in the
    last minute.
    """
    text = optional_text(content, "time_expire")
    if not text:
        return _after_timeout(optional_text(content, "timeout_express"), now=now)
    try:
        expires_at = clock.parse_beijing(text)
    except ValueError:
        raise InvalidParameter("time_expire 应为 yyyy-MM-dd HH:mm:ss") from None
    if expires_at <= now:
        raise Refusal("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "订单已过期，无法继续支付")
    signed = clock.parse_beijing(signed_at)
    if not MIN_TERM <= expires_at - signed <= MAX_TERM:
        raise InvalidParameter("time_expire 应在 1 分钟至 15 天之内")
    return expires_at


def _after_timeout(text: str, *, now: datetime) -> datetime:
    if not text:
        return now + MAX_TERM
    match = TIMEOUT.fullmatch(text)
    if match is None:
        raise InvalidParameter("timeout_express 应形如 90m、2h、1d 或 1c")
    count, unit = int(match[1]), match[2]
    if unit == "c":  # 1c is the end of the day on which the trade is made
        midnight = now.astimezone(clock.BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=1)
    term = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[unit]
    if count * term > MAX_TERM:
        raise InvalidParameter("timeout_express 应在 1 分钟至 15 天之内")
    return now + count * term


def _address(params: Mapping[str, str], name: str) -> str:
    """``notify_url`` and ``return_url`` are absolute and carry no query string of their own."""
    url = params.get(name, "")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    printable = url.isascii() and url.isprintable() and " " not in url
    if not good or not printable or "?" in url or len(url) > MAX_URL:
        raise InvalidArgument("isv.invalid-parameter", f"{name} 应为不带参数的绝对地址")
    return url
