"""Calls to WeChat Pay (API v3): signed by us, and believed only if signed by them."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from urllib3.util import parse_url

from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.gateways.http import Answer, Client
from apps.payment.gateways.wechatpay import signing
from apps.payment.gateways.wechatpay.account import Account
from apps.payment.gateways.wechatpay.certificates import (
    Certificates,
    PlatformCertificates,
    find_key,
    is_valid,
)
from apps.payment.gateways.wechatpay.verifying import (
    FRESH,
    PUBLIC_KEY_PREFIX,
    Verifier,
    clock_words,
    fresh_stamp,
)

# WeChat Pay's rule: some calls are refused that name no agent.
AGENT = "meiduo-mall"
OPENID = "openid"
ACCEPTED_UNFINISHED = 202
# Whatever was asked, a person has to mend the settings, or the contract with WeChat Pay.
MISCONFIGURED = {"SIGN_ERROR", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "NO_AUTH"}
NOT_THERE = {"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"}
BUSY = {"FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED"}
# The account has too little just now: the very same refund is granted once there is money again.
TEMPORARY = {"NOT_ENOUGH", *BUSY}
# Paid, closed, or opened with other terms.
NUMBER_SPENT = {"ORDERPAID", "ORDER_PAID", "ORDER_CLOSED", "OUT_TRADE_NO_USED"}
# Said of an openid that is made up, or not of our app.
UNFIT = {"PARAM_ERROR", "INVALID_REQUEST"}
# With whatever status it comes, it says that nobody knows.
NOBODY_KNOWS = {"SYSTEM_ERROR", "SERVICE_UNAVAILABLE"}


class Api:
    """One merchant's calls. Safe to share between threads."""

    def __init__(self, account: Account, client: Client, *, gateway_url: str) -> None:
        self._account = account
        self._client = client
        self._base = gateway_url.rstrip("/")
        self.certificates = PlatformCertificates(self.fetch_certificates)
        self.verifier = Verifier(account.public_key, account.public_key_id, self.certificates)

    def call(
        self, method: str, target: str, content: Mapping[str, Any] | None = None, *, at: datetime
    ) -> dict[str, Any]:
        """What WeChat Pay answers, {} if nothing. Raises Rejected, Unknown, Misconfigured.

        ``target`` is path and query. An answer without its signature is Unknown unless it is a refusal, which
        WeChat Pay does not sign.
        """
        answer = self._granted(method, target, content, at)
        try:
            self.verifier.check_answer(answer, at=at)
        except (Rejected, Misconfigured) as exc:
            # Said of the certificates, which we needed for the answer: what was asked may well have been done.
            raise Unknown(f"{target}: the answer cannot be verified: {exc}") from exc
        return _content(answer, target) if answer.body else {}

    def download(self, url: str, *, at: datetime) -> bytes:
        """The file at an address that WeChat Pay gave us. It is not signed: compare its digest. Raises as ``call``.

        Our signature goes to WeChat Pay's own host and nowhere else.
        """
        address = urlsplit(url)
        if (address.scheme, address.netloc) != urlsplit(self._base)[:2]:
            raise Unknown(f"A download at {address.scheme}://{address.netloc} is not WeChat Pay's.")
        target = f"{address.path}?{address.query}" if address.query else address.path
        return self._granted("GET", target, None, at).body

    def fetch_certificates(self, at: datetime) -> Certificates:
        """The platform certificates that are valid, by serial; none for a merchant who has the public key only.

        What encrypted them knows our APIv3 key, so the answer may be signed with one of them.
        Raises Rejected, Unknown, Misconfigured.
        """
        target = "/v3/certificates"
        try:
            answer = self._granted("GET", target, None, at)
        except Rejected as refusal:
            if refusal.sub_code in NOT_THERE:
                return {}
            raise
        stamp = fresh_stamp(answer, at=at)
        certificates = self._unsealed(_content(answer, target))
        valid = {c.serial_number: c for c in certificates if is_valid(c, at)}
        if stamp.serial.startswith(PUBLIC_KEY_PREFIX):
            key = self.verifier.known_public_key(stamp.serial)
        else:
            key = find_key(valid, stamp.serial, at=at)
        self.verifier.check_with(key, stamp, answer)
        return valid

    def _unsealed(self, content: Mapping[str, Any]) -> list[x509.Certificate]:
        try:
            return [
                x509.load_pem_x509_certificate(self._unseal(each["encrypt_certificate"]))
                for each in content["data"]
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise Misconfigured(
                "WeChat Pay's certificates do not open with WECHATPAY_APIV3_KEY: is it the one "
                "set at the console?"
            ) from exc

    def _unseal(self, sealed: Mapping[str, str]) -> bytes:
        return signing.unseal(
            ciphertext=sealed["ciphertext"],
            nonce=sealed["nonce"],
            associated_data=sealed["associated_data"],
            key=self._account.apiv3_key,
        )

    def _granted(
        self, method: str, target: str, content: Mapping[str, Any] | None, at: datetime
    ) -> Answer:
        """A 2xx, whoever gave it."""
        answer = self._send(method, target, content, at)
        if 400 <= answer.status < 500:
            raise _refusal(answer, target, at)
        if not 200 <= answer.status < 300 or answer.status == ACCEPTED_UNFINISHED:
            raise Unknown(f"{target}: HTTP {answer.status}")
        return answer

    def _send(
        self, method: str, target: str, content: Mapping[str, Any] | None, at: datetime
    ) -> Answer:
        us = self._account
        url = f"{self._base}{target}"
        # Signed are the bytes that are sent, not another writing of them.
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "Authorization": signing.authorization(
                method=method,
                # As it will be sent: the client writes some characters in another way.
                target=parse_url(url).request_uri,
                body=body,
                timestamp=int(at.timestamp()),
                nonce=secrets.token_hex(16),
                mchid=us.mchid,
                serial=us.serial,
                key=us.key,
            ),
        }
        if us.public_key_id:
            headers["Wechatpay-Serial"] = us.public_key_id
        return self._client.request(method, url, body=body or None, headers=headers)


