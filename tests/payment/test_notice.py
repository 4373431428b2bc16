"""The asynchronous notice: believed if signed, for us and equal in amount; then it counts once."""

from decimal import Decimal
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from django.core import mail
from django.core.management import call_command
from rest_framework.response import Response

from apps.orders.models import OrderInfo
from apps.payment.models import Payment, PaymentEvent
from sandbox.alipay import signing
from tests.payment.conftest import Alipay
from tests.world import rows, unchanged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pay_link")]


def succeeded(answer: Response) -> bool:
    return (answer.status_code, answer.content) == (200, b"success")


def test_it_settles_the_order(order: OrderInfo, alipay: Alipay) -> None:
    assert succeeded(alipay.tell(order))
    order.refresh_from_db()
    payment = order.payments.get()
    assert order.status == OrderInfo.Status.UNSEND
    assert (payment.state, payment.trade_no) == ("succeeded", "2026112322001400000000000001")
    assert payment.events.get().verdict == "settled"
    assert payment.next_query_at is None
    call_command("audit")


def test_repeated_it_changes_nothing(order: OrderInfo, alipay: Alipay) -> None:
    alipay.tell(order)
    with unchanged():
        assert succeeded(alipay.tell(order))


def test_another_event_of_the_same_trade_is_recorded_and_changes_nothing(
    order: OrderInfo, alipay: Alipay
) -> None:
    alipay.tell(order)
    before = rows()
    assert succeeded(alipay.tell(order, notify_id="notify-2", trade_status="TRADE_FINISHED"))
    after = rows()
    assert PaymentEvent.objects.get(event_id="notify-2").verdict == "no_change"
    assert {name for name in before if before[name] != after[name]} == {"PaymentEvent"}


@pytest.mark.parametrize(
    "fields",
    [
        {"trade_status": "WAIT_BUYER_PAY", "gmt_payment": None},
        {
            "trade_status": "TRADE_CLOSED",
            "refund_fee": "110.00",
            "gmt_refund": "2026-11-23 12:00:00.123",
        },
        {"trade_status": "SOMETHING_NEW"},
    ],
)
def test_a_status_that_moves_no_money_is_only_recorded(
    order: OrderInfo, alipay: Alipay, fields: dict
) -> None:
    assert succeeded(alipay.tell(order, **fields))
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNPAID
    assert order.payments.get().state == "pending"
    assert PaymentEvent.objects.get().verdict == "no_change"


def test_finished_means_paid(order: OrderInfo, alipay: Alipay) -> None:
    assert succeeded(alipay.tell(order, trade_status="TRADE_FINISHED"))
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND


def test_closed_closes_the_attempt_and_a_later_success_still_counts(
    order: OrderInfo, alipay: Alipay
) -> None:
    assert succeeded(alipay.tell(order, trade_status="TRADE_CLOSED"))
    assert order.payments.get().state == "closed"
    assert succeeded(alipay.tell(order, notify_id="notify-2"))
    assert order.payments.get().state == "succeeded"
    call_command("audit")


@pytest.mark.parametrize("status", [OrderInfo.Status.CANCELED, OrderInfo.Status.UNSEND])
def test_money_for_an_order_that_does_not_wait_for_it_is_surplus(
    order: OrderInfo, alipay: Alipay, status: int, django_capture_on_commit_callbacks: Any
) -> None:
    OrderInfo.objects.update(status=status)
    with django_capture_on_commit_callbacks(execute=True):
        assert succeeded(alipay.tell(order))
    order.refresh_from_db()
    assert order.status == status
    assert order.payments.get().state == "surplus"


# --- Lies -----------------------------------------------------------------------------------------

SIGNED_FIELDS = [
    "app_id", "auth_app_id", "buyer_id", "buyer_logon_id", "buyer_pay_amount", "charset", "fund_bill_list",
    "gmt_create", "gmt_payment", "invoice_amount", "notify_id", "notify_time", "notify_type", "out_trade_no",
    "point_amount", "receipt_amount", "seller_id", "subject", "total_amount", "trade_no", "trade_status", "version",
]  # fmt: skip


@pytest.mark.parametrize("name", SIGNED_FIELDS)
@pytest.mark.parametrize("how", ["changed", "dropped"])
def test_any_field_tampered_with(order: OrderInfo, alipay: Alipay, name: str, how: str) -> None:
    notice = alipay.notice(order)
    assert set(notice) - {"sign", "sign_type"} == set(SIGNED_FIELDS)
    if how == "changed":
        notice[name] += "1"
    else:
        del notice[name]
    with unchanged():
        answer = alipay.post(notice)
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")


@pytest.mark.parametrize(
    "changed",
    [
        {"extra": "1"},
        {"sign": ""},
        {"sign": "AAAA"},
        {"sign": "not base64!"},
        {"sign": "é"},
        {"sign_type": "RSA"},
        {"sign_type": ""},
    ],
)
def test_a_signature_that_is_none(order: OrderInfo, alipay: Alipay, changed: dict) -> None:
    with unchanged():
        assert alipay.post(alipay.notice(order) | changed).status_code == 403


def test_signed_by_somebody_else(order: OrderInfo, alipay: Alipay, foreign_key: RSA.RsaKey) -> None:
    forged = signing.signed(alipay.fields(order), foreign_key)
    with unchanged():
        assert alipay.post(forged).status_code == 403


