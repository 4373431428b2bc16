"""WeChat Pay's platform certificates: which of them we know, and when we may ask for them."""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate

from apps.payment.exceptions import Misconfigured, Rejected, Unknown

# WeChat Pay's rule: a new certificate is given out before it is used, so ask again within 12 hours.
REFRESH_AFTER = timedelta(hours=12)
# Anybody can send us a notice that names a certificate nobody knows: it must not make us call out each time.
NOTICE_PAUSE = timedelta(minutes=10)
SERIAL = re.compile(r"[0-9A-Fa-f]{1,40}")

Certificates = Mapping[int, Certificate]

logger = logging.getLogger(__name__)


class PlatformCertificates:
    """Asked for when the first is needed. ``fetch`` gives those of a moment by serial, and raises GatewayError.

    Safe to share between threads: what is known is replaced as a whole, and one thread at a time asks.
    """

    def __init__(self, fetch: Callable[[datetime], Certificates]) -> None:
        self._fetch = fetch
        self._lock = Lock()
        self._known: Certificates = {}
        self._asked_at: datetime | None = None

    def for_answer(self, serial: str, *, at: datetime) -> RSAPublicKey | None:
        """The key of a certificate that signed an answer to us; an unknown one is asked for. Raises GatewayError."""
        if (number := _number(serial)) is None:
            return None
        if number not in self._known:
            with self._lock:
                if number not in self._known:
                    self._refresh(at)
        elif self._is_due(at, REFRESH_AFTER):
            self._try_refresh(at)
        return find_key(self._known, serial, at=at)

    def for_notice(self, serial: str, *, at: datetime) -> RSAPublicKey | None:
        """The same for a notice, whose sender may be anybody: one that is unknown is asked for now and then only.

        Raises GatewayError.
        """
        if (number := _number(serial)) is None:
            return None
        if number in self._known:
            if self._is_due(at, REFRESH_AFTER):
                self._try_refresh(at)
        elif self._is_due(at, NOTICE_PAUSE):
            with self._lock:
                if self._is_due(at, NOTICE_PAUSE):
                    self._refresh(at)
        return find_key(self._known, serial, at=at)

    def _refresh(self, at: datetime) -> None:
        # Written first, so that notices in the meantime neither wait nor ask; and a failure counts as having asked.
        self._asked_at = at
        self._known = self._fetch(at)

    def _try_refresh(self, at: datetime) -> None:
        """A certificate that is known stays good if WeChat Pay does not answer just now."""
        with self._lock:
            if not self._is_due(at, REFRESH_AFTER):
                return
            try:
                self._refresh(at)
            except (Unknown, Rejected, Misconfigured):
                logger.warning("WeChat Pay's certificates could not be renewed", exc_info=True)

    def _is_due(self, at: datetime, pause: timedelta) -> bool:
        return self._asked_at is None or at - self._asked_at >= pause


def find_key(certificates: Certificates, serial: str, *, at: datetime) -> RSAPublicKey | None:
    """The key of the certificate with a serial in hex, if it is valid then."""
    number = _number(serial)
    certificate = None if number is None else certificates.get(number)
    if certificate is None or not is_valid(certificate, at):
        return None
    key = certificate.public_key()
    return key if isinstance(key, RSAPublicKey) else None


def is_valid(certificate: Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _number(serial: str) -> int | None:
    return int(serial, 16) if SERIAL.fullmatch(serial) else None
