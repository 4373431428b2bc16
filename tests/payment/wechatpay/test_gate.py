"""Notices through the shop's own door: what is right takes effect, what is signed and wrong is stopped by the gate."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment.gateways.interface import Notice
from apps.payment.models import Payment, PaymentEvent
from apps.payment.services import ask_provider, start_payment
from apps.users.models import User
from tests.payment.wechatpay.provider import (
    Signer,
    WeChatPay,
    envelope,
    notice,
    refund_notice_fields,
    transaction,
)
from tests.world import unchanged

pytestmark = pytest.mark.django_db

DOOR = "/api/v1/payment/wechatpay/notify/"
CODE = "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"


@pytest.fixture
def payment(buyer: User, order: OrderInfo, wechat: WeChatPay, gateway_with: Callable) -> Payment:
    """An attempt at 110.00 whose code the buyer has been shown, twice."""
    gateway_with(gateway_url=wechat.url)
    wechat.now = timezone.now
    wechat.answers("POST", "/v3/pay/transactions/native", {"code_url": CODE})
    for _ in range(2):
        started = start_payment(buyer, order.pk, provider="wechatpay", product="native")
        assert started.qr == CODE
    assert len(wechat.requests) == 1
    return started.payment


def post(api: APIClient, heard: Notice) -> Response:
    headers = {f"HTTP_{name.upper().replace('-', '_')}": v for name, v in heard.headers.items()}
    return api.generic("POST", DOOR, heard.body, "application/json", **headers)


@pytest.fixture
def tell(api: APIClient, public: Signer) -> Callable[..., Response]:
    def tell(fields: dict[str, Any]) -> Response:
        now = timezone.now()
        return post(api, notice(envelope(fields), public, signed_at=now, at=now))

    return tell


def test_a_payment_is_taken_in_once(
    payment: Payment, order: OrderInfo, tell: Callable[..., Response]
) -> None:
    for _ in range(2):
        answer = tell(transaction(out_trade_no=payment.out_trade_no))
        assert (answer.status_code, answer.content) == (200, b'{"code":"SUCCESS"}')
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.state, payment.trade_no) == ("succeeded", "4200002026112300000000000001")
    assert payment.payer == "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    assert order.status == OrderInfo.Status.UNSEND
    event = PaymentEvent.objects.get()
    assert (event.event_id, event.verdict) == ("EV-2018022511223320873", "settled")
    assert event.payload["resource"]["payer"] == {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
    assert settings.WECHATPAY["apiv3_key"] not in str(event.payload)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"mchid": "1900000002"}, "wrong_seller"),
        ({"appid": "wx0000000000000002"}, "wrong_app"),
        ({"amount": {"total": 11001, "currency": "CNY"}}, "wrong_amount"),
        ({"amount": {"total": 10999, "currency": "CNY"}}, "wrong_amount"),
        ({"amount": {"total": 1, "payer_total": 11000, "currency": "CNY"}}, "wrong_amount"),
        ({"amount": {"total": 11000, "currency": "HKD"}}, "wrong_currency"),
    ],
    ids=str,
)
def test_what_was_not_agreed_has_no_effect(
    payment: Payment,
    order: OrderInfo,
    tell: Callable[..., Response],
    changed: dict[str, Any],
    verdict: str,
) -> None:
    answer = tell(transaction(**{"out_trade_no": payment.out_trade_no, **changed}))
    assert (answer.status_code, answer.json()["code"]) == (400, "event_mismatch")
    assert PaymentEvent.objects.get().verdict == verdict
    before = payment.update_time
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.state, payment.trade_no, payment.update_time) == ("pending", None, before)
    assert order.status == OrderInfo.Status.UNPAID


def test_numbers_that_are_not_ours(payment: Payment, tell: Callable[..., Response]) -> None:
    assert tell(transaction()).json()["code"] == "unknown_payment"
    fields = refund_notice_fields(out_trade_no=payment.out_trade_no)
    assert tell(fields).json()["code"] == "unknown_refund"
    PaymentEvent.objects.all().delete()
    assert tell({**fields, "mchid": "1900000002"}).json()["code"] == "event_mismatch"
    assert PaymentEvent.objects.get().verdict == "wrong_seller"


def test_what_is_not_signed_leaves_nothing(
    payment: Payment, api: APIClient, public: Signer
) -> None:
    now = timezone.now()
    content = envelope(transaction(out_trade_no=payment.out_trade_no))
    heard = notice(content, public, signed_at=now, at=now)
    forged = notice(content, Signer(public.key, "PUB_KEY_ID_9"), signed_at=now, at=now)
    with unchanged():
        for each in (forged, Notice({}, heard.body, now), Notice(heard.headers, b"{}", now)):
            answer = post(api, each)
            assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")


def test_an_answer_overtaken_by_the_notice_raises_no_alarm(
    payment: Payment, wechat: WeChatPay, tell: Callable[..., Response]
) -> None:
    """Asked before the buyer paid, applied after the notice has come."""
    tell(transaction(out_trade_no=payment.out_trade_no))
    unpaid = {"trade_state": "NOTPAY", "transaction_id": None, "success_time": None, "payer": None}
    path = f"/v3/pay/transactions/out-trade-no/{payment.out_trade_no}"
    wechat.answers("GET", path, transaction(out_trade_no=payment.out_trade_no, **unpaid))
    assert ask_provider(payment).outcome == "other"
    verdicts = PaymentEvent.objects.order_by("pk").values_list("verdict", flat=True)
    assert list(verdicts) == ["settled", "no_change"]


@pytest.mark.parametrize(
    ("changed", "verdict", "status"),
    [
        ({"attach": "\ud800\0"}, "settled", 200),
        ({"transaction_id": "4200\ud800"}, "malformed", 400),
        ({"out_trade_no": "\ud800"}, "malformed", 400),
    ],
    ids=["nowhere read", "the trade's number", "ours"],
)
def test_half_a_character(
    payment: Payment,
    tell: Callable[..., Response],
    changed: dict[str, str],
    verdict: str,
    status: int,
) -> None:
    for _ in range(2):
        answer = tell(transaction(**{"out_trade_no": payment.out_trade_no, **changed}))
        assert answer.status_code == status
    event = PaymentEvent.objects.get()
    ((field, odd),) = changed.items()
    assert event.verdict == verdict
    assert event.payload["resource"][field] == odd.encode("unicode_escape").decode()
