"""Opening an attempt: what WeChat Pay is told, and what the buyer is given."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from apps.payment.exceptions import Rejected, Unknown
from apps.payment.gateways import rsa
from apps.payment.gateways.interface import Offer, RefundOrder
from apps.payment.gateways.wechatpay import WechatPayGateway, signing
from apps.payment.gateways.wechatpay.orders import order_content, refund_content
from apps.payment.gateways.wechatpay.values import cut, fen
from tests.payment.wechatpay.provider import NOW, WeChatPay
from tests.wechatpay_keys import PUBLIC_KEY_ID, WechatPayKeys

NUMBER = "2026112300000000000000000101"
OFFER = Offer(
    product="native",
    out_trade_no=NUMBER,
    amount=Decimal("110.00"),
    subject="美多商城订单 1",
    expires_at=datetime(2026, 11, 23, 4, 30, tzinfo=UTC),
    at=NOW,
)
CODE = "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"


def told(**changed: Any) -> dict[str, Any]:
    return {
        "appid": "wx0000000000000001",
        "mchid": "1900000001",
        "description": "美多商城订单 1",
        "out_trade_no": NUMBER,
        "time_expire": "2026-11-23T12:30:00+08:00",
        "notify_url": settings.WECHATPAY["notify_url"],
        "amount": {"total": 11000, "currency": "CNY"},
        **changed,
    }


def test_a_code_to_scan(
    wechat: WeChatPay, gateway: WechatPayGateway, wechatpay_keys: WechatPayKeys
) -> None:
    wechat.answers("POST", "/v3/pay/transactions/native", {"code_url": CODE})
    assert gateway.qr(OFFER) == CODE
    (request,) = wechat.requests
    assert request.content == told()
    assert request.is_signed_by(wechatpay_keys.merchant_certificate)
    assert request.signed["mchid"] == "1900000001"
    assert request.signed["timestamp"] == str(int(NOW.timestamp()))
    assert request.headers["wechatpay-serial"] == PUBLIC_KEY_ID
    assert request.headers["accept"] == request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "meiduo-mall"


def test_every_request_has_a_nonce_of_its_own(wechat: WeChatPay, gateway: WechatPayGateway) -> None:
    wechat.answers("POST", "/v3/pay/transactions/native", {"code_url": CODE})
    gateway.qr(OFFER)
    gateway.qr(OFFER)
    first, second = wechat.requests
    assert first.body == second.body
    assert first.signed["nonce_str"] != second.signed["nonce_str"]


def test_a_page_that_opens_wechat(wechat: WeChatPay, gateway: WechatPayGateway) -> None:
    address = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=2"
    wechat.answers("POST", "/v3/pay/transactions/h5", {"h5_url": address})
    offer = replace(OFFER, product="h5", client_ip="198.51.100.7", return_key="1:&")
    back = "http%3A%2F%2Ftestserver%2Fpay_success.html%3Freturn_key%3D1%253A%2526"
    assert gateway.page_url(offer) == f"{address}&redirect_url={back}"
    gateway.page_url(replace(offer, at=NOW + timedelta(minutes=1)))
    first, second = wechat.requests
    scene = {"payer_client_ip": "198.51.100.7", "h5_info": {"type": "Wap"}}
    assert first.content == told(scene_info=scene)
    # Anything else under the same number would be refused.
    assert second.body == first.body


def test_a_page_inside_wechat(
    wechat: WeChatPay, gateway: WechatPayGateway, wechatpay_keys: WechatPayKeys
) -> None:
    wechat.answers("POST", "/v3/pay/transactions/jsapi", {"prepay_id": "wx26112209"})
    offer = replace(OFFER, product="jsapi", openid="oUpF8")
    code = gateway.prepay(offer)
    assert code == "wx26112209"
    assert wechat.requests[0].content == told(payer={"openid": "oUpF8"})

    later = NOW + timedelta(minutes=20)
    first = gateway.app_params(replace(offer, code=code))
    second = gateway.app_params(replace(offer, code=code, at=later))
    assert len(wechat.requests) == 1
    assert first["timeStamp"] == str(int(NOW.timestamp()))
    assert second["timeStamp"] == str(int(later.timestamp()))
    assert first["nonceStr"] != second["nonceStr"]
    for params in (first, second):
        assert params["package"] == "prepay_id=wx26112209"
        message = signing.lines(
            params["appId"], params["timeStamp"], params["nonceStr"], params["package"]
        )
        key = wechatpay_keys.merchant.public_key()
        assert rsa.is_signed(message, params["paySign"], [key])


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ({"code": "PARAM_ERROR", "message": "无效的openid"}, "openid"),
        ({"code": "PARAM_ERROR", "detail": {"field": "/payer/openid"}}, "openid"),
        ({"code": "INVALID_REQUEST", "message": "appid和openid不匹配"}, "openid"),
        ({"code": "PARAM_ERROR", "detail": {"field": "/notify_url"}}, ""),
        ({"code": "RULE_LIMIT", "message": "openid"}, ""),
    ],
)
def test_an_openid_that_is_refused(
    wechat: WeChatPay, gateway: WechatPayGateway, said: dict, detail: str
) -> None:
    """Told apart from what the shop itself gets wrong."""
    wechat.answers("POST", "/v3/pay/transactions/jsapi", said, status=400)
    with pytest.raises(Rejected) as raised:
        gateway.prepay(replace(OFFER, product="jsapi", openid="oUpF8"))
    assert raised.value.buyer_detail == detail


def test_an_app(
    wechat: WeChatPay, gateway: WechatPayGateway, wechatpay_keys: WechatPayKeys
) -> None:
    wechat.answers("POST", "/v3/pay/transactions/app", {"prepay_id": "wx26112209"})
    offer = replace(OFFER, product="app")
    params = gateway.app_params(replace(offer, code=gateway.prepay(offer)))
    assert wechat.requests[0].content == told()
    assert (params["partnerId"], params["packageValue"]) == ("1900000001", "Sign=WXPay")
    message = signing.lines(params["appId"], params["timeStamp"], params["nonceStr"], "wx26112209")
    assert rsa.is_signed(message, params["sign"], [wechatpay_keys.merchant.public_key()])


def test_what_a_buyer_may_be_given_again(gateway: WechatPayGateway) -> None:
    assert {name: (p.form, p.is_kept, set(p.needs)) for name, p in gateway.products.items()} == {
        "native": ("qr", True, set()),
        "h5": ("url", False, {"client_ip"}),
        "jsapi": ("params", True, {"openid"}),
        "app": ("params", True, set()),
    }


@pytest.mark.parametrize("content", [{}, {"code_url": ""}, {"prepay_id": "wx1"}])
def test_an_answer_without_a_code(
    wechat: WeChatPay, gateway: WechatPayGateway, content: dict
) -> None:
    wechat.answers("POST", "/v3/pay/transactions/native", content)
    with pytest.raises(Unknown, match="code_url"):
        gateway.qr(OFFER)


@pytest.mark.parametrize(
    ("code", "is_number_spent"),
    [
        ("OUT_TRADE_NO_USED", True),
        ("ORDERPAID", True),
        ("ORDER_PAID", True),
        ("ORDER_CLOSED", True),
        ("PARAM_ERROR", False),
        ("RULE_LIMIT", False),
    ],
)
def test_an_order_refused(
    wechat: WeChatPay, gateway: WechatPayGateway, code: str, is_number_spent: bool
) -> None:
    wechat.refuses("POST", "/v3/pay/transactions/native", 403, code, "不行")
    with pytest.raises(Rejected) as refusal:
        gateway.qr(OFFER)
    assert (refusal.value.sub_code, refusal.value.is_temporary) == (code, False)
    assert refusal.value.is_number_spent is is_number_spent


# --- Pure -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0.01", 1), ("1", 100), ("110.00", 11000), ("0.29", 29), ("99999999.99", 9999999999)],
)
def test_fen_are_exact(amount: str, expected: int) -> None:
    assert fen(Decimal(amount)) == expected
    assert type(fen(Decimal(amount))) is int


@pytest.mark.parametrize("amount", ["0.001", "1.005", "0.0100001"])
def test_a_fraction_of_a_fen_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="whole number of fen"):
        fen(Decimal(amount))
    with pytest.raises(ValueError, match="whole number of fen"):
        order_content(
            replace(OFFER, amount=Decimal(amount)), app_id="wx1", mchid="19", notify_url="x"
        )


@pytest.mark.parametrize(
    ("words", "expected"), [("字" * 43, "字" * 42), ("a" * 128, "a" * 127), ("短", "短"), ("", "")]
)
def test_a_description_is_cut_between_characters(words: str, expected: str) -> None:
    assert cut(words, most_bytes=127) == expected


def test_a_refund_says_where_to_tell_of_it() -> None:
    order = RefundOrder(
        NUMBER, "R1", Decimal("10.01"), Decimal("110.00"), "不想要了" * 10, at=NOW, payer="o"
    )
    assert refund_content(order, notify_url="https://shop.test/n/") == {
        "out_trade_no": NUMBER,
        "out_refund_no": "R1",
        "notify_url": "https://shop.test/n/",
        "amount": {"refund": 1001, "total": 11000, "currency": "CNY"},
        "reason": ("不想要了" * 10)[:26],
    }
