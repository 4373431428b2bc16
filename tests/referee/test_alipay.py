"""Alipay's own SDK as referee: what we sign it verifies, what it signs we verify, and both refuse what was altered.

``make referee`` installs it apart and runs these.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest
from Crypto.PublicKey import RSA
from django.conf import settings

from apps.payment import gateways
from apps.payment.exceptions import BadSignature
from apps.payment.gateways.alipay import AlipayGateway
from tests.payment.alipay.conftest import offer
from tests.payment.alipay.test_notices import FIELDS, posted
from tests.payment.alipay.test_products import read

pytestmark = pytest.mark.referee
REFEREE = Path(__file__).with_name("official_alipay.py")
SDK = settings.BASE_DIR / "var" / "referee"


@pytest.fixture
def merchant_key() -> RSA.RsaKey:
    return RSA.import_key(settings.ALIPAY["app_private_key"].read_bytes())


@pytest.fixture
def gateway() -> AlipayGateway:
    return cast("AlipayGateway", gateways.gateway("alipay"))


def ruling(about: str, **asked: Any) -> Any:
    ran = subprocess.run(
        [sys.executable, str(REFEREE)],
        input=json.dumps({"about": about, **asked}),
        env={**os.environ, "PYTHONPATH": str(SDK), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def bare(key: RSA.RsaKey) -> str:
    """A key as Alipay's tools give it out: without the lines around it."""
    return "".join(key.export_key().decode().splitlines()[1:-1])


@pytest.mark.parametrize("product", ["page", "wap"])
def test_our_addresses_are_believed(
    gateway: AlipayGateway, merchant_key: RSA.RsaKey, product: str
) -> None:
    fields = dict(parse_qsl(urlsplit(gateway.page_url(offer(product))).query))
    signature, key = fields.pop("sign"), bare(merchant_key.public_key())
    assert ruling("verify", fields=fields, signature=signature, public_key=key) is True
    for name in ("biz_content", "timestamp", "app_id"):
        altered = fields | {name: fields[name] + "1"}
        assert ruling("verify", fields=altered, signature=signature, public_key=key) is False


def test_our_signature_is_byte_for_byte_its_own(
    gateway: AlipayGateway, merchant_key: RSA.RsaKey
) -> None:
    fields = dict(parse_qsl(urlsplit(gateway.page_url(offer("page"))).query))
    signature = fields.pop("sign")
    assert ruling("sign", fields=fields, private_key=bare(merchant_key)) == signature


def test_its_addresses_are_ours(merchant_key: RSA.RsaKey) -> None:
    content = {"out_trade_no": "1", "total_amount": "110.00", "subject": "美多 + 商城"}
    url = ruling(
        "page_url",
        private_key=bare(merchant_key),
        gateway="https://openapi.alipay.com/gateway.do",
        app_id=settings.ALIPAY["app_id"],
        content=content,
    )
    _, told = read(urlsplit(url).query, merchant_key)
    assert told == content


def test_its_notices_are_believed_and_altered_ones_refused(
    gateway: AlipayGateway, provider_key: RSA.RsaKey
) -> None:
    signature = ruling("sign", fields=FIELDS, private_key=bare(provider_key))
    form = FIELDS | {"sign_type": "RSA2", "sign": signature}
    assert gateway.parse_notice(posted(form)).event_id == FIELDS["notify_id"]
    for name in FIELDS:
        with pytest.raises(BadSignature):
            gateway.parse_notice(posted(form | {name: form[name] + "1"}))
