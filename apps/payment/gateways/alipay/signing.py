"""RSA2: which fields of a request, a notice and a return are signed, in which order. Pure."""

from collections.abc import Iterable, Mapping

from alipay import AliPay
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from apps.payment.gateways import rsa

SIGN_TYPE = "RSA2"
UNSIGNED = {"sign", "sign_type"}


def are_signed(
    fields: Mapping[str, str], keys: Iterable[RSAPublicKey], *, charset: str = "utf-8"
) -> bool:
    """Whether one of the keys signed the fields of a notice or a browser's return."""
    signature = fields.get("sign")
    if fields.get("sign_type") != SIGN_TYPE or not signature:
        return False
    received = sorted((k, v) for k, v in fields.items() if k not in UNSIGNED)
    # Alipay has signed blank values at some times and left them out at others.
    without_blanks = [(k, v) for k, v in received if v != ""]
    readings = [received] if received == without_blanks else [received, without_blanks]
    return any(rsa.is_signed(_joined(each).encode(charset), signature, keys) for each in readings)


class Composer(AliPay):  # type: ignore[misc]  # untyped
    """python-alipay-sdk, which knows what a request consists of; signed by ``cryptography``.

    The same bytes for a quarter of the time, and other threads run meanwhile.
    """

    def __init__(self, app_id: str, key: RSAPrivateKey) -> None:
        self._key = key
        super().__init__(appid=app_id, sign_type=SIGN_TYPE)

    def _load_key(self) -> None:
        """It is parsed already."""

    def _sign(self, text: str) -> str:
        return rsa.sign(text.encode(), self._key)


def _joined(items: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in items)
