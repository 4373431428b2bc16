"""Certificate mode: whom we name, whose answers we believe, and a new certificate of Alipay's fetched once."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings

from apps.payment.exceptions import BadSignature, Misconfigured, Unknown
from apps.payment.gateways.alipay import AlipayGateway
from apps.payment.gateways.alipay.certificates import number_of
from apps.payment.gateways.interface import Notice
from sandbox.alipay import signing
from tests.conftest import rsa_key
from tests.payment.alipay import authority
from tests.payment.alipay.authority import ALIPAYS, Authority, name, pem
from tests.payment.alipay.conftest import AT, Provider, talking_to
from tests.payment.alipay.test_notices import FIELDS, posted

QUERY = "alipay.trade.query"
DOWNLOAD = "alipay.open.app.alipaycert.download"
PAID = {
    "out_trade_no": "1",
    "trade_no": "2026",
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "110.00",
}


@pytest.fixture(scope="module")
def ca_key() -> rsa.RSAPrivateKey:
    return authority.new_key()


@pytest.fixture(scope="module")
def new_key() -> RSA.RsaKey:
    """The one that Alipay signs with after its certificate was replaced."""
    return rsa_key()


@pytest.fixture(scope="module")
def trunk(ca_key: rsa.RSAPrivateKey) -> Authority:
    return authority.root(name("Root R1"), ca_key)


@pytest.fixture(scope="module")
def branch(trunk: Authority, ca_key: rsa.RSAPrivateKey) -> Authority:
    return Authority(trunk.issue(name("Class 2 R1"), ca_key.public_key(), is_ca=True), ca_key)


def public(key: RSA.RsaKey) -> Any:
    return load_der_public_key(key.public_key().export_key("DER"))


@pytest.fixture
def current(branch: Authority, provider_key: RSA.RsaKey) -> x509.Certificate:
    return branch.issue(name(ALIPAYS), public(provider_key))


@pytest.fixture
def files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trunk: Authority,
    branch: Authority,
    current: x509.Certificate,
    merchant_key: RSA.RsaKey,
) -> dict[str, Path]:
    """The three files as a merchant downloads them, the class beside Alipay's own certificate."""
    app = branch.issue(name("2088000000000001-2021000000000001"), public(merchant_key))
    contents = {
        "app_cert": pem(app),
        "alipay_cert": pem(current, branch.certificate),
        "alipay_root_cert": authority.sm2_root() + pem(trunk.certificate),
    }
    for file, content in contents.items():
        monkeypatch.setitem(settings.ALIPAY, file, tmp_path / f"{file}.crt")
        (tmp_path / f"{file}.crt").write_bytes(content)
    return {file: tmp_path / f"{file}.crt" for file in contents}


@pytest.fixture
def gateway(files: dict[str, Path], provider: Provider, current: x509.Certificate) -> AlipayGateway:
    provider.says(QUERY, **PAID)
    provider.cert_sn = number_of(current)
    return talking_to(AlipayGateway.from_settings(), provider)


def ask(gateway: AlipayGateway) -> Any:
    told = gateway.query("1", at=AT)
    return told and told.outcome


def test_requests_name_our_certificate_and_the_root(
    gateway: AlipayGateway, provider: Provider, files: dict[str, Path], trunk: Authority
) -> None:
    assert ask(gateway) == "paid"
    app = x509.load_pem_x509_certificate(files["app_cert"].read_bytes())
    assert provider.named["app_cert_sn"] == number_of(app)
    assert provider.named["alipay_root_cert_sn"] == number_of(trunk.certificate)


def test_an_answer_that_names_no_certificate(gateway: AlipayGateway, provider: Provider) -> None:
    provider.cert_sn = ""
    assert ask(gateway) == "paid"


def test_an_answer_signed_by_another_key_than_it_names(
    gateway: AlipayGateway, provider: Provider, new_key: RSA.RsaKey
) -> None:
    provider.key = new_key
    with pytest.raises(Unknown, match="signature"):
        ask(gateway)


@pytest.fixture
def replaced(
    gateway: AlipayGateway, provider: Provider, new_key: RSA.RsaKey
) -> Callable[..., None]:
    """Let Alipay sign by another certificate from now on, and give out ``certificates`` for it."""

    def replace_by(certificate: x509.Certificate, *beside: x509.Certificate) -> None:
        provider.key = new_key
        provider.cert_sn = number_of(certificate)
        content = base64.b64encode(pem(certificate, *beside)).decode()
        provider.says(DOWNLOAD, alipay_cert_content=content)

    return replace_by


def fetched(provider: Provider) -> int:
    return sum(method == DOWNLOAD for method, _ in provider.asked)


