"""`make_keys` makes what is missing, for its owner only, and what it makes fits together."""

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.payment.made_keys import lay_keys, made_keys, point_settings_at

OURS = {
    "secret_key",
    "alipay_app_private.pem",
    "alipay_app_public.pem",
    "wechatpay_merchant_private.pem",
    "wechatpay_apiv3_key",
}
ALIPAYS = {
    "sandbox_private.pem",
    "alipay_public.pem",
    "sandbox_alipay_root.pem",
    "alipay_root.crt",
    "alipay.crt",
    "alipay_app.crt",
}
WECHATPAYS = {
    "sandbox_wechatpay_private.pem",
    "wechatpay_public.pem",
    "sandbox_wechatpay_platform.pem",
    "sandbox_wechatpay_platform.crt",
    "wechatpay_merchant.crt",
}


PLATFORM = "sandbox_wechatpay_platform.pem"
PRIVATE = [
    "alipay_app_private.pem",
    "sandbox_private.pem",
    "sandbox_alipay_root.pem",
    "wechatpay_merchant_private.pem",
    "sandbox_wechatpay_private.pem",
    PLATFORM,
]


@pytest.fixture
def keys(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for keys."""
    monkeypatch.delenv("SECRET_KEY", raising=False)
    point_settings_at(tmp_path / "keys", settings)
    return settings.KEYS_DIR


@pytest.fixture
def made_once() -> dict[str, bytes]:
    return made_keys()


@pytest.fixture
def made(keys: Path) -> dict[str, bytes]:
    """The same, lying in the place for keys of this test."""
    lay_keys(keys)
    return made_keys()


def contents(keys: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in keys.iterdir()} if keys.exists() else {}


def private(content: bytes) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(content, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def test_it_makes_all_there_is(made_once: dict[str, bytes]) -> None:
    assert set(made_once) == OURS | ALIPAYS | WECHATPAYS
    keys = [private(each) for name, each in made_once.items() if name in PRIVATE]
    assert {key.key_size for key in keys} == {2048}
    assert len({key.private_numbers().d for key in keys}) == len(PRIVATE) == 6


@pytest.mark.parametrize(
    ("secret", "public"),
    [
        ("alipay_app_private.pem", "alipay_app_public.pem"),
        ("sandbox_private.pem", "alipay_public.pem"),
        ("sandbox_wechatpay_private.pem", "wechatpay_public.pem"),
    ],
)
def test_the_halves_of_a_pair_belong_together(
    made_once: dict[str, bytes], secret: str, public: str
) -> None:
    assert load_pem_public_key(made_once[public]) == private(made_once[secret]).public_key()


@pytest.mark.parametrize(
    ("name", "of", "by"),
    [
        ("alipay.crt", "sandbox_private.pem", "sandbox_alipay_root.pem"),
        ("alipay_app.crt", "alipay_app_private.pem", "sandbox_alipay_root.pem"),
        ("wechatpay_merchant.crt", "wechatpay_merchant_private.pem", PLATFORM),
        ("sandbox_wechatpay_platform.crt", PLATFORM, PLATFORM),
    ],
)
def test_a_certificate_is_over_its_key_and_signed_by_its_issuer(
    made_once: dict[str, bytes], name: str, of: str, by: str
) -> None:
    certificate = x509.load_pem_x509_certificate(made_once[name])
    assert certificate.public_key() == private(made_once[of]).public_key()
    private(made_once[by]).public_key().verify(
        certificate.signature,
        certificate.tbs_certificate_bytes,
        certificate.signature_algorithm_parameters,
        certificate.signature_hash_algorithm,
    )
    now = timezone.now()
    assert certificate.not_valid_before_utc < now < certificate.not_valid_after_utc
    assert (certificate.not_valid_after_utc - now).days > 3600
    # Whether leading zeros are written or dropped makes no difference to such a one.
    assert len(f"{certificate.serial_number:X}") == 40


def test_alipays_roots_are_one_to_skip_and_one_to_trust(made_once: dict[str, bytes]) -> None:
    other, root = x509.load_pem_x509_certificates(made_once["alipay_root.crt"])
    assert other.signature_algorithm_oid == x509.SignatureAlgorithmOID.ECDSA_WITH_SHA256
    assert root.signature_algorithm_oid == x509.SignatureAlgorithmOID.RSA_WITH_SHA256
    x509.load_pem_x509_certificate(made_once["alipay.crt"]).verify_directly_issued_by(root)
    x509.load_pem_x509_certificate(made_once["alipay_app.crt"]).verify_directly_issued_by(root)


def test_the_apiv3_key_is_32_characters(made_once: dict[str, bytes]) -> None:
    key = made_once["wechatpay_apiv3_key"].decode("ascii")
    assert len(key) == 32
    assert key.isalnum()


def test_a_second_time_it_changes_nothing(
    keys: Path, made: dict[str, bytes], capsys: pytest.CaptureFixture
) -> None:
    call_command("make_keys")
    assert contents(keys) == made
    assert capsys.readouterr() == ("", "")


def test_without_the_sandbox_it_makes_only_what_is_ours(keys: Path) -> None:
    call_command("make_keys", "--no-sandbox", verbosity=0)
    assert set(contents(keys)) == OURS


def test_a_secret_key_in_the_environment_needs_no_file(
    keys: Path, made: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    (keys / "secret_key").unlink()
    monkeypatch.setenv("SECRET_KEY", "x" * 50)
    call_command("make_keys", verbosity=0)
    assert "secret_key" not in contents(keys)


@pytest.mark.parametrize(
    ("theirs", "lost", "missing_too"),
    [
        ("alipay_public.pem", "sandbox_private.pem", ALIPAYS),
        ("alipay_root.crt", "sandbox_alipay_root.pem", {"alipay.crt", "alipay_app.crt"}),
        ("alipay.crt", "sandbox_alipay_root.pem", {"alipay_root.crt", "alipay_app.crt"}),
        ("alipay_app.crt", "sandbox_alipay_root.pem", {"alipay_root.crt", "alipay.crt"}),
        ("wechatpay_public.pem", "sandbox_wechatpay_private.pem", WECHATPAYS),
        ("wechatpay_merchant.crt", "wechatpay_merchant_private.pem", WECHATPAYS),
        ("sandbox_wechatpay_platform.crt", PLATFORM, {"wechatpay_merchant.crt"}),
    ],
)  # fmt: skip
def test_beside_what_came_from_a_provider_nothing_of_the_sandbox_is_made(
    keys: Path,
    made: dict[str, bytes],
    capsys: pytest.CaptureFixture,
    theirs: str,
    lost: str,
    missing_too: set[str],
) -> None:
    removed = missing_too - {theirs} | {lost}
    for name in removed:
        (keys / name).unlink()
    (keys / theirs).write_bytes(b"from the console")
    before = contents(keys)
    call_command("make_keys")
    assert contents(keys) == before
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{keys / theirs}: there without {keys / lost}, left as it is.\n" in err


@pytest.mark.parametrize(
    "name", ["alipay_app_public.pem", "alipay_public.pem", "wechatpay_public.pem"]
)
def test_a_lost_public_half_is_made_again(keys: Path, made: dict[str, bytes], name: str) -> None:
    (keys / name).unlink()
    call_command("make_keys", verbosity=0)
    assert contents(keys) == made


def test_lost_certificates_are_issued_anew_by_the_same_root(
    keys: Path, made: dict[str, bytes]
) -> None:
    for name in ("alipay_root.crt", "alipay_app.crt"):
        (keys / name).unlink()
    call_command("make_keys", verbosity=0)
    _, root = x509.load_pem_x509_certificates((keys / "alipay_root.crt").read_bytes())
    for name in ("alipay.crt", "alipay_app.crt"):
        x509.load_pem_x509_certificate((keys / name).read_bytes()).verify_directly_issued_by(root)


def test_a_private_key_that_is_none_is_named(keys: Path, made: dict[str, bytes]) -> None:
    (keys / "alipay_app_private.pem").write_bytes(b"MIIEvQIBADAN")
    (keys / "alipay_app_public.pem").unlink()
    before = contents(keys)
    with pytest.raises(CommandError, match=r"alipay_app_private\.pem is no private key in PEM"):
        call_command("make_keys", verbosity=0)
    assert contents(keys) == before
