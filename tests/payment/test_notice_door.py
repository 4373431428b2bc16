"""The door that every provider's notices come through: what is no notice is refused, whoever sends it."""

import gzip
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment.gateways.interface import Notice, PaymentTold, Receipt
from apps.payment.models import Payment
from tests.payment.conftest import Alipay
from tests.world import unchanged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pay_link")]

DOOR = "/api/v1/payment/alipay/notify/"
FORM = "application/x-www-form-urlencoded"
KINDS = [
    FORM,
    "",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/json",
    "\x00;;=",
    "text/xml",
]


@pytest.mark.parametrize("provider", ["cash", "Alipay", "nobody", "x" * 300])
def test_a_provider_that_is_none(alipay: Alipay, order: OrderInfo, provider: str) -> None:
    with unchanged():
        answer = alipay.api.generic("POST", f"/api/v1/payment/{provider}/notify/", b"a=b", FORM)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_provider")


@pytest.mark.parametrize("provider", ["%00", "..", "a/b", "支付", "%ff%fe"])
def test_an_address_that_is_none(alipay: Alipay, provider: str) -> None:
    with unchanged():
        answer = alipay.api.generic("POST", f"/api/v1/payment/{provider}/notify/", b"a=b", FORM)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("size", "status"),
    [(64 * 1024, 403), (64 * 1024 + 1, 413), (1_000_000, 413), (11_000_000, 413)],
)
def test_a_body_is_bounded(alipay: Alipay, size: int, status: int) -> None:
    body = b"a=" + b"x" * (size - 2)
    with unchanged():
        answer = alipay.api.generic("POST", DOOR, body, FORM)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        b"\x00",
        b"sign=%00&sign_type=RSA2",
        b"sign=\xff&sign_type=RSA2",
        b"sign=%ff&sign_type=RSA2",
        b"&" * 60_000,
        b"a=1&" * 15_000,
        b"sign=AAAA&sign=BBBB&sign_type=RSA2&sign_type=RSA2",
        b'{"sign": "x"}',
        b"[" * 60_000,
        gzip.compress(b"sign=AAAA&sign_type=RSA2", mtime=0),
        bytes(range(256)) * 16,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_whatever_is_sent_is_refused(alipay: Alipay, body: bytes) -> None:
    for kind in KINDS:
        with unchanged():
            answer = alipay.api.generic("POST", DOOR, body, kind)
        assert answer.status_code in {400, 403}
        assert answer.json()["code"] in {"malformed_notice", "bad_signature"}


def test_a_field_that_comes_twice_is_read_as_one(alipay: Alipay, order: OrderInfo) -> None:
    """What was signed has every field once: a second one of that name is not what was signed."""
    notice = alipay.notice(order)
    body = f"{urlencode(notice)}&total_amount=0.01"
    with unchanged():
        answer = alipay.api.generic("POST", DOOR, body, FORM)
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer forged"},
        {"Authorization": "JWT undefined"},
        {"Cookie": "sessionid=stale; csrftoken=x"},
        {"Origin": "https://elsewhere.example"},
        {"Content-Encoding": "gzip"},
    ],
    ids=str,
)
def test_neither_token_nor_cookie_is_looked_at(
    alipay: Alipay, order: OrderInfo, headers: dict
) -> None:
    guarded = APIClient(enforce_csrf_checks=True, headers=headers)
    assert Alipay(alipay.key, guarded).tell(order).content == b"success"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_notice_is_posted(alipay: Alipay, method: str) -> None:
    with unchanged():
        assert alipay.api.generic(method, DOOR).status_code == 405


class Listener:
    """A provider whose gateway believes everything, remembers what came, and has its own way to say thank you."""

    app_id, account = "app", "account"
    came: list[Notice] = []

    @classmethod
    def from_settings(cls) -> "Listener":
        return cls()

    def parse_notice(self, notice: Notice) -> PaymentTold:
        self.came.append(notice)
        return PaymentTold(
            provider="listener",
            kind="notice",
            event_id="1",
            out_trade_no=Payment.objects.get().out_trade_no,
            trade_no="1",
            app_id=self.app_id,
            account=self.account,
            amount=Decimal("110.00"),
            currency="CNY",
            status="SUCCESS",
            outcome="paid",
            paid_at=None,
            payload={},
        )

    def receipt(self) -> Receipt:
        return Receipt(204, "application/json", "")


@pytest.mark.parametrize("kind", ["application/json", FORM])
def test_a_gateway_hears_the_very_bytes_and_small_headers_and_says_its_own_thanks(
    api: APIClient, order: OrderInfo, settings: Any, kind: str
) -> None:
    settings.PAYMENT_GATEWAYS = {"listener": f"{__name__}.Listener"}
    Payment.objects.update(provider="listener")
    body = b'{"a":1, \r\n"a": "\xe7\xbe\x8e"}'
    headers = {"Wechatpay-Serial": "PUB_KEY_ID_1", "Wechatpay-Signature": "é"}
    door = "/api/v1/payment/listener/notify/"
    answer = api.generic("POST", door, body, kind, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Content-Type"] == "application/json"
    heard = Listener.came.pop()
    assert heard.body == body
    assert heard.headers["wechatpay-serial"] == "PUB_KEY_ID_1"
    assert heard.headers["content-type"] == kind
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND
