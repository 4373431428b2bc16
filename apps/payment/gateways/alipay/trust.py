"""Whose signature is Alipay's: one public key, or the certificates that descend from its root."""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock
from types import MappingProxyType
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from apps.core.exceptions import GatewayError
from apps.payment.exceptions import Misconfigured, Unknown
from apps.payment.gateways.alipay.certificates import (
    common_name,
    descends,
    key_in,
    number_of,
    number_of_roots,
    rsa_certificates,
)

Download = Callable[[str], str]


class Trust(Protocol):
    named: Mapping[str, str]
    """What every request names it by."""

    def keys(self) -> tuple[RSAPublicKey, ...]:
        """Those that may have signed a notice, which names no certificate."""
        ...

    def key_of(self, cert_sn: str, *, at: datetime, download: Download) -> RSAPublicKey:
        """The key that must have signed an answer which names this certificate, or none. Raises Unknown."""
        ...


class KeyTrust:
    named: Mapping[str, str] = MappingProxyType({})

    def __init__(self, key: RSAPublicKey) -> None:
        self._key = key

    def keys(self) -> tuple[RSAPublicKey, ...]:
        return (self._key,)

    def key_of(self, cert_sn: str, *, at: datetime, download: Download) -> RSAPublicKey:
        return self._key


class CertificateTrust:
    """Certificate mode. Alipay may sign by a new certificate at any time: it is then fetched, once, and judged.

    Safe to share between threads. Raises Misconfigured where a file holds no RSA certificate.
    """

    def __init__(self, *, app: bytes, alipay: bytes, root: bytes) -> None:
        ours, theirs = rsa_certificates(app), rsa_certificates(alipay)
        self._roots = rsa_certificates(root)
        for name, found in (
            ("ALIPAY_APP_CERT", ours),
            ("ALIPAY_CERT", theirs),
            ("ALIPAY_ROOT_CERT", self._roots),
        ):
            if not found:
                raise Misconfigured(f"{name}: there is no RSA certificate in the file.")
        self.app_key = key_in(ours[0])
        self.named: Mapping[str, str] = {
            "app_cert_sn": number_of(ours[0]),
            "alipay_root_cert_sn": number_of_roots(self._roots),
        }
        self._issuers = theirs[1:]
        self._configured = theirs[0]
        self._known = {number_of(theirs[0]): key_in(theirs[0])}
        self._lock = Lock()

    def keys(self) -> tuple[RSAPublicKey, ...]:
        return tuple(self._known.copy().values())

    def key_of(self, cert_sn: str, *, at: datetime, download: Download) -> RSAPublicKey:
        if not cert_sn:
            return key_in(self._configured)
        if cert_sn not in self._known:
            with self._lock:
                if cert_sn not in self._known:
                    self._known[cert_sn] = self._fetched(cert_sn, at, download)
        return self._known[cert_sn]

    def _fetched(self, cert_sn: str, at: datetime, download: Download) -> RSAPublicKey:
        try:
            pem = base64.b64decode(download(cert_sn), validate=True)
        except (GatewayError, ValueError) as exc:
            raise Unknown(f"Alipay's certificate {cert_sn} cannot be had: {exc}") from exc
        found = rsa_certificates(pem)
        if not found or number_of(found[0]) != cert_sn:
            raise Unknown(f"Alipay gave another certificate than {cert_sn}")
        # Merchants' own certificates descend from the same root; the name tells Alipay's from theirs.
        is_alipays = common_name(found[0]) == common_name(self._configured)
        issuers = [*found[1:], *self._issuers]
        if not is_alipays or not descends(found[0], through=issuers, roots=self._roots, at=at):
            raise Unknown(f"Alipay's certificate {cert_sn} does not descend from ALIPAY_ROOT_CERT")
        return key_in(found[0])
