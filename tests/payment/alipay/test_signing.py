"""RSA2: our signatures and everybody else's are the same bytes."""

import base64
import subprocess
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from apps.payment.gateways import rsa
from apps.payment.gateways.alipay import AlipayGateway
from sandbox.alipay import signing as theirs
from tests.payment.alipay.conftest import offer
from tests.payment.alipay.test_products import read

TEXTS = ["", "a=1&b=2", "subject=美多商城 & 100%", "x" * 100_000, "\\/ \x00 \n"]


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_as_pycryptodome(merchant_key: RSA.RsaKey, text: str) -> None:
    ours = load_pem_private_key(merchant_key.export_key(), password=None)
    assert rsa.sign(text.encode(), ours) == theirs.sign_text(text, merchant_key)
    assert rsa.is_signed(text.encode(), theirs.sign_text(text, merchant_key), [ours.public_key()])


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_as_openssl(merchant_key: RSA.RsaKey, tmp_path: Path, text: str) -> None:
    (tmp_path / "private.pem").write_bytes(merchant_key.export_key())
    (tmp_path / "text").write_bytes(text.encode())
    command = ["openssl", "dgst", "-sha256", "-sign", "private.pem", "text"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    ours = load_pem_private_key(merchant_key.export_key(), password=None)
    assert rsa.sign(text.encode(), ours) == base64.b64encode(made).decode()


@pytest.mark.parametrize(
    "signature",
    ["", "AAAA", "not base64!", "é", "====", "{sign} ", "{sign}\n", "\n{sign}", "{sign}A"],
)
def test_what_is_no_signature(provider_key: RSA.RsaKey, signature: str) -> None:
    """Strictly: a decoder that passes over what it does not know would take several texts for one signature."""
    key = load_pem_public_key(provider_key.public_key().export_key())
    genuine = theirs.sign_text("a=1", provider_key)
    assert rsa.is_signed(b"a=1", genuine, [key])
    assert not rsa.is_signed(b"a=1", signature.format(sign=genuine), [key])


def test_any_of_several_keys(provider_key: RSA.RsaKey, merchant_key: RSA.RsaKey) -> None:
    keys = [
        load_pem_public_key(key.public_key().export_key()) for key in (merchant_key, provider_key)
    ]
    genuine = theirs.sign_text("a=1", provider_key)
    assert rsa.is_signed(b"a=1", genuine, keys)
    assert not rsa.is_signed(b"a=1", genuine, keys[:1])
    assert not rsa.is_signed(b"a=1", genuine, [])


def test_eight_threads_sign_by_one_gateway(
    gateway: AlipayGateway, merchant_key: RSA.RsaKey
) -> None:
    urls: list[str] = []

    def sign(thread: int) -> None:
        for i in range(25):
            urls.append(gateway.page_url(offer("page", out_trade_no=f"{thread}x{i}")))

    threads = [Thread(target=sign, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = {read(urlsplit(url).query, merchant_key)[1]["out_trade_no"] for url in urls}
    assert numbers == {f"{thread}x{i}" for thread in range(8) for i in range(25)}
