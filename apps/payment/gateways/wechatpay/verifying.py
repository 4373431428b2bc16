"""Whether WeChat Pay signed something, and lately. Its public key and its platform certificates are accepted at once:
when a merchant changes from one to the other, both sign for a week."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from apps.payment.exceptions import BadSignature, Unknown
from apps.payment.gateways import rsa
from apps.payment.gateways.http import Answer
from apps.payment.gateways.interface import Notice
from apps.payment.gateways.wechatpay import signing
from apps.payment.gateways.wechatpay.certificates import PlatformCertificates

# WeChat Pay's rule: what is older was recorded and is played again.
FRESH = timedelta(minutes=5)
PUBLIC_KEY_PREFIX = "PUB_KEY_ID_"
# Until 2286: more digits are years that no datetime holds.
TIMESTAMP = re.compile(r"[0-9]{1,10}")


class Unverified(Unknown):
    """An answer that WeChat Pay may not have given. Says what to look at."""


@dataclass(frozen=True)
class Stamp:
    """Who signed a body, and when, as the headers have it."""

    serial: str
    timestamp: str
    nonce: str
    signature: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Stamp | None":
        """None if the headers do not say it all. They are looked up in lower case."""
        parts = {
            name: headers.get(f"wechatpay-{name}", "")
            for name in ("serial", "timestamp", "nonce", "signature")
        }
        scheme = headers.get("wechatpay-signature-type", signing.SCHEME)
        if not all(parts.values()) or scheme != signing.SCHEME:
            return None
        return cls(**parts) if TIMESTAMP.fullmatch(parts["timestamp"]) else None

    def age(self, at: datetime) -> timedelta:
        """Negative if it was signed later than ``at``."""
        return at - datetime.fromtimestamp(int(self.timestamp), UTC)

    def is_fresh(self, at: datetime) -> bool:
        return abs(self.age(at)) <= FRESH

    def covers(self, body: bytes, key: RSAPublicKey) -> bool:
        return rsa.is_signed(signing.lines(self.timestamp, self.nonce, body), self.signature, [key])


@dataclass(frozen=True)
class Verifier:
    """``public_key`` is None, and its id blank, for a merchant that has platform certificates only."""

    public_key: RSAPublicKey | None
    public_key_id: str
    certificates: PlatformCertificates

    def check_notice(self, notice: Notice) -> None:
        """Raises BadSignature, or GatewayError if it takes a certificate that cannot be had just now."""
        stamp = Stamp.of(notice.headers)
        if stamp is None or not stamp.is_fresh(notice.at):
            raise BadSignature
        if stamp.serial.startswith(PUBLIC_KEY_PREFIX):
            key = self.known_public_key(stamp.serial)
        else:
            key = self.certificates.for_notice(stamp.serial, at=notice.at)
        if key is None or not stamp.covers(notice.body, key):
            raise BadSignature

    def check_answer(self, answer: Answer, *, at: datetime) -> None:
        """Raises Unverified, or another GatewayError likewise."""
        stamp = fresh_stamp(answer, at=at)
        if stamp.serial.startswith(PUBLIC_KEY_PREFIX):
            self.check_with(self.known_public_key(stamp.serial), stamp, answer)
        else:
            self.check_with(self.certificates.for_answer(stamp.serial, at=at), stamp, answer)

    def check_with(self, key: RSAPublicKey | None, stamp: Stamp, answer: Answer) -> None:
        """Raises Unverified."""
        if key is None:
            raise Unverified(
                f"The answer is signed with {stamp.serial}, which we do not know "
                f"(WECHATPAY_PUBLIC_KEY_ID is {self.public_key_id!r})."
            )
        if not stamp.covers(answer.body, key):
            raise Unverified(
                f"The answer's signature does not match {stamp.serial}: is WECHATPAY_PUBLIC_KEY "
                "WeChat Pay's own, and not that of our certificate?"
            )

    def known_public_key(self, key_id: str) -> RSAPublicKey | None:
        return self.public_key if key_id == self.public_key_id else None


def fresh_stamp(answer: Answer, *, at: datetime) -> Stamp:
    """Raises Unverified."""
    stamp = Stamp.of(answer.headers)
    if stamp is None:
        raise Unverified(f"HTTP {answer.status} without WeChat Pay's signature.")
    if not stamp.is_fresh(at):
        raise Unverified(f"{clock_words(stamp.age(at))}.")
    return stamp


def clock_words(ahead: timedelta) -> str:
    """How far our clock is before WeChat Pay's, or behind it where negative."""
    seconds = ahead.total_seconds()
    return f"Our clock is {abs(seconds):.0f} seconds {'ahead' if seconds > 0 else 'behind'}"
