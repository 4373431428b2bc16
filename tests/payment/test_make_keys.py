import stat
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from django.core.management import call_command


@pytest.fixture
def keys(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    settings.KEYS_DIR = tmp_path / "keys"
    settings.SECRET_KEY_FILE = settings.KEYS_DIR / "secret_key"
    settings.ALIPAY = settings.ALIPAY | {
        "app_private_key": settings.KEYS_DIR / "alipay_app_private.pem",
        "alipay_public_key": settings.KEYS_DIR / "alipay_public.pem",
    }
    return settings.KEYS_DIR


def contents(keys: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in keys.iterdir()}


def test_it_makes_what_is_missing_for_its_owner_only(keys: Path) -> None:
    call_command("make_keys")
    assert set(contents(keys)) == {
        "secret_key",
        "alipay_app_private.pem",
        "alipay_app_public.pem",
        "sandbox_private.pem",
        "alipay_public.pem",
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    for private, public in (
        ("alipay_app_private.pem", "alipay_app_public.pem"),
        ("sandbox_private.pem", "alipay_public.pem"),
    ):
        key = RSA.import_key((keys / private).read_bytes())
        assert key.size_in_bits() == 2048
        assert key.public_key() == RSA.import_key((keys / public).read_bytes())


def test_a_second_time_it_changes_nothing(keys: Path) -> None:
    call_command("make_keys")
    before = contents(keys)
    call_command("make_keys")
    assert contents(keys) == before


def test_without_the_sandbox(keys: Path) -> None:
    call_command("make_keys", "--no-sandbox")
    assert not {"sandbox_private.pem", "alipay_public.pem"} & set(contents(keys))


def test_a_key_from_alipay_is_never_replaced(keys: Path) -> None:
    keys.mkdir()
    (keys / "alipay_public.pem").write_bytes(b"from the console")
    call_command("make_keys")
    assert contents(keys)["alipay_public.pem"] == b"from the console"
    assert "sandbox_private.pem" not in contents(keys)


def test_a_lost_public_half_is_made_again(keys: Path) -> None:
    call_command("make_keys")
    before = contents(keys)
    (keys / "alipay_app_public.pem").unlink()
    call_command("make_keys")
    assert contents(keys) == before
