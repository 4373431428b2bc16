"""Buyers, operators and refunds at the same moment: one invoice, one number, one red letter, and the books agree."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import QuerySet

from apps.invoices import services
from apps.invoices.exceptions import AmountChanged, NotWaiting
from apps.invoices.models import Invoice, InvoiceTitle
from apps.invoices.models.invoices import InvoiceQuerySet
from apps.invoices.selectors import invoice_differences
from apps.invoices.services import issuing, red_letters
from apps.orders.models import OrderInfo
from apps.payment.models import Refund
from apps.payment.services import cancel_paid_order, request_refund
from apps.users.models import User
from tests.conftest import logged_in
from tests.factories import UserFactory
from tests.invoices.conftest import paid_order
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

HUNDRED, THIRTY = Decimal("100.00"), Decimal("30.00")


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(username="operator", is_staff=True, is_superuser=True)


@pytest.fixture
def title(buyer: User) -> InvoiceTitle:
    return InvoiceTitle.objects.create(user=buyer, kind="personal", name="王小美")


@pytest.fixture
def order(buyer: User, operator: User) -> OrderInfo:
    return paid_order(buyer, operator, status=OrderInfo.Status.UNSEND)


@pytest.fixture
def requested(order: OrderInfo, title: InvoiceTitle, buyer: User) -> Invoice:
    return services.request_invoice(order, title=title, by=buyer)[0]


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self)


def asked(order: OrderInfo, title: InvoiceTitle, buyer: User, times: int) -> list[Any]:
    client, path = logged_in(buyer), f"/api/v1/orders/{order.pk}/invoice/"
    return together(*[partial(client.post, path, {"title": title.pk})] * times)


def issued(invoice: Invoice, by: User, number: int, amount: Decimal = HUNDRED) -> Any:
    return services.record_issued(invoice.pk, number=f"{number:020d}", amount=amount, by=by)


def outcomes(results: list[Any]) -> list[type]:
    return sorted((type(each) for each in results), key=lambda kind: kind.__name__)


def test_asked_for_ten_times_at_once_it_is_one(
    order: OrderInfo, title: InvoiceTitle, buyer: User
) -> None:
    answers = asked(order, title, buyer, 10)
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert {answer.json()["id"] for answer in answers} == {Invoice.objects.get().pk}
    assert Invoice.objects.get().events.count() == 1


def test_control_without_the_lock_only_the_database_stands_between(
    order: OrderInfo,
    title: InvoiceTitle,
    buyer: User,
    unlocked: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both_looked, real = Barrier(2), services.requesting.open_invoice

    def meeting(*args: Any, **columns: Any) -> Invoice:
        both_looked.wait(timeout=30)
        return real(*args, **columns)

    monkeypatch.setattr(services.requesting, "open_invoice", meeting)
    answers = asked(order, title, buyer, 2)
    assert any(isinstance(answer, Exception) for answer in answers), (
        "this harness would not see a second request"
    )
    assert Invoice.objects.count() == 1


def test_of_two_operators_one_issues_it(requested: Invoice, operator: User) -> None:
    results = together(*[partial(issued, requested, operator, number) for number in range(6)])
    assert outcomes(results) == [Invoice] + [NotWaiting] * 5
    winner = next(each for each in results if isinstance(each, Invoice))
    assert {each.extra["number"] for each in results if isinstance(each, NotWaiting)} == {
        winner.number
    }
    assert requested.events.filter(kind="issued").count() == 1


def test_control_by_reading_checking_and_saving_both_issue_it(
    requested: Invoice, operator: User, unlocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_read = Barrier(2)

    def read_check_save(self: InvoiceQuerySet, invoice_id: int, **written: Any) -> bool:
        invoice = Invoice.objects.get(pk=invoice_id)
        both_read.wait(timeout=30)
        Invoice.objects.filter(pk=invoice_id).update(state="issued", **written)
        return bool(invoice.is_requested)

    monkeypatch.setattr(InvoiceQuerySet, "issue", read_check_save)
    results = together(*[partial(issued, requested, operator, number) for number in range(2)])
    assert outcomes(results) == [Invoice, Invoice], "this harness would not see two issue it"


def issuing_against_refund(invoice: Invoice, operator: User) -> list[Any]:
    refund = partial(request_refund, invoice.order_id, amount=THIRTY, reason="破损", by=operator)
    return together(partial(issued, invoice, operator, 1), refund)


def test_a_refund_while_it_is_issued(requested: Invoice, operator: User) -> None:
    """Either the operator is told of another amount, or the refund gets a red letter."""
    first, refund = issuing_against_refund(requested, operator)
    assert isinstance(refund, Refund)
    call_command("request_red_letters")
    requested.refresh_from_db()
    if isinstance(first, AmountChanged):
        assert requested.amount == HUNDRED - THIRTY
        assert not Invoice.objects.filter(kind="red").exists()
        issued(requested, operator, 2, HUNDRED - THIRTY)
    else:
        assert (requested.state, requested.amount) == ("issued", HUNDRED)
        assert Invoice.objects.get(kind="red").amount == THIRTY
    call_command("find_missed_red_letters")
    assert list(invoice_differences()) == []


def test_control_who_asks_the_clock_takes_it_off_twice_or_never(
    requested: Invoice, operator: User, unlocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were nothing written down about what an invoice knows of, a refund taken off would get a red letter besides."""
    refund = request_refund(requested.order_id, amount=THIRTY, reason="破损", by=operator)
    monkeypatch.setattr(issuing.Deduction.objects, "bulk_create", lambda rows: rows)
    issued(requested, operator, 1, HUNDRED - THIRTY)
    call_command("request_red_letters")
    assert Invoice.objects.get(kind="red").deductions.get().refund == refund
    assert list(invoice_differences()), "these books would not see a refund taken off twice"