def test_a_new_certificate_is_fetched_once(
    gateway: AlipayGateway,
    provider: Provider,
    branch: Authority,
    new_key: RSA.RsaKey,
    replaced: Callable,
) -> None:
    replaced(branch.issue(name(ALIPAYS), public(new_key)))
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: ask(gateway), range(16))) == {"paid"}
    assert fetched(provider) == 1
    assert provider.content(DOWNLOAD) == {"alipay_cert_sn": provider.cert_sn}


def test_notices_may_then_be_signed_by_either_key(
    gateway: AlipayGateway,
    provider: Provider,
    provider_key: RSA.RsaKey,
    branch: Authority,
    new_key: RSA.RsaKey,
    replaced: Callable,
) -> None:
    by_new = posted(signing.signed(FIELDS, new_key))
    with pytest.raises(BadSignature):
        gateway.parse_notice(by_new)
    replaced(branch.issue(name(ALIPAYS), public(new_key)))
    ask(gateway)
    for notice in (by_new, posted(signing.signed(FIELDS, provider_key))):
        assert isinstance(notice, Notice)
        assert gateway.parse_notice(notice).event_id == FIELDS["notify_id"]


def refuse(gateway: AlipayGateway, provider: Provider) -> None:
    for _ in range(2):
        with pytest.raises(Unknown, match=provider.cert_sn):
            ask(gateway)
    # What was refused is not kept.
    assert fetched(provider) == 2
    assert len(gateway.line.trust.keys()) == 1


def test_a_certificate_of_another_root(
    gateway: AlipayGateway, provider: Provider, new_key: RSA.RsaKey, replaced: Callable
) -> None:
    stranger = authority.root(name("Root R1"), authority.new_key())
    replaced(stranger.issue(name(ALIPAYS), public(new_key)), stranger.certificate)
    refuse(gateway, provider)


def test_a_certificate_of_another_merchant_below_the_same_root(
    gateway: AlipayGateway,
    provider: Provider,
    branch: Authority,
    new_key: RSA.RsaKey,
    replaced: Callable,
) -> None:
    replaced(branch.issue(name("2088000000000002-2021000000000002"), public(new_key)))
    refuse(gateway, provider)


def test_an_expired_certificate(
    gateway: AlipayGateway,
    provider: Provider,
    branch: Authority,
    new_key: RSA.RsaKey,
    replaced: Callable,
) -> None:
    replaced(branch.issue(name(ALIPAYS), public(new_key), until=AT.replace(year=2025)))
    refuse(gateway, provider)


def test_another_certificate_than_the_one_named(
    gateway: AlipayGateway,
    provider: Provider,
    branch: Authority,
    new_key: RSA.RsaKey,
    replaced: Callable,
) -> None:
    replaced(branch.issue(name(ALIPAYS), public(new_key)))
    provider.cert_sn = "0" * 32
    refuse(gateway, provider)


@pytest.mark.parametrize("content", ["", "!", "anVuaw=="])
def test_no_certificate_at_all(gateway: AlipayGateway, provider: Provider, content: str) -> None:
    provider.cert_sn = "0" * 32
    provider.says(DOWNLOAD, alipay_cert_content=content)
    refuse(gateway, provider)


def test_a_certificate_that_alipay_does_not_give(
    gateway: AlipayGateway, provider: Provider
) -> None:
    provider.cert_sn = "0" * 32
    provider.refuses(DOWNLOAD, "CERT_NOT_EXIST")
    refuse(gateway, provider)


# --- Settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["app_cert", "alipay_cert", "alipay_root_cert"])
def test_all_three_or_none(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(settings.ALIPAY, missing, None)
    with pytest.raises(Misconfigured, match="ALIPAY_APP_CERT.*ALIPAY_CERT.*ALIPAY_ROOT_CERT"):
        AlipayGateway.from_settings()


@pytest.mark.parametrize(
    ("file", "variable"),
    [
        ("app_cert", "ALIPAY_APP_CERT"),
        ("alipay_cert", "ALIPAY_CERT"),
        ("alipay_root_cert", "ALIPAY_ROOT_CERT"),
    ],
)
def test_a_file_without_a_certificate(files: dict[str, Path], file: str, variable: str) -> None:
    files[file].write_bytes(authority.sm2_root())
    with pytest.raises(Misconfigured, match=f"{variable}:"):
        AlipayGateway.from_settings()


def test_a_file_that_is_not_there(files: dict[str, Path]) -> None:
    files["app_cert"].unlink()
    with pytest.raises(Misconfigured, match=r"app_cert\.crt"):
        AlipayGateway.from_settings()


def test_the_certificate_of_another_key(files: dict[str, Path]) -> None:
    files["app_cert"].write_bytes(files["alipay_cert"].read_bytes())
    with pytest.raises(Misconfigured, match="ALIPAY_APP_PRIVATE_KEY"):
        AlipayGateway.from_settings()


def test_the_public_key_is_not_read_then(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(settings.ALIPAY, "alipay_public_key", tmp_path / "none.pem")
    assert AlipayGateway.from_settings().line.trust.named
