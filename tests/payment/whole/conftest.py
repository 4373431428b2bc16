from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings

from sandbox.alipay.certificates import Certificates
from sandbox.config import Config
from sandbox.wechatpay.config import WechatPayConfig
from tests.payment.alipay import authority
from tests.payment.sandboxes import alipay_config, wechatpay_config
from tests.payment.whole.market import Market
from tests.payment.whole.providers import Providers, serving
from tests.wechatpay_keys import WechatPayKeys


@pytest.fixture(scope="package")
def alipay_certificates(
    provider_key: RSA.RsaKey, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Certificate mode, as transfers need it: the files that the settings name."""
    ours = RSA.import_key(settings.ALIPAY["app_private_key"].read_bytes())
    alipay = authority.root(authority.name("Ant Root"), authority.new_key())
    place = tmp_path_factory.mktemp("certificates")
    files = {
        "app_cert": authority.pem(_certify(alipay, "Merchant", ours)),
        "alipay_cert": authority.pem(_certify(alipay, authority.ALIPAYS, provider_key)),
        "alipay_root_cert": authority.pem(alipay.certificate),
    }
    for name, content in files.items():
        (place / name).write_bytes(content)
    return {name: place / name for name in files}


@pytest.fixture(scope="package")
def configs(
    provider_key: RSA.RsaKey, wechatpay_keys: WechatPayKeys, alipay_certificates: dict[str, Path]
) -> tuple[Config, WechatPayConfig]:
    """What the sandbox knows of us at either provider."""
    app, own, roots = (path.read_bytes() for path in alipay_certificates.values())
    certificates = Certificates.read(app=app, own=own, roots=roots)
    alipay = alipay_config(
        Path(":memory:"), provider_key, certificates=certificates, retry_scale=1.0
    )
    return alipay, wechatpay_config(wechatpay_keys)


@pytest.fixture(scope="package")
def providers(
    configs: tuple[Config, WechatPayConfig],
    alipay_certificates: dict[str, Path],
) -> Iterator[Providers]:
    """Both of them, for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name, path in alipay_certificates.items():
            patch.setitem(settings.ALIPAY, name, path)
        with serving(*configs) as providers:
            yield providers


@pytest.fixture
def market(db: None, providers: Providers) -> Market:
    providers.begin_anew()
    return Market(providers)


def _certify(root: authority.Authority, name: str, key: RSA.RsaKey) -> Any:
    public = load_pem_public_key(key.public_key().export_key())
    return root.issue(authority.name(name), public)