def test_several_workers_ask_for_one_red_letter(requested: Invoice, operator: User) -> None:
    issued(requested, operator, 1)
    for _ in range(3):
        request_refund(requested.order_id, amount=Decimal("1.00"), reason="破损", by=operator)
    together(*[services.request_red_letters, services.find_missed_red_letters] * 3)
    assert Invoice.objects.filter(kind="red").count() == 3
    assert list(invoice_differences()) == []


def test_control_without_the_lock_only_the_database_stands_between_workers(
    requested: Invoice,
    operator: User,
    unlocked: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    issued(requested, operator, 1)
    request_refund(requested.order_id, amount=THIRTY, reason="破损", by=operator)
    both_looked, real = Barrier(2), red_letters.open_invoice

    def meeting(*args: Any, **columns: Any) -> Invoice:
        both_looked.wait(timeout=30)
        return real(*args, **columns)

    monkeypatch.setattr(red_letters, "open_invoice", meeting)
    assert sorted(together(*[services.request_red_letters] * 2)) == [0, 1]
    assert "IntegrityError" in caplog.text, "this harness would not see a second red letter"
    assert Invoice.objects.filter(kind="red").count() == 1


def test_asking_issuing_and_canceling_an_order_get_in_each_others_way_and_end(
    buyer: User, operator: User, title: InvoiceTitle
) -> None:
    """Everybody locks the order first: nobody waits for ever, and what is left is worked off."""
    orders = [paid_order(buyer, operator, status=OrderInfo.Status.UNSEND) for _ in range(4)]
    calls: list[Callable] = []
    for order in orders:
        calls.append(partial(services.request_invoice, order, title=title, by=buyer))
        calls.append(partial(cancel_paid_order, order.pk, by=operator, reason="缺货"))
    results = together(*calls)
    assert all(isinstance(refund, Refund) for refund in results[1::2])
    call_command("request_red_letters")
    assert set(Invoice.objects.values_list("state", flat=True)) <= {"canceled"}
