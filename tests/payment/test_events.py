"""What was said stays as it was said: nothing is overwritten, and what no column holds is refused, not lost."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.orders.models import OrderInfo
from apps.payment.models import Payment, PaymentEvent
from apps.payment.services import apply_event
from tests.payment.conftest import Alipay
from tests.payment.fake_gateway import Bank, FakeGateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(begin: Callable, bank: Bank) -> Callable[..., Any]:
    """What the bank says of a payment of 110.00 that has arrived."""
    number = begin("code").json()["out_trade_no"]
    bank.pay(number)
    return lambda **changed: FakeGateway(bank).told(number, **changed)


@pytest.fixture
def letters(settings: Any, django_capture_on_commit_callbacks: Any) -> Callable[..., list[str]]:
    """Let the gate hear statements; what the operators are told of them."""
    settings.ADMINS = [("", "operator@example.com")]

    def hear(*statements: Any) -> list[str]:
        for statement in statements:
            with django_capture_on_commit_callbacks(execute=True):
                apply_event(statement)
        return [message.subject.rpartition(" ")[2] for message in mail.outbox]

    return hear


def said() -> list[tuple[Decimal, str]]:
    return list(PaymentEvent.objects.order_by("pk").values_list("amount", "verdict"))


@pytest.mark.parametrize("kind", ["notice", "query"])
def test_another_amount_under_the_same_number(told: Callable, letters: Callable, kind: str) -> None:
    amounts = [Decimal("109.99"), Decimal("1.00"), Decimal("109.99"), Decimal("110.00")]
    statements = [told(kind=kind, event_id="1", amount=each) for each in amounts]
    with CaptureQueriesContext(connection) as done:
        told_of = letters(*statements)
    assert said() == [
        (Decimal("109.99"), "wrong_amount"),
        (Decimal("1.00"), "wrong_amount"),
        (Decimal("110.00"), "settled"),
    ]
    # A changed notice alerts whatever comes of it; an answer may well be another one next time.
    assert told_of == ["wrong_amount", "wrong_amount", *(["settled"] if kind == "notice" else [])]
    writes = {each["sql"].split()[0] for each in done if "payment_paymentevent" in each["sql"]}
    assert writes == {"SELECT", "INSERT"}
    call_command("audit")


def test_repeated_with_another_time_of_sending_it_is_the_same(
    told: Callable, letters: Callable
) -> None:
    assert not letters(told(payload={"sent": "12:00"}), told(payload={"sent": "12:04"}))
    assert PaymentEvent.objects.get().payload == {"sent": "12:00"}


def test_what_was_recorded_before_there_were_digests(told: Callable, letters: Callable) -> None:
    letters(told())
    PaymentEvent.objects.update(digest="")
    assert not letters(told())
    assert PaymentEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("trade_status", "TRADE_SUCCESS" * 3, {"status": ("TRADE_SUCCESS" * 3)[:32]}),
        ("trade_no", "2" * 300, {}),
        ("buyer_id", "2" * 300, {}),
        ("notify_id", "n" * 300, {"event_id": "n" * 128}),
        ("notify_id", "n\0", {"event_id": "n\\x00"}),
        ("trade_no", "2\r\n", {}),
        ("out_trade_no", "2\0", {"payment": None}),
        ("gmt_payment", "0001-01-01 00:00:00", {}),
    ],
)
@pytest.mark.usefixtures("pay_link")
def test_a_signed_notice_that_no_column_holds(
    order: OrderInfo, alipay: Alipay, field: str, value: str, kept: dict[str, Any]
) -> None:
    for _ in range(2):
        answer = alipay.tell(order, **{field: value})
        assert (answer.status_code, answer.json()["code"]) == (400, "event_mismatch")
        assert answer.json()["reason"] == "malformed"
    event = PaymentEvent.objects.get()
    assert event.verdict == "malformed"
    assert event.payload[field] == value.replace("\0", "\\x00")
    assert {name: getattr(event, name) for name in kept} == kept
    order.refresh_from_db()
    assert (order.status, Payment.objects.get().state) == (OrderInfo.Status.UNPAID, "pending")


def test_a_payload_that_no_database_takes(told: Callable) -> None:
    """Nothing that is read is odd: the money has arrived."""
    nested: list[Any] = []
    for _ in range(500):
        nested = [nested]
    payload = {"half": "a\ud800", "nul\0": ["\0"], "much": float("inf"), "nested": nested, "n": 1.5}
    assert apply_event(told(payload=payload)).verdict == "settled"
    kept = PaymentEvent.objects.get().payload
    assert kept.pop("nested")
    assert kept == {"half": "a\\ud800", "nul\\x00": ["\\x00"], "much": "inf", "n": 1.5}


def test_one_trade_pays_one_attempt(begin: Callable, bank: Bank) -> None:
    one, other = (begin(product).json()["out_trade_no"] for product in ("code", "page"))
    bank.pay(one)
    bank.pay(other)
    first = FakeGateway(bank).told(one)
    assert apply_event(first).verdict == "settled"
    again = FakeGateway(bank).told(other, trade_no=first.trade_no)
    assert apply_event(again).verdict == "wrong_trade"
    assert Payment.objects.get(out_trade_no=other).state == "pending"