def _content(answer: Answer, target: str) -> dict[str, Any]:
    try:
        content = json.loads(answer.body)
    except ValueError as exc:
        raise Unknown(f"{target}: the answer is no JSON") from exc
    if not isinstance(content, dict):
        raise Unknown(f"{target}: the answer is no object")
    return content


def _refusal(answer: Answer, target: str, at: datetime) -> Exception:
    """What a 4xx means. One that does not speak WeChat Pay's language comes from somebody on the way to them."""
    try:
        content = _content(answer, target)
    except Unknown:
        return Unknown(f"{target}: HTTP {answer.status}, and not from WeChat Pay")
    code, message = str(content.get("code", "")), str(content.get("message", ""))
    if not code or code in NOBODY_KNOWS:
        return Unknown(f"{target}: HTTP {answer.status} {code}")
    if answer.status == 401 or code in MISCONFIGURED:
        return Misconfigured(f"{code}: {message}{_skew(answer, at)}")
    return Rejected(
        str(answer.status),
        code,
        message,
        is_temporary=code in TEMPORARY or answer.status == 429,
        is_number_spent=code in NUMBER_SPENT,
        buyer_detail=OPENID if code in UNFIT and _speaks_of_openid(content) else "",
    )


def _speaks_of_openid(content: Mapping[str, Any]) -> bool:
    """The sentence does, or what is told beside it of the field."""
    return OPENID in f"{content.get('message')} {content.get('detail')}".lower()


def _skew(answer: Answer, at: datetime) -> str:
    """WeChat Pay refuses a clock that is off and a wrong key under the same code."""
    try:
        ahead = at - parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError):
        return ""
    return "" if abs(ahead) <= FRESH else f" ({clock_words(ahead)}.)"
