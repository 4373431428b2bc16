"""How a buyer is led to pay: page, phone's page, app, code."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from Crypto.PublicKey import RSA
from django.conf import settings

from apps.payment.exceptions import Rejected, Unknown, UnknownProduct
from apps.payment.gateways.alipay import AlipayGateway
from sandbox.alipay import signing
from tests.payment.alipay.conftest import Provider, offer

PRECREATE = "alipay.trade.precreate"


def read(query: str, merchant: RSA.RsaKey) -> tuple[dict[str, str], dict[str, Any]]:
    """The parameters of a request, whose signature must be ours, and what it is about."""
    params = dict(parse_qsl(query, strict_parsing=True))
    assert signing.verify_request(params, merchant.public_key())
    return params, json.loads(params["biz_content"])


ORDERED = {
    "out_trade_no": "20261123120000000001000101",
    "total_amount": "110.00",
    "subject": "美多商城订单 1",
    # Beijing's clock, whatever ours.
    "time_expire": "2026-11-23 12:30:00",
}


def test_page(gateway: AlipayGateway, merchant_key: RSA.RsaKey) -> None:
    url = urlsplit(gateway.page_url(offer("page")))
    params, content = read(url.query, merchant_key)
    assert url._replace(query="").geturl() == settings.ALIPAY["gateway_url"]
    assert content == ORDERED | {"product_code": "FAST_INSTANT_TRADE_PAY"}
    del params["sign"], params["biz_content"]
    assert params == {
        "app_id": settings.ALIPAY["app_id"],
        "method": "alipay.trade.page.pay",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": "2026-11-23 12:00:00",
        "version": "1.0",
        "notify_url": settings.ALIPAY["notify_url"],
        "return_url": settings.ALIPAY["return_url"],
    }


def test_wap(gateway: AlipayGateway, merchant_key: RSA.RsaKey) -> None:
    params, content = read(urlsplit(gateway.page_url(offer("wap"))).query, merchant_key)
    assert params["method"] == "alipay.trade.wap.pay"
    assert content == ORDERED | {
        "product_code": "QUICK_WAP_WAY",
        "quit_url": settings.ALIPAY["return_url"],
    }


def test_app(gateway: AlipayGateway, merchant_key: RSA.RsaKey) -> None:
    handed = gateway.app_params(offer("app"))
    assert set(handed) == {"order_string"}
    params, content = read(handed["order_string"], merchant_key)
    assert params["method"] == "alipay.trade.app.pay"
    assert "return_url" not in params
    assert content == ORDERED | {"product_code": "QUICK_MSECURITY_PAY"}


def test_qr(gateway: AlipayGateway, provider: Provider) -> None:
    code = "https://qr.alipay.com/bax0000"
    provider.says(PRECREATE, out_trade_no=ORDERED["out_trade_no"], qr_code=code)
    assert gateway.qr(offer("qr")) == code
    assert provider.content(PRECREATE) == ORDERED | {"product_code": "FACE_TO_FACE_PAYMENT"}
    assert provider.named["notify_url"] == settings.ALIPAY["notify_url"]


@pytest.mark.parametrize(
    "answer",
    [
        {"out_trade_no": ORDERED["out_trade_no"]},
        {"out_trade_no": "another", "qr_code": "https://qr.alipay.com/bax0000"},
    ],
)
def test_a_code_that_is_none_or_for_another(
    gateway: AlipayGateway, provider: Provider, answer: dict
) -> None:
    provider.says(PRECREATE, **answer)
    with pytest.raises(Unknown):
        gateway.qr(offer("qr"))


@pytest.mark.parametrize(
    ("sub_code", "is_number_spent"),
    [
        # Alipay gives a code once: if that answer was lost, another number is the only way.
        ("ACQ.APPLY_PC_MERCHANT_CODE_ERROR", True),
        ("ACQ.TRADE_HAS_SUCCESS", True),
        ("ACQ.TRADE_HAS_CLOSE", True),
        ("TRADE_HAS_CLOSE", True),
        ("ACQ.CONTEXT_INCONSISTENT", True),
        ("ACQ.TOTAL_FEE_EXCEED", False),
        ("ACQ.INVALID_PARAMETER", False),
    ],
)
def test_whether_another_number_may_do(
    gateway: AlipayGateway, provider: Provider, sub_code: str, is_number_spent: bool
) -> None:
    provider.refuses(PRECREATE, sub_code)
    with pytest.raises(Rejected) as caught:
        gateway.qr(offer("qr"))
    assert (caught.value.is_number_spent, caught.value.is_temporary) == (is_number_spent, False)


def test_a_code_is_kept(gateway: AlipayGateway) -> None:
    assert gateway.products["qr"].is_kept


def test_the_products_and_their_forms(gateway: AlipayGateway) -> None:
    assert {name: product.form for name, product in gateway.products.items()} == {
        "page": "url",
        "wap": "url",
        "app": "params",
        "qr": "qr",
    }


@pytest.mark.parametrize("product", ["app", "qr", "mini"])
def test_a_product_of_another_form(gateway: AlipayGateway, product: str) -> None:
    with pytest.raises(UnknownProduct):
        gateway.page_url(offer(product))


def test_what_a_subject_must_not_hold(gateway: AlipayGateway, merchant_key: RSA.RsaKey) -> None:
    url = gateway.page_url(offer("page", subject="A/B=C&D" + "长" * 300))
    _, content = read(urlsplit(url).query, merchant_key)
    assert content["subject"] == "A B C D" + "长" * 249


@pytest.mark.parametrize("amount", ["0.01", "110", "100000000.00", "1E+2"])
def test_amounts_are_yuan_with_two_places(
    gateway: AlipayGateway, merchant_key: RSA.RsaKey, amount: str
) -> None:
    url = gateway.page_url(offer("page", amount=Decimal(amount)))
    _, content = read(urlsplit(url).query, merchant_key)
    expected = {"110": "110.00", "1E+2": "100.00"}.get(amount, amount)
    assert content["total_amount"] == expected


def test_plus_and_slash_of_the_signature_survive_the_address(
    gateway: AlipayGateway, merchant_key: RSA.RsaKey
) -> None:
    """Among twenty signatures of 344 characters are both: where one came back as a blank, ``read`` would refuse it."""
    urls = [gateway.page_url(offer("page", out_trade_no=str(i))) for i in range(20)]
    signatures = "".join(read(urlsplit(url).query, merchant_key)[0]["sign"] for url in urls)
    assert {"+", "/"} <= set(signatures)
