"""What docs/ says of payments, held against the code: states and their steps, jobs, checks, the worked example."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from apps.orders.models import OrderEvent, OrderInfo
from apps.payment import gateways, services
from apps.payment.gateways.interface import PaymentGateway, PaymentTold, RefundTold
from apps.payment.models import Payment, Refund
from tests.payment.fake_gateway import Bank, FakeGateway, open_banks

DOCS = settings.BASE_DIR / "docs"
PAYMENTS = (DOCS / "payments.md").read_text()
PROVIDER = (DOCS / "adding-a-provider.md").read_text()
STEP = re.compile(r"^ +(\[\*\]|\w+) --> (\[\*\]|\w+)", re.MULTILINE)


def steps(diagram: str) -> set[tuple[str, str]]:
    return set(STEP.findall(diagram))


ATTEMPT, REFUND = (
    steps(block) for block in re.findall(r"```mermaid\n(.*?)```", PAYMENTS, re.DOTALL)
)


@pytest.fixture
def bank() -> Iterator[Bank]:
    bank = Bank()
    with open_banks(bank):
        yield bank


@pytest.fixture
def fresh_gateways() -> Iterator[None]:
    gateways.gateway.cache_clear()
    yield
    gateways.gateway.cache_clear()


@pytest.fixture
def payment(order: OrderInfo, bank: Bank) -> Payment:
    started = services.start_payment(order.user, order.pk, provider="fake", product="page")
    return started.payment


@pytest.mark.parametrize(("diagram", "model"), [(ATTEMPT, Payment), (REFUND, Refund)])
def test_a_diagram_has_every_state_and_no_other(diagram: set, model: Any) -> None:
    assert {state for step in diagram for state in step} - {"[*]"} == set(model.State.values)


def told(payment: Payment, outcome: Any, number: int) -> PaymentTold:
    return PaymentTold(
        provider="fake",
        kind="notice",
        event_id=f"event-{number}",
        out_trade_no=payment.out_trade_no,
        trade_no="trade-1",
        app_id=FakeGateway.app_id,
        account=FakeGateway.account,
        amount=payment.amount,
        currency="CNY",
        status="SAID",
        outcome=outcome,
        paid_at=None,
        payload={},
    )


def test_the_steps_of_an_attempt_are_those_that_the_gate_makes(payment: Payment) -> None:
    """From each state, by all that a provider can say, with an order that waits for money and one that does not."""
    made = set()
    statuses = (OrderInfo.Status.UNPAID, OrderInfo.Status.CANCELED)
    outcomes = ("paid", "closed", "other")
    cases = product(Payment.State, statuses, outcomes)
    for number, (state, status, outcome) in enumerate(cases):
        is_settled = state == Payment.State.SUCCEEDED
        Refund.objects.all().delete()
        OrderEvent.objects.all().delete()  # an order takes each step once, these are many orders' lives
        OrderInfo.objects.update(status=status)
        Payment.objects.update(
            state=state,
            settles=payment.order_id if is_settled else None,
            refunded_amount=0,
            trade_no=None,
        )
        services.apply_event(told(payment, outcome, number))
        made.add((state.value, Payment.objects.get().state))
    changes = {step for step in made if step[0] != step[1]}
    assert changes == {step for step in ATTEMPT if "[*]" not in step}


def test_the_steps_of_a_refund_are_those_of_the_gate_of_sending_and_of_watching(
    payment: Payment, bank: Bank
) -> None:
    services.apply_event(told(payment, "paid", 0))
    operator = payment.order.user
    refund = services.request_refund(
        payment.order_id, amount=Decimal("1.00"), reason="x", by=operator
    )
    made = set()
    cases = product(Refund.State, ("succeeded", "processing", "failed", "stuck"))
    for number, (state, outcome) in enumerate(cases):
        Refund.objects.update(state=state)
        given_up = state == Refund.State.FAILED
        Payment.objects.update(refunded_amount=0 if given_up else refund.amount)
        services.apply_event(
            RefundTold(
                provider="fake",
                kind="notice",
                event_id=f"refund-{number}",
                out_trade_no=payment.out_trade_no,
                out_request_no=refund.out_request_no,
                refund_no="",
                amount=refund.amount,
                status="SAID",
                outcome=outcome,
                succeeded_at=datetime.now(UTC),
                payload={},
            )
        )
        made.add((state.value, Refund.objects.get().state))
    changes = {step for step in made if step[0] != step[1]}
    # What a provider does not answer, or does not take yet, is no statement of the provider's.
    of_sending = {
        ("requested", "unknown"),
        ("processing", "unknown"),
        ("unknown", "requested"),
        ("processing", "requested"),
    }
    # A transfer that arrived is not given up for any notice, only by whoever asks after it.
    of_watching = {("succeeded", "failed")}
    assert changes | of_sending | of_watching == {step for step in REFUND if "[*]" not in step}
    assert not changes & (of_sending | of_watching)


def test_every_job_of_payments_is_described() -> None:
    own = {path.stem for path in (settings.BASE_DIR / "apps/payment/management/commands").glob("*")}
    scheduled = {line["args"][0] for line in settings.CELERY_BEAT_SCHEDULE.values()} & own
    assert {"poll_payments", "send_refunds", "cancel_overdue_orders"} <= scheduled
    assert {name for name in scheduled if f"`{name}`" not in PAYMENTS} == set()


def test_every_check_is_described() -> None:
    sources = [
        path.read_text() for path in (settings.BASE_DIR / "apps/payment/checks").glob("*.py")
    ]
    named = {number for source in sources for number in re.findall(r"payment\.[EW]\d{3}", source)}
    assert named == set(re.findall(r"payment\.[EW]\d{3}", PAYMENTS))


def test_every_member_of_a_gateway_is_described() -> None:
    rows = re.findall(r"^\| (`.+?) \|", PROVIDER, re.MULTILINE)
    described = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    members = set(PaymentGateway.__annotations__) | {
        name for name in vars(PaymentGateway) if not name.startswith("_")
    }
    assert described == members


def test_a_purchase_and_a_refund_through_the_documented_line(
    order: OrderInfo, shop: APIClient, settings: Any, fresh_gateways: None
) -> None:
    (line,) = re.findall(r"```python\n(.+?)```", PROVIDER, re.DOTALL)
    bank = Bank()
    settings.PAYMENT_GATEWAYS = ast.literal_eval(f"{{{line.strip()}}}")
    settings.FAKE_BANKS = {"fake": bank}
    started = services.start_payment(order.user, order.pk, provider="fake", product="code")
    bank.pay(started.payment.out_trade_no)
    answer = shop.generic(
        "POST",
        "/api/v1/payment/fake/notify/",
        started.payment.out_trade_no,
        headers={"signature": "the bank's"},
    )
    assert (answer.status_code, answer.content) == (200, b"thanks")
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND
    refund = services.request_refund(order.pk, amount=Decimal("10.00"), reason="x", by=order.user)
    assert services.try_refund(refund).state == Refund.State.SUCCEEDED
    assert bank.returned(started.payment.out_trade_no) == Decimal("10.00")


def test_the_example_is_where_the_page_says() -> None:
    (path,) = re.findall(r"\]\(\.\./(tests/\S+)\)", PROVIDER)
    assert Path(FakeGateway.__module__.replace(".", "/") + ".py") == Path(path)
