from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.config import BASE_DIR, ConfigError
from sandbox.factory import create_app
from sandbox.wechatpay.config import KeysMissing, WechatPayConfig
from tests.sandbox.merchant import config_for
from tests.sandbox.wechatpay.conftest import certificate_of, pem_of
from tests.sandbox.wechatpay.merchant import (
    APIV3_KEY,
    MERCHANT_SERIAL,
    PLATFORM_SERIAL,
    PUBLIC_KEY_ID,
    Merchant,
    refused,
)

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric import rsa
    from flask.testing import FlaskClient

FILES = {
    "SANDBOX_WECHATPAY_MERCHANT_CERT": "wechatpay_merchant.crt",
    "SANDBOX_WECHATPAY_APIV3_KEY": "wechatpay_apiv3_key",
    "SANDBOX_WECHATPAY_PRIVATE_KEY": "sandbox_wechatpay_private.pem",
    "SANDBOX_WECHATPAY_PLATFORM_KEY": "sandbox_wechatpay_platform.pem",
    "SANDBOX_WECHATPAY_PLATFORM_CERT": "sandbox_wechatpay_platform.crt",
}


@pytest.fixture
def environ(
    merchant_key: rsa.RSAPrivateKey,
    provider_key: rsa.RSAPrivateKey,
    platform_key: rsa.RSAPrivateKey,
    tmp_path: Path,
) -> dict[str, str]:
    contents = {
        "wechatpay_merchant.crt": certificate_of(merchant_key, MERCHANT_SERIAL).public_bytes(
            Encoding.PEM
        ),
        "wechatpay_apiv3_key": f"{APIV3_KEY}\n".encode(),
        "sandbox_wechatpay_private.pem": pem_of(provider_key),
        "sandbox_wechatpay_platform.pem": pem_of(platform_key),
        "sandbox_wechatpay_platform.crt": certificate_of(
            platform_key, PLATFORM_SERIAL
        ).public_bytes(Encoding.PEM),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: str(tmp_path / file) for name, file in FILES.items()}


def test_the_files_are_read(environ: dict[str, str]) -> None:
    config = WechatPayConfig.from_env(environ)
    assert (config.mchid, config.appid) == ("1900000001", "wx0000000000000001")
    assert config.merchant_certificate.serial_number == MERCHANT_SERIAL
    assert config.apiv3_key == APIV3_KEY.encode()
    assert config.public_key.serial == PUBLIC_KEY_ID
    assert config.platform.serial == f"{PLATFORM_SERIAL:X}"
    assert APIV3_KEY not in repr(config)
    assert "RsaKey" not in repr(config)


def test_a_serial_is_written_in_whole_bytes(
    environ: dict[str, str], platform_key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    pem = certificate_of(platform_key, 0xABC).public_bytes(Encoding.PEM)
    (tmp_path / "sandbox_wechatpay_platform.crt").write_bytes(pem)
    assert WechatPayConfig.from_env(environ).platform.serial == "0ABC"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SANDBOX_WECHATPAY_MCHID", "mch"),
        ("SANDBOX_WECHATPAY_APPID", "2021000000000001"),
        ("SANDBOX_WECHATPAY_PUBLIC_KEY_ID", "0000000001"),
        *((name, "pyproject.toml") for name in FILES),
        *((name, "sandbox") for name in FILES),
    ],
)
def test_a_bad_value_is_named_in_one_line(environ: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name) as caught:
        WechatPayConfig.from_env({**environ, name: value})
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, KeysMissing)


def test_a_platform_certificate_belongs_to_its_key(environ: dict[str, str]) -> None:
    other = environ["SANDBOX_WECHATPAY_PRIVATE_KEY"]
    with pytest.raises(ConfigError, match="PLATFORM_CERT does not belong to"):
        WechatPayConfig.from_env({**environ, "SANDBOX_WECHATPAY_PLATFORM_KEY": other})


def test_a_certificate_of_another_kind_of_key_is_refused(
    environ: dict[str, str], tmp_path: Path
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = certificate_of(key, 1).public_bytes(Encoding.PEM)
    (tmp_path / "wechatpay_merchant.crt").write_bytes(pem)
    with pytest.raises(ConfigError, match="MERCHANT_CERT"):
        WechatPayConfig.from_env(environ)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_missing_is_named_with_what_makes_it(
    environ: dict[str, str], tmp_path: Path, name: str
) -> None:
    (tmp_path / FILES[name]).unlink()
    with pytest.raises(KeysMissing, match=f"{name}.*python manage.py make_keys"):
        WechatPayConfig.from_env(environ)


def test_without_them_alipay_is_served_alone(
    keys: tuple[str, str], merchant: Merchant, tmp_path: Path
) -> None:
    app = create_app(config_for(keys, database=tmp_path / "s.sqlite3"), missing="no file at x")
    client = app.test_client()
    page = client.get("/").text
    assert "微信支付" in page
    assert "no file at x" in page
    status, code, message = refused(merchant.get(client, "/v3/certificates"))
    assert (status, code) == (503, "SERVICE_UNAVAILABLE")
    assert "make_keys" in message
    assert client.get("/wechatpay/prepay/wx1").status_code == 404
    app.extensions["sandbox"].close()


@pytest.mark.parametrize("is_there", [True, False])
def test_the_process_starts_with_and_without_them(
    environ: dict[str, str], keys: tuple[str, str], tmp_path: Path, *, is_there: bool
) -> None:
    (tmp_path / "app_public.pem").write_text(keys[0])
    (tmp_path / "private.pem").write_text(keys[1])
    if not is_there:
        (tmp_path / "wechatpay_merchant.crt").unlink()
    served = subprocess.run(
        [
            sys.executable,
            "-c",
            "from sandbox.app import app; print(*app.extensions['sandbox'].channels)",
        ],
        cwd=BASE_DIR,
        env={
            **os.environ,
            **environ,
            "SANDBOX_APP_PUBLIC_KEY": str(tmp_path / "app_public.pem"),
            "SANDBOX_PRIVATE_KEY": str(tmp_path / "private.pem"),
            "SANDBOX_APP_CERT": str(tmp_path / "alipay_app.crt"),
            "SANDBOX_ALIPAY_CERT": str(tmp_path / "alipay.crt"),
            "SANDBOX_ALIPAY_ROOT_CERT": str(tmp_path / "alipay_root.crt"),
            "SANDBOX_DATABASE": str(tmp_path / "s.sqlite3"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert served.stdout.split() == (["alipay", "wechatpay"] if is_there else ["alipay"])
    assert ("WeChat Pay is off" in served.stderr) is not is_there
    assert ("make_keys" in served.stderr) is not is_there


def test_the_front_page_tells_what_to_configure(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "<code>http://localhost</code>" in page
    assert "1900000001" in page
    assert f"{MERCHANT_SERIAL:X}" in page
    assert "未启用" not in page
