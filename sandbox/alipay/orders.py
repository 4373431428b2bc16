"""Reads what a merchant asks for in ``biz_content``, and refuses what Alipay refuses."""

from __future__ import annotations

import json
import re
import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sandbox import clock
from sandbox.alipay import NAME
from sandbox.alipay.refusals import InvalidArgument, InvalidParameter, Refusal
from sandbox.ledger.records import Order
from sandbox.money import to_fen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.ledger import Ledger

# The product codes of each way to pay; a code that may be left out stands last, as "".
PRODUCT_CODES = {
    "page": ("FAST_INSTANT_TRADE_PAY",),
    "wap": ("QUICK_WAP_WAY",),
    "app": ("QUICK_MSECURITY_PAY",),
    "qr": ("FACE_TO_FACE_PAYMENT", "QR_CODE_OFFLINE", ""),
}
OUT_TRADE_NO = re.compile(r"[0-9A-Za-z_]{1,64}")
AMOUNT = re.compile(r"(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?")
TIMEOUT = re.compile(r"([1-9][0-9]{0,4})([mhdc])")
MAX_AMOUNT = Decimal(100_000_000)
MAX_SUBJECT = 256
MAX_PASSBACK = 512
MAX_URL = 256
MAX_QUIT_URL = 400
MIN_TERM = timedelta(minutes=1)
MAX_TERM = timedelta(days=15)
# How long an order may be paid that says nothing of it.
DEFAULT_TERM = {"qr": timedelta(hours=3)}


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


def number_in(params: Mapping[str, str], ledger: Ledger) -> str:
    """The merchant's number of the trade or payout that a request is about, "" if it names none."""
    try:
        content = biz_content(params)
        trade_no = optional_text(content, "trade_no")
        number = optional_text(content, "out_trade_no") or optional_text(content, "out_biz_no")
    except Refusal:
        return ""
    trade = ledger.by_trade_no(NAME, trade_no) if trade_no else None
    return trade.out_trade_no if trade else number


def order_of(product: str, params: Mapping[str, str], *, now: datetime) -> Order:
    """What is to be paid by page, wap, app or qr; raises Refusal."""
    content = biz_content(params)
    codes = PRODUCT_CODES[product]
    if optional_text(content, "product_code") not in codes:
        raise InvalidParameter(f"product_code 应为 {codes[0]}")
    term = DEFAULT_TERM.get(product, MAX_TERM)
    return Order(
        provider=NAME,
        product=product,
        out_trade_no=_out_trade_no(content),
        total_fen=_total_fen(content),
        subject=_subject(content),
        expires_at=_expires_at(content, signed_at=params["timestamp"], now=now, term=term),
        notify_url=_address(params, "notify_url"),
        return_url=_address(params, "return_url") if product in {"page", "wap"} else "",
        code=f"https://qr.alipay.com/bax{secrets.token_hex(12)}" if product == "qr" else "",
        extra={
            "body": optional_text(content, "body"),
            "passback_params": _short_text(content, "passback_params", MAX_PASSBACK),
            "quit_url": _quit_url(content) if product == "wap" else "",
        },
    )


def amount_fen(content: Mapping[str, object], name: str) -> int:
    """An amount in yuan with at most two decimals, as fen; raises Refusal."""
    text = optional_text(content, name)
    if not AMOUNT.fullmatch(text):
        raise InvalidParameter(f"{name} 应为金额，单位元，最多两位小数")
    return to_fen(Decimal(text))


def _out_trade_no(content: Mapping[str, object]) -> str:
    out_trade_no = optional_text(content, "out_trade_no")
    if not OUT_TRADE_NO.fullmatch(out_trade_no):
        raise InvalidParameter("out_trade_no 应为 1 至 64 位字母、数字或下划线")
    return out_trade_no


def _total_fen(content: Mapping[str, object]) -> int:
    text = optional_text(content, "total_amount")
    if not AMOUNT.fullmatch(text) or Decimal(text) == 0:
        raise InvalidParameter("total_amount 应在 0.01 至 100000000 之间，最多两位小数")
    amount = Decimal(text)
    if amount > MAX_AMOUNT:
        raise Refusal("ACQ.TOTAL_FEE_EXCEED", "订单总金额不在允许范围内")
    return to_fen(amount)


def _subject(content: Mapping[str, object]) -> str:
    subject = optional_text(content, "subject")
    if not subject.strip() or len(subject) > MAX_SUBJECT or set(subject) & set("/=&"):
        raise InvalidParameter("subject 应为 1 至 256 个字符，不可含有 / = &")
    return subject


def _short_text(content: Mapping[str, object], name: str, length: int) -> str:
    text = optional_text(content, name)
    if len(text) > length:
        raise InvalidParameter(f"{name} 不可超过 {length} 个字符")
    return text


def _quit_url(content: Mapping[str, object]) -> str:
    url = _short_text(content, "quit_url", MAX_QUIT_URL)
    if url and not _is_address(url):
        raise InvalidParameter("quit_url 应为绝对地址")
    return url


def _expires_at(
    content: Mapping[str, object], *, signed_at: str, now: datetime, term: timedelta
) -> datetime:
    """``time_expire`` wins over ``timeout_express``; without either, the product's term.

    The shortest term is counted from when the merchant signed: a buyer may open the page in the
    last minute.
    """
    text = optional_text(content, "time_expire")
    if not text:
        return _after_timeout(optional_text(content, "timeout_express"), now=now, term=term)
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


def _after_timeout(text: str, *, now: datetime, term: timedelta) -> datetime:
    if not text:
        return now + term
    match = TIMEOUT.fullmatch(text)
    if match is None:
        raise InvalidParameter("timeout_express 应形如 90m、2h、1d 或 1c")
    count, unit = int(match[1]), match[2]
    if unit == "c":  # 1c is the end of the day on which the trade is made
        midnight = now.astimezone(clock.BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=1)
    step = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[unit]
    if count * step > MAX_TERM:
        raise InvalidParameter("timeout_express 应在 1 分钟至 15 天之内")
    return now + count * step


def _address(params: Mapping[str, str], name: str) -> str:
    """``notify_url`` and ``return_url`` are absolute and carry no query string of their own."""
    url = params.get(name, "")
    if not url:
        return ""
    if not _is_address(url) or "?" in url or len(url) > MAX_URL:
        raise InvalidArgument("isv.invalid-parameter", f"{name} 应为不带参数的绝对地址")
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_web and url.isascii() and url.isprintable() and " " not in url