@pytest.mark.parametrize("body", [b"", b"a=b", b"\xff\xfe", b"{}", b"sign=x&sign_type=RSA2"])
def test_not_a_notice_at_all(alipay: Alipay, body: bytes) -> None:
    with unchanged():
        for kind in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
            answer = alipay.api.generic("POST", "/api/v1/payment/alipay/notify/", body, kind)
            assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    ("fields", "status", "code", "verdict"),
    [
        ({"total_amount": Decimal("109.99")}, 400, "event_mismatch", "wrong_amount"),
        ({"total_amount": Decimal("110.01")}, 400, "event_mismatch", "wrong_amount"),
        ({"app_id": "2021000000000009"}, 400, "event_mismatch", "wrong_app"),
        ({"seller_id": "2088000000000009"}, 400, "event_mismatch", "wrong_seller"),
        ({"trans_currency": "USD"}, 400, "event_mismatch", "wrong_currency"),
        ({"out_trade_no": "1" * 26}, 404, "unknown_payment", "unknown_payment"),
    ],
)
def test_truly_signed_but_not_what_was_agreed(
    order: OrderInfo,
    alipay: Alipay,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
    fields: dict,
    status: int,
    code: str,
    verdict: str,
) -> None:
    """It is recorded and alerts, once; it changes nothing else, and is refused so that it comes again."""
    settings.ADMINS = [("", "operator@example.com")]
    before = rows()
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            answer = alipay.tell(order, **fields)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert PaymentEvent.objects.get().verdict == verdict
    assert len(mail.outbox) == 1
    after = rows()
    assert {name for name in before if before[name] != after[name]} == {"PaymentEvent"}
    call_command("audit")


@pytest.mark.parametrize(
    "fields",
    [
        {"total_amount": None},
        {"trade_no": None},
        {"out_trade_no": None},
        {"seller_id": None},
        {"notify_id": None},
        {"trade_status": None},
        {"gmt_payment": "yesterday"},
    ],
)
def test_signed_and_yet_incomplete(order: OrderInfo, alipay: Alipay, fields: dict) -> None:
    said = alipay.fields(order)
    said = {k: fields.get(k, v) for k, v in said.items() if fields.get(k, v) is not None}
    with unchanged():
        answer = alipay.post(signing.signed(said, alipay.key))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_notice")


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "1e3", "110.001", "abc", "9" * 30, "-110.00"]
)
def test_an_amount_that_is_none(order: OrderInfo, alipay: Alipay, amount: str) -> None:
    said = alipay.fields(order) | {"total_amount": amount}
    answer = alipay.post(signing.signed(said, alipay.key))
    assert answer.status_code == 400
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNPAID


def test_a_second_trade_for_the_same_number(order: OrderInfo, alipay: Alipay) -> None:
    alipay.tell(order)
    answer = alipay.tell(order, notify_id="notify-2", trade_no="2026112322001400000000000002")
    assert (answer.status_code, answer.json()["reason"]) == (400, "wrong_trade")


def test_a_setting_mended_while_alipay_repeats_the_notice(order: OrderInfo, alipay: Alipay) -> None:
    Payment.objects.update(amount=Decimal("1.00"))
    notice = alipay.notice(order, total_amount=Decimal("110.00"))
    assert alipay.post(notice).status_code == 400
    Payment.objects.update(amount=Decimal("110.00"))
    assert succeeded(alipay.post(notice))
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND


def test_a_number_that_becomes_known_while_alipay_repeats_the_notice(
    order: OrderInfo, alipay: Alipay
) -> None:
    """A database restored from a backup catches up; the event is then of that payment."""
    payment = order.payments.get()
    notice = alipay.notice(order)
    Payment.objects.update(out_trade_no="another")
    assert alipay.post(notice).status_code == 404
    Payment.objects.update(out_trade_no=payment.out_trade_no)
    assert succeeded(alipay.post(notice))
    assert list(PaymentEvent.objects.order_by("pk").values_list("verdict", "payment")) == [
        ("unknown_payment", None),
        ("settled", payment.pk),
    ]
    call_command("audit")


def test_surplus_is_alerted_even_if_the_notice_was_refused_before(
    order: OrderInfo, alipay: Alipay, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.ADMINS = [("", "operator@example.com")]
    Payment.objects.update(amount=Decimal("1.00"))
    notice = alipay.notice(order, total_amount=Decimal("110.00"))
    with django_capture_on_commit_callbacks(execute=True):
        alipay.post(notice)
    Payment.objects.update(amount=Decimal("110.00"))
    OrderInfo.objects.update(status=OrderInfo.Status.CANCELED)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert succeeded(alipay.post(notice))
    assert [message.subject.rpartition(" ")[2] for message in mail.outbox] == [
        "wrong_amount",
        "surplus",
    ]


@pytest.mark.parametrize("accept", ["text/plain", "text/html", "image/png", "junk"])
def test_whatever_answer_the_provider_says_it_accepts(
    order: OrderInfo, alipay: Alipay, accept: str
) -> None:
    alipay.api.defaults["HTTP_ACCEPT"] = accept
    assert succeeded(alipay.tell(order))


def test_blank_fields_may_be_part_of_what_is_signed_or_not(
    order: OrderInfo, alipay: Alipay
) -> None:
    fields = alipay.fields(order) | {"body": ""}
    assert succeeded(alipay.post(signing.signed(fields, alipay.key)))
    without = signing.signed(alipay.fields(order), alipay.key) | {"body": ""}
    assert succeeded(alipay.post(without))
