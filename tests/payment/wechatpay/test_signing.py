"""What is signed, held against somebody else's library: RSA PKCS#1 v1.5 gives one signature only, so they are equal."""

import time

import pytest
import wechatpayv3.utils
from wechatpayv3 import WeChatPay as Referee

from apps.payment.gateways import rsa
from apps.payment.gateways.wechatpay import signing
from tests.payment.wechatpay.provider import NOW, Signer, sealed
from tests.wechatpay_keys import APIV3_KEY, WechatPayKeys

AT = int(NOW.timestamp())
NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"
PREPAY_ID = "wx201410272009395522657a690389285100"


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/v3/certificates", ""),
        ("GET", "/v3/pay/transactions/out-trade-no/T1?mchid=1900000001", ""),
        (
            "POST",
            "/v3/pay/transactions/native",
            '{"description":"美多商城订单","amount":{"total":1}}',
        ),
    ],
)
def test_a_request_is_signed_as_others_sign_it(
    wechatpay_keys: WechatPayKeys,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    target: str,
    body: str,
) -> None:
    monkeypatch.setattr(time, "time", lambda: float(AT))
    theirs = wechatpayv3.utils.build_authorization(
        target, method, "1900000001", "ABC", wechatpay_keys.merchant, data=body, nonce_str=NONCE
    )
    ours = signing.authorization(
        method=method,
        target=target,
        body=body.encode(),
        timestamp=AT,
        nonce=NONCE,
        mchid="1900000001",
        serial="ABC",
        key=wechatpay_keys.merchant,
    )
    assert ours == theirs


def test_the_parameters_of_a_page_inside_wechat(
    wechatpay_keys: WechatPayKeys, referee: Referee
) -> None:
    params = signing.jsapi_params(
        PREPAY_ID, app_id="wx1", timestamp=AT, nonce=NONCE, key=wechatpay_keys.merchant
    )
    assert params == {
        "appId": "wx1",
        "timeStamp": str(AT),
        "nonceStr": NONCE,
        "package": f"prepay_id={PREPAY_ID}",
        "signType": "RSA",
        "paySign": referee.sign(["wx1", str(AT), NONCE, f"prepay_id={PREPAY_ID}"]),
    }


def test_the_parameters_of_an_app(wechatpay_keys: WechatPayKeys, referee: Referee) -> None:
    params = signing.app_params(
        PREPAY_ID, app_id="wx1", mchid="19", timestamp=AT, nonce=NONCE, key=wechatpay_keys.merchant
    )
    assert params == {
        "appId": "wx1",
        "partnerId": "19",
        "prepayId": PREPAY_ID,
        "packageValue": "Sign=WXPay",
        "nonceStr": NONCE,
        "timeStamp": str(AT),
        "sign": referee.sign(["wx1", str(AT), NONCE, PREPAY_ID]),
    }


def test_a_signature_by_others_is_right(wechatpay_keys: WechatPayKeys) -> None:
    signature = wechatpayv3.utils.rsa_sign(wechatpay_keys.public, "1\nn\n{}\n")
    key = wechatpay_keys.public.public_key()
    assert rsa.is_signed(signing.lines("1", "n", b"{}"), signature, [key])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda right: "",
        lambda right: right[:-1],
        lambda right: right + "=",
        lambda right: right + "\n",
        lambda right: " " + right,
        lambda right: right.replace("=", ""),
        lambda right: "WECHATPAY/SIGNTEST/" + right[19:],
        lambda right: ("B" if right[0] == "A" else "A") + right[1:],
        lambda right: "签" + right[1:],
        # The last character before == carries four bits that decoders drop.
        lambda right: right[:-3] + chr(ord(right[-3]) + 1) + "==",
    ],
)
def test_a_spoilt_signature_is_wrong(public: Signer, wechatpay_keys: WechatPayKeys, spoil) -> None:
    message = signing.lines("1", "n", b"{}")
    key = wechatpay_keys.public.public_key()
    right = public.sign(message)
    assert rsa.is_signed(message, right, [key])
    assert not rsa.is_signed(message, spoil(right), [key])


def test_what_somebody_else_sealed_opens() -> None:
    parts = sealed("美多".encode(), associated_data="transaction")
    del parts["algorithm"]
    assert signing.unseal(**parts, key=APIV3_KEY.encode()) == "美多".encode()


@pytest.mark.parametrize("name", ["ciphertext", "nonce", "associated_data"])
def test_what_was_changed_does_not_open(name: str) -> None:
    parts = sealed(b"{}", associated_data="transaction")
    del parts["algorithm"]
    other = sealed(b"{}", associated_data="refund")
    with pytest.raises(ValueError, match="APIv3 key"):
        signing.unseal(**{**parts, name: other[name]}, key=APIV3_KEY.encode())


@pytest.mark.parametrize("nonce", ["", "short", "x" * 13])
def test_a_nonce_has_twelve_bytes(nonce: str) -> None:
    parts = sealed(b"{}", associated_data="transaction")
    with pytest.raises(ValueError, match="12 bytes"):
        signing.unseal(
            ciphertext=parts["ciphertext"],
            nonce=nonce,
            associated_data="transaction",
            key=APIV3_KEY.encode(),
        )
