"""Reads one JSON body field by field, and names the field that breaks a rule."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sandbox.wechatpay.refusals import ParamError

if TYPE_CHECKING:
    from collections.abc import Mapping

ANYTHING = re.compile(r".*", re.DOTALL)
MAX_FEN = 10**10  # 100 million yuan
MAX_URL = 255


class Fields:
    """One JSON object; ``path`` is where it stands in the body, for the refusals.

    A field that is absent, null or an empty text counts as absent. Every method raises ParamError.
    """

    def __init__(self, values: Mapping[str, object], path: str = "") -> None:
        self._values = values
        self._path = path

    def text(
        self,
        name: str,
        *,
        longest: int,
        form: re.Pattern[str] = ANYTHING,
        is_required: bool = False,
    ) -> str:
        value = self._values.get(name)
        if value in (None, ""):
            if is_required:
                raise ParamError(f"{self._path}{name} 不能为空")
            return ""
        if not isinstance(value, str):
            raise ParamError(f"{self._path}{name} 应为字符串")
        if len(value) > longest:
            raise ParamError(f"{self._path}{name} 不可超过 {longest} 个字符")
        if not form.fullmatch(value):
            raise ParamError(f"{self._path}{name} 格式不正确")
        return value

    def fen(self, name: str) -> int:
        """A required amount: an integer in fen, so neither ``1.0`` nor ``"1"`` nor ``true``."""
        value = self._values.get(name)
        if value is None:
            raise ParamError(f"{self._path}{name} 不能为空")
        if type(value) is not int:
            raise ParamError(f"{self._path}{name} 应为整数，单位为分")
        if not 1 <= value <= MAX_FEN:
            raise ParamError(f"{self._path}{name} 应在 1 至 {MAX_FEN} 之间，单位为分")
        return value

    def currency(self, *, is_required: bool = False) -> None:
        """CNY is the only one there is."""
        if self.text("currency", longest=16, is_required=is_required) not in ("", "CNY"):
            raise ParamError(f"{self._path}currency 应为 CNY")

    def inner(self, name: str, *, is_required: bool = False) -> Fields:
        value = self._values.get(name)
        if value is None:
            if is_required:
                raise ParamError(f"{self._path}{name} 不能为空")
            return Fields({}, f"{self._path}{name}.")
        if not isinstance(value, dict):
            raise ParamError(f"{self._path}{name} 应为对象")
        return Fields(value, f"{self._path}{name}.")

    def notify_url(self, *, is_required: bool = False) -> str:
        """An absolute address without a query; http passes too, as laptops have no https."""
        url = self.text("notify_url", longest=MAX_URL, is_required=is_required)
        if url and not _is_address(url):
            raise ParamError("notify_url 应为不带参数的绝对地址")
        return url

    def canonical(self) -> str:
        """The same text for the same values, in whatever order they were sent."""
        return json.dumps(self._values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(body: bytes) -> Fields:
    """The JSON object in ``body``; raises ParamError."""
    try:
        values = json.loads(body, parse_constant=_refuse)
        # Half of a surrogate pair passes as JSON, but is no text that can be stored or signed.
        json.dumps(values, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise ParamError("请求体不是合法的 JSON") from None
    if not isinstance(values, dict):
        raise ParamError("请求体不是 JSON 对象")
    return Fields(values)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _is_address(url: str) -> bool:
    if not url.isascii() or not url.isprintable() or set(url) & set(" ?#"):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
