"""The sandbox as tests of the shop start it: it knows our keys, and signs with those that the shop believes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from Crypto.PublicKey import RSA
from django.conf import settings
from flask import Flask
from werkzeug.serving import make_server

from sandbox.config import Config
from sandbox.wechatpay.config import WechatPayConfig
from sandbox.wechatpay.signing import Signer
from tests.wechatpay_keys import APIV3_KEY, PUBLIC_KEY_ID, WechatPayKeys, pem_of


def alipay_config(database: Path, provider_key: RSA.RsaKey, **more: Any) -> Config:
    """The merchant of the settings; Alipay signs with ``provider_key``."""
    merchant_key = RSA.import_key(settings.ALIPAY["app_private_key"].read_bytes())
    return Config(
        database=database,
        app_id=settings.ALIPAY["app_id"],
        seller_id=settings.ALIPAY["seller_id"],
        app_public_key=merchant_key.public_key(),
        private_key=provider_key,
        **more,
    )


def wechatpay_config(keys: WechatPayKeys) -> WechatPayConfig:
    """The merchant of the settings; WeChat Pay signs with either of ``keys``' two."""
    serial = f"{keys.platform_certificate.serial_number:X}"
    return WechatPayConfig(
        mchid=settings.WECHATPAY["mchid"],
        appid=settings.WECHATPAY["app_id"],
        merchant_certificate=keys.merchant_certificate,
        apiv3_key=APIV3_KEY.encode(),
        public_key=Signer(RSA.import_key(pem_of(keys.public)), PUBLIC_KEY_ID),
        platform=Signer(RSA.import_key(pem_of(keys.platform)), serial),
        platform_certificate=keys.platform_certificate,
    )


@contextmanager
def on_a_socket(app: Flask) -> Iterator[str]:
    """Its address, as long as the block lasts; then its deliveries end, too."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    app.extensions["sandbox"].close()
