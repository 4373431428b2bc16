"""Whether a request comes from the merchant: its headers and its ``Authorization``.

Raises Refusal, in WeChat Pay's order: the header's form, the merchant, the clock, the certificate,
the signature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from sandbox.wechatpay import signing
from sandbox.wechatpay.config import public_key_of
from sandbox.wechatpay.refusals import InvalidRequest, Refusal, SignError

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Request

    from sandbox.wechatpay.config import WechatPayConfig

CLOCK_DRIFT_SECONDS = 300
PAIR = re.compile(r'([a-z_]+)="([^"]*)"')
NAMES = {"mchid", "nonce_str", "signature", "timestamp", "serial_no"}
# Ten digits end in the year 2286: thirteen are milliseconds, a classic mistake.
SECONDS = re.compile(r"[1-9][0-9]{0,9}")
SERIAL = re.compile(r"[0-9A-Fa-f]{1,40}")
NONCE = re.compile(r"[!-~]{1,32}")


@dataclass(frozen=True)
class Claim:
    """What a merchant says of itself; nothing of it is believed yet."""

    mchid: str
    nonce_str: str
    signature: str
    timestamp: str
    serial_no: str


def check(request: Request, config: WechatPayConfig, *, now: datetime) -> None:
    """Raises Refusal unless this merchant signed exactly this request within five minutes."""
    _check_headers(request)
    claim = read(request.headers.get("Authorization", ""))
    if claim.mchid != config.mchid:
        raise Refusal("MCH_NOT_EXISTS", "商户号不存在，请检查 Authorization 中的 mchid")
    if abs(now.timestamp() - int(claim.timestamp)) > CLOCK_DRIFT_SECONDS:
        raise SignError("Authorization 中的 timestamp 与当前时间相差超过 5 分钟")
    _check_certificate(claim, config, now=now)
    if not _is_signed(request, claim, config):
        raise SignError("错误的签名，验签失败：请检查签名串与商户私钥")


def read(header: str) -> Claim:
    """The five values of one ``Authorization`` header, in any order; raises SignError."""
    if not header:
        raise SignError("Http头缺少 Authorization")
    kind, _, rest = header.partition(" ")
    if kind != signing.SIGNATURE_TYPE:
        raise SignError(f"Http头 Authorization 认证类型不正确，应为 {signing.SIGNATURE_TYPE}")
    pairs = [PAIR.fullmatch(part) for part in rest.split(",")]
    values = {pair[1]: pair[2] for pair in pairs if pair}
    if len(pairs) != len(NAMES) or values.keys() != NAMES:
        raise SignError('Http头 Authorization 值格式错误，应为五个以逗号相连的 名称="值"')
    if not NONCE.fullmatch(values["nonce_str"]):
        raise SignError("Http头 Authorization 值格式错误：nonce_str 应为 1 至 32 个字符")
    if not SECONDS.fullmatch(values["timestamp"]):
        raise SignError("Http头 Authorization 值格式错误：timestamp 应为以秒计的时间戳")
    if not SERIAL.fullmatch(values["serial_no"]):
        raise SignError("Http头 Authorization 值格式错误：serial_no 应为证书序列号")
    return Claim(**values)


def _check_headers(request: Request) -> None:
    if not request.headers.get("User-Agent"):
        raise InvalidRequest("Http头缺少 User-Agent")
    if not request.headers.get("Accept") or not request.accept_mimetypes.accept_json:
        raise InvalidRequest("Http头 Accept 应包含 application/json")
    if request.method == "POST" and request.mimetype != "application/json":
        raise InvalidRequest("Http头 Content-Type 应为 application/json")


def _check_certificate(claim: Claim, config: WechatPayConfig, *, now: datetime) -> None:
    certificate = config.merchant_certificate
    if int(claim.serial_no, 16) != certificate.serial_number:
        raise SignError("商户证书序列号有误，请使用与签名私钥匹配的证书序列号")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise SignError("商户证书已过期或已被更换，请使用有效的商户证书")


def _is_signed(request: Request, claim: Claim, config: WechatPayConfig) -> bool:
    body = request.get_data()
    key = public_key_of(config.merchant_certificate)
    for target in _targets(request):
        text = signing.request_text(
            method=request.method,
            target=target,
            timestamp=claim.timestamp,
            nonce=claim.nonce_str,
            body=body,
        )
        if signing.is_signed(text, claim.signature, key):
            return True
    return False


def _targets(request: Request) -> list[str]:
    """The request line's target as sent; its likely spellings where the server does not tell.

    Granian hands on the query as it came but the path only decoded, and merchants differ in
    whether they escape the ``|``, ``*`` and ``@`` of their own numbers.
    """
    as_sent = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if as_sent:
        return [as_sent]
    query = f"?{text}" if (text := request.environ["QUERY_STRING"]) else ""
    spellings = [request.path, quote(request.path), quote(request.path, safe="/*@")]
    return [path + query for path in dict.fromkeys(spellings)]
