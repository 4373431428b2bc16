from collections.abc import Iterator
from pathlib import Path

import pytest
from Crypto.PublicKey import RSA
from django.conf import settings

from apps.payment import gateways
from sandbox.factory import create_app
from tests.payment.sandboxes import alipay_config, on_a_socket, wechatpay_config
from tests.wechatpay_keys import WechatPayKeys


@pytest.fixture(scope="session", autouse=True)
def providers(provider_key: RSA.RsaKey, wechatpay_keys: WechatPayKeys) -> Iterator[None]:
    """Alipay and WeChat Pay as the sandbox plays them: without them, paying is rightly a 502."""
    app = create_app(
        alipay_config(Path(":memory:"), provider_key),
        wechatpay_config=wechatpay_config(wechatpay_keys),
    )
    with pytest.MonkeyPatch.context() as patch, on_a_socket(app) as address:
        patch.setitem(settings.ALIPAY, "gateway_url", f"{address}/gateway.do")
        patch.setitem(settings.WECHATPAY, "gateway_url", address)
        gateways.gateway.cache_clear()
        yield
    gateways.gateway.cache_clear()
