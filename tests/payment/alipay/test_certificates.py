"""The numbers of certificates, and who descends from whom."""

from datetime import UTC, datetime, timedelta

import pytest
from alipay import DCAliPay
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from apps.payment.gateways.alipay.certificates import (
    descends,
    number_of,
    number_of_roots,
    rsa_certificates,
)
from tests.payment.alipay import authority
from tests.payment.alipay.authority import FROM, TO, Authority, name, pem, root
from tests.payment.alipay.conftest import AT


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return authority.new_key()


@pytest.fixture(scope="module")
def other_key() -> rsa.RSAPrivateKey:
    return authority.new_key()


@pytest.fixture(scope="module")
def trunk(key: rsa.RSAPrivateKey) -> Authority:
    return root(name("Root R1", unit="Certification Authority"), key)


@pytest.fixture(scope="module")
def branch(trunk: Authority, key: rsa.RSAPrivateKey) -> Authority:
    subject = name("Class 2 R1", unit="Certification Authority")
    return Authority(trunk.issue(subject, key.public_key(), is_ca=True), key)


@pytest.fixture(scope="module")
def leaf(branch: Authority, other_key: rsa.RSAPrivateKey) -> x509.Certificate:
    return branch.issue(name("Alipay"), other_key.public_key())


# --- Numbers --------------------------------------------------------------------------------------


def test_the_number_is_the_one_that_the_sdk_has(leaf: x509.Certificate, trunk: Authority) -> None:
    """Where an issuer has all four parts and the file the line ends that the SDK expects."""
    assert number_of(leaf) == DCAliPay.get_cert_sn(pem(leaf).decode())
    assert number_of(trunk.certificate) == DCAliPay.get_cert_sn(pem(trunk.certificate).decode())
    assert len(number_of(leaf)) == 32


def test_an_issuer_without_a_unit(key: rsa.RSAPrivateKey) -> None:
    issuer = root(name("Root R2", unit=""), key)
    certificate = x509.load_pem_x509_certificate(pem(issuer.certificate))
    assert certificate.issuer.rfc4514_string() == "CN=Root R2,O=某某公司,C=CN"
    assert number_of(certificate) != number_of(root(name("Root R2"), key).certificate)


def test_a_known_answer() -> None:
    """Worked out by hand: md5("CN=Root,C=CN" + "255")."""
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "Root"),
        ]
    )
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .issuer_name(subject)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(255)
        .not_valid_before(FROM)
        .not_valid_after(TO)
        .sign(key, authority.SHA256())
    )
    assert number_of(certificate) == "f3819d2b9f679cc6be65dee228b0ff9b"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("between", [b"", b"\n", b"subject=/C=CN\n"])
def test_what_is_not_rsa_is_passed_over(
    trunk: Authority, other_key: rsa.RSAPrivateKey, line_end: bytes, between: bytes
) -> None:
    second = root(name("Root R2"), other_key)
    elliptic = root(name("EC"), ec.generate_private_key(ec.SECP256R1()))
    broken = b"-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n"
    blocks = [
        authority.sm2_root(),
        pem(trunk.certificate),
        broken,
        pem(elliptic.certificate),
        pem(second.certificate),
    ]
    bundle = between.join(blocks).replace(b"\n", line_end)
    found = rsa_certificates(bundle)
    assert found == [trunk.certificate, second.certificate]
    assert (
        number_of_roots(found) == f"{number_of(trunk.certificate)}_{number_of(second.certificate)}"
    )


@pytest.mark.parametrize("bundle", [b"", b"junk", b"-----BEGIN CERTIFICATE-----"])
def test_a_file_without_any(bundle: bytes) -> None:
    assert rsa_certificates(bundle) == []


# --- Descent --------------------------------------------------------------------------------------


def test_through_a_class_or_directly(
    leaf: x509.Certificate, branch: Authority, trunk: Authority
) -> None:
    roots = [trunk.certificate]
    assert descends(leaf, through=[branch.certificate], roots=roots, at=AT)
    assert descends(branch.certificate, through=[], roots=roots, at=AT)
    assert not descends(leaf, through=[], roots=roots, at=AT)


def test_a_root_is_nobodys_signature(trunk: Authority) -> None:
    assert not descends(trunk.certificate, through=[], roots=[trunk.certificate], at=AT)


def test_from_a_root_of_the_same_name(
    leaf: x509.Certificate, branch: Authority, other_key: rsa.RSAPrivateKey
) -> None:
    namesake = root(name("Root R1", unit="Certification Authority"), other_key)
    assert not descends(leaf, through=[branch.certificate], roots=[namesake.certificate], at=AT)


def test_signed_by_itself(other_key: rsa.RSAPrivateKey, trunk: Authority) -> None:
    alone = root(name("Alipay"), other_key)
    assert not descends(
        alone.certificate, through=[alone.certificate], roots=[trunk.certificate], at=AT
    )


def test_issued_by_a_merchant(
    branch: Authority, trunk: Authority, other_key: rsa.RSAPrivateKey
) -> None:
    """A merchant's certificate descends from the root as well, and is no authority."""
    merchant = Authority(branch.issue(name("merchant"), other_key.public_key()), other_key)
    forged = merchant.issue(name("Alipay"), other_key.public_key())
    through = [merchant.certificate, branch.certificate]
    assert descends(merchant.certificate, through=through, roots=[trunk.certificate], at=AT)
    assert not descends(forged, through=through, roots=[trunk.certificate], at=AT)


@pytest.mark.parametrize("moment", [FROM - timedelta(seconds=1), datetime(2060, 1, 1, tzinfo=UTC)])
def test_outside_its_time(
    leaf: x509.Certificate, branch: Authority, trunk: Authority, moment: datetime
) -> None:
    assert not descends(leaf, through=[branch.certificate], roots=[trunk.certificate], at=moment)


def test_an_expired_class(trunk: Authority, key: rsa.RSAPrivateKey) -> None:
    old = trunk.issue(name("Old class"), key.public_key(), is_ca=True, until=AT - timedelta(days=1))
    leaf = Authority(old, key).issue(name("Alipay"), key.public_key())
    assert not descends(leaf, through=[old], roots=[trunk.certificate], at=AT)
    before = AT - timedelta(days=2)
    assert descends(leaf, through=[old], roots=[trunk.certificate], at=before)
