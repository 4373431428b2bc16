"""Money that goes back after an invoice was issued: a red letter for it, once, and the books agree."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.invoices import services
from apps.invoices.exceptions import AmountChanged, NotInvoiceable
from apps.invoices.models import Deduction, Invoice
from apps.invoices.selectors import invoice_differences
from apps.orders.models import OrderInfo
from apps.payment.models import Refund
from apps.payment.services import request_refund
from apps.users.models import User
from tests.invoices.conftest import TAX_NUMBER, paid_order
from tests.world import unchanged

pytestmark = pytest.mark.django_db

Kind = Invoice.Kind


@pytest.fixture
def issued(requested: Invoice, issue: Callable) -> Invoice:
    return issue(requested)


def work() -> None:
    call_command("request_red_letters")


def red() -> Invoice:
    return Invoice.objects.get(kind=Kind.RED)


def sums() -> Decimal:
    """Issued blue less issued red."""
    issued = Invoice.objects.filter(state__in=["issued", "reversed"])
    signs = {Kind.BLUE: 1, Kind.RED: -1}
    return sum((each.amount * signs[each.kind] for each in issued), Decimal(0))


def test_a_refund_asks_for_its_red_letter(
    issued: Invoice, give_back: Callable, shop: APIClient
) -> None:
    refund = give_back("30.00")
    work()
    letter = red()
    assert (letter.state, letter.amount, letter.original) == ("requested", Decimal("30.00"), issued)
    assert (letter.name, letter.tax_number) == ("示例（北京）公司", TAX_NUMBER)
    assert letter.deductions.get().refund == refund
    assert list(letter.events.values_list("kind", "by", "note")) == [("requested", None, "30.00")]
    shown = shop.get(f"/api/v1/orders/{issued.order_id}/invoice/").json()
    assert shown["invoice"]["id"] == issued.pk
    assert [(each["kind"], each["original"]) for each in shown["invoices"]] == [
        ("red", issued.pk),
        ("blue", None),
    ]
    assert list(invoice_differences()) == []


def test_once_however_often_the_job_runs(issued: Invoice, give_back: Callable) -> None:
    give_back("30.00")
    work()
    with unchanged():
        work()
        call_command("find_missed_red_letters")


def test_the_database_knows_a_refund_once(issued: Invoice, give_back: Callable) -> None:
    refund = give_back("30.00")
    work()
    with pytest.raises(IntegrityError), transaction.atomic():
        Deduction.objects.create(refund=refund, invoice=issued)


def test_every_refund_has_its_own(issued: Invoice, give_back: Callable, issue: Callable) -> None:
    for number, amount in enumerate(["30.00", "69.99", "0.01"]):
        give_back(amount)
        work()
        letter = Invoice.objects.requested().get()
        issue(letter, number=f"{number:020d}")
        issued.refresh_from_db()
        assert issued.state == ("reversed" if number == 2 else "issued")
        assert list(invoice_differences()) == []
    assert (issued.live_of, sums()) == (None, Decimal("0.00"))
    assert issued.events.last().kind == "reversed"


def test_what_was_taken_off_before_needs_none(
    requested: Invoice, give_back: Callable, issue: Callable
) -> None:
    """Whatever the provider says of when it arrived."""
    refund = give_back("30.00")
    issue(requested, amount=Decimal("70.00"))
    Refund.objects.filter(pk=refund.pk).update(succeeded_at=timezone.now() + timedelta(hours=1))
    with unchanged():
        work()
        call_command("find_missed_red_letters")
    assert list(invoice_differences()) == []


def test_one_that_arrived_long_ago_and_is_told_today(issued: Invoice, give_back: Callable) -> None:
    refund = give_back("30.00")
    Refund.objects.filter(pk=refund.pk).update(succeeded_at=timezone.now() - timedelta(days=30))
    with unchanged():
        work()
    assert list(invoice_differences()) == [
        f"refund {refund}: 30.00 of order {issued.order_id} went back after its invoice was issued, "
        "and there is no red letter"
    ]
    call_command("find_missed_red_letters")
    assert red().amount == Decimal("30.00")
    assert list(invoice_differences()) == []


def test_money_on_its_way_has_not_gone(issued: Invoice, give_back: Callable) -> None:
    Refund.objects.filter(pk=give_back("30.00").pk).update(state="processing")
    with unchanged():
        work()
        call_command("find_missed_red_letters")


def test_an_order_without_an_invoice_needs_none(give_back: Callable) -> None:
    give_back("30.00")
    with unchanged():
        work()
        call_command("find_missed_red_letters")


def test_a_red_letter_is_about_its_refund(
    issued: Invoice, give_back: Callable, issue: Callable
) -> None:
    give_back("30.00")
    work()
    with unchanged(), pytest.raises(AmountChanged):
        issue(red(), number="1" * 20, amount=Decimal("29.99"))


class TestMoneyThatComesBack:
    """A transfer may bounce after it has arrived."""

    @pytest.fixture
    def refund(self, issued: Invoice, give_back: Callable) -> Refund:
        refund = give_back("30.00")
        work()
        return refund

    def bounce(self, refund: Refund) -> None:
        Refund.objects.filter(pk=refund.pk).update(state="failed")

    def test_its_red_letter_is_not_issued(self, refund: Refund, issue: Callable) -> None:
        self.bounce(refund)
        with unchanged(), pytest.raises(NotInvoiceable):
            issue(red(), number="1" * 20)
        work()
        assert red().state == "canceled"
        assert list(invoice_differences()) == []

    def test_and_asked_for_again_should_it_arrive_after_all(self, refund: Refund) -> None:
        self.bounce(refund)
        work()
        Refund.objects.filter(pk=refund.pk).update(state="succeeded")
        work()
        states = Invoice.objects.filter(kind=Kind.RED).values_list("state", flat=True)
        assert sorted(states) == ["canceled", "requested"]

    def test_after_that_the_books_say_so(self, refund: Refund, issue: Callable) -> None:
        issue(red(), number="1" * 20)
        self.bounce(refund)
        assert list(invoice_differences()) == [
            f"invoice {'1' * 20} of order {red().order_id}: counts refund {refund}, which is failed"
        ]


DAMAGES: dict[str, Callable[[], object]] = {
    "a blue one of another amount": lambda: Invoice.objects.filter(kind="blue").update(amount=99),
    "a red one of another amount": lambda: Invoice.objects.filter(kind="red").update(amount=29),
    "a refund forgotten": lambda: Deduction.objects.all().delete(),
    "taken back in part": lambda: Invoice.objects.filter(kind="blue").update(
        state="reversed", live_of=None
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_books_see(damage: str, issued: Invoice, give_back: Callable, issue: Callable) -> None:
    give_back("30.00")
    work()
    issue(red(), number="1" * 20)
    call_command("audit")
    DAMAGES[damage]()
    with pytest.raises(CommandError):
        call_command("audit")


def test_the_books_agree_to_the_fen(
    requested: Invoice, give_back: Callable, issue: Callable
) -> None:
    """In binary fractions 100 - 0.10 - 0.20 is not 99.70."""
    give_back("0.10")
    give_back("0.20")
    work()
    requested.refresh_from_db()
    assert issue(requested).amount == Decimal("99.70")
    give_back("0.30")
    give_back("99.40")
    work()
    for number, letter in enumerate(Invoice.objects.requested()):
        issue(letter, number=f"{number:020d}")
    requested.refresh_from_db()
    assert (requested.state, sums()) == ("reversed", Decimal("0.00"))
    assert list(invoice_differences()) == []


def test_one_that_fails_does_not_stop_the_others(
    issued: Invoice,
    give_back: Callable,
    buyer: User,
    operator: User,
    issue: Callable,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    give_back("30.00")
    order = paid_order(buyer, operator)
    other, _ = services.request_invoice(order, title=buyer.invoice_titles.get(), by=buyer)
    issue(other, number="2" * 20)
    request_refund(order.pk, amount=Decimal("5.00"), reason="破损", by=operator)
    real = services.red_letters.open_invoice

    def failing(by: Any, **columns: Any) -> Invoice:
        if columns["order_id"] == issued.order_id:
            raise RuntimeError("out of paper")
        return real(by, **columns)

    monkeypatch.setattr(services.red_letters, "open_invoice", failing)
    work()
    assert red().order == order
    assert "out of paper" in caplog.text


def test_what_a_round_costs_does_not_grow_with_what_was_done(
    issued: Invoice, give_back: Callable, buyer: User, operator: User, issue: Callable
) -> None:
    def costs() -> int:
        with CaptureQueriesContext(connection) as captured:
            work()
            call_command("find_missed_red_letters")
        return len(captured)

    give_back("1.00")
    work()
    once = costs()
    for _ in range(3):
        give_back("1.00")
    work()
    assert (
        costs() == once == 5
    )  # recent refunds, requests; invoices by the batch, and their refunds
    assert OrderInfo.objects.count() == 1
