"""Certificates in PEM form, as the sandbox's providers issue them. Real ones come from a provider's console."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

VALID_DAYS = 3650
# Makes every serial 40 hexadecimal digits: whoever drops leading zeros and whoever keeps them write the same.
SERIAL_TOP_BIT = 1 << 158


@dataclass(frozen=True)
class Authority:
    """Issues certificates under ``common_name``, each good for ten years from yesterday."""

    common_name: str
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    def own(self) -> bytes:
        """The certificate over the authority's own key, signed by itself."""
        return self._signed(self.common_name, self.key.public_key(), is_authority=True)

    def issue(self, common_name: str, public_key: rsa.RSAPublicKey) -> bytes:
        return self._signed(common_name, public_key, is_authority=False)

    def _signed(
        self,
        common_name: str,
        public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
        *,
        is_authority: bool,
    ) -> bytes:
        # Yesterday, so that a clock that is a little behind takes it at once.
        start = datetime.now(UTC) - timedelta(days=1)
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name(common_name))
            .issuer_name(_name(self.common_name))
            .public_key(public_key)
            .serial_number(x509.random_serial_number() | SERIAL_TOP_BIT)
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=VALID_DAYS))
            .add_extension(x509.BasicConstraints(is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(issuer_key, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return certificate.public_bytes(Encoding.PEM)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Meiduo Sandbox"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Payments"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
