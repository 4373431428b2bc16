from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sandbox.config import BASE_DIR, Config, ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environ(keys: tuple[str, str], tmp_path: Path) -> dict[str, str]:
    (tmp_path / "app_public.pem").write_text(keys[0])
    (tmp_path / "private.pem").write_text(keys[1])
    return {
        "SANDBOX_APP_PUBLIC_KEY": str(tmp_path / "app_public.pem"),
        "SANDBOX_PRIVATE_KEY": str(tmp_path / "private.pem"),
        # Not those that somebody may have under keys/.
        "SANDBOX_APP_CERT": str(tmp_path / "alipay_app.crt"),
        "SANDBOX_ALIPAY_CERT": str(tmp_path / "alipay.crt"),
        "SANDBOX_ALIPAY_ROOT_CERT": str(tmp_path / "alipay_root.crt"),
    }


def test_the_defaults_run_on_a_laptop(environ: dict[str, str]) -> None:
    config = Config.from_env(environ)
    assert config.port == 8001
    assert config.database == BASE_DIR / "var" / "sandbox.sqlite3"
    assert config.app_id == "2021000000000001"
    assert config.seller_id == "2088000000000001"
    assert config.retry_scale == 0.01
    assert config.private_key.has_private()
    assert "RsaKey" not in repr(config)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SANDBOX_PORT", "x"),
        ("SANDBOX_PORT", "0"),
        ("SANDBOX_PORT", "65536"),
        ("SANDBOX_PORT", "-1"),
        ("SANDBOX_APP_ID", "app"),
        ("SANDBOX_SELLER_ID", "２０"),
        ("SANDBOX_RETRY_SCALE", "x"),
        ("SANDBOX_RETRY_SCALE", "-1"),
        ("SANDBOX_RETRY_SCALE", "nan"),
        ("SANDBOX_RETRY_SCALE", "inf"),
        ("SANDBOX_PRIVATE_KEY", "pyproject.toml"),
        ("SANDBOX_PRIVATE_KEY", "sandbox"),
    ],
)
def test_a_bad_value_is_named_in_one_line(environ: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env({**environ, name: value})
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_public_key_cannot_sign(environ: dict[str, str]) -> None:
    wrong = {**environ, "SANDBOX_PRIVATE_KEY": environ["SANDBOX_APP_PUBLIC_KEY"]}
    with pytest.raises(ConfigError, match="SANDBOX_PRIVATE_KEY.*public"):
        Config.from_env(wrong)


@pytest.mark.parametrize("name", ["SANDBOX_APP_PUBLIC_KEY", "SANDBOX_PRIVATE_KEY"])
def test_without_a_key_the_process_ends_with_one_line(
    environ: dict[str, str], tmp_path: Path, name: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import sandbox.app"],
        cwd=BASE_DIR,
        env={**os.environ, **environ, name: str(tmp_path / "missing.pem")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert str(tmp_path / "missing.pem") in line
    assert "python manage.py make_keys" in line


def test_it_imports_nothing_of_the_shop() -> None:
    code = (
        "import sys, sandbox.factory;"
        "print(*(m for m in sys.modules"
        " if m.split('.')[0] in {'django', 'apps', 'meiduo', 'alipay', 'rest_framework'}))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == ""
