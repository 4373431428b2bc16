"""The system checks name what is missing and the command that makes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from django.conf import settings
from django.core.checks import run_checks

from apps.payment.checks import check_alipay, check_alipay_deployment


def found(**changed: Any) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in changed.items():
            patch.setitem(settings.ALIPAY, name, value)
        return [message.id for message in check_alipay(None)]


def test_nothing_to_say() -> None:
    assert found() == []


def test_a_missing_key_is_named_with_the_command_that_makes_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = tmp_path / "none.pem"
    for name, expected in (
        ("app_private_key", "payment.E001"),
        ("alipay_public_key", "payment.E003"),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(settings.ALIPAY, name, missing)
            (message,) = check_alipay(None)
        assert message.id == expected
        assert str(missing) in message.msg
        assert "python manage.py make_keys" in message.hint


@pytest.fixture
def bad_keys(tmp_path: Path) -> Iterator[Path]:
    small = RSA.generate(1024)
    contents = {
        "text": b"hello",
        "empty": b"",
        "small": small.export_key(),
        "bare": b"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_file_that_is_no_such_key(bad_keys: Path) -> None:
    for path in bad_keys.iterdir():
        assert found(app_private_key=path) == ["payment.E002"]
        assert found(alipay_public_key=path) == ["payment.E004"]


def test_the_two_keys_mixed_up() -> None:
    private, public = (settings.ALIPAY[name] for name in ("app_private_key", "alipay_public_key"))
    swapped = found(app_private_key=public, alipay_public_key=private)
    assert swapped == ["payment.E002", "payment.E004"]


def test_numbers_and_addresses() -> None:
    assert found(app_id="") == ["payment.E005"]
    assert found(seller_id="me@example.com") == ["payment.E005"]
    assert found(notify_url="/notify/") == ["payment.E006"]
    assert found(return_url="https://shop.example/pay?id=1") == ["payment.E006"]
    assert found(gateway_url="ftp://x/") == ["payment.E006"]


def test_what_a_deployment_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(settings.ALIPAY["app_private_key"].read_bytes())
    key.chmod(0o644)
    monkeypatch.setitem(settings.ALIPAY, "app_private_key", key)
    assert [each.id for each in check_alipay_deployment(None)] == [
        "payment.W001",
        "payment.W002",
        "payment.W005",
    ]
    key.chmod(0o600)
    monkeypatch.setitem(settings.ALIPAY, "gateway_url", "https://openapi.alipay.com/gateway.do")
    monkeypatch.setitem(settings.ALIPAY, "notify_url", "https://shop.example/notify/")
    assert list(check_alipay_deployment(None)) == []


def test_they_are_registered() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings.ALIPAY, "app_id", "")
        assert "payment.E005" in [message.id for message in run_checks(tags=["payment"])]
