"""A day compared again: the same result, whatever happened meanwhile."""

from decimal import Decimal

import pytest

from apps.payment.models import Difference, Payment, Statement, StatementLine
from apps.payment.services.reconciliation import reconcile, run
from apps.users.models import User
from tests.payment.reconciliation.conftest import found
from tests.payment.reconciliation.fake import (
    DAY,
    FakeGateway,
    noon,
    paid_line,
    payment_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(buyer: User) -> Payment:
    return payment_of(buyer, "P1", paid_at=noon())


def test_nothing_is_there_twice(fake: FakeGateway, payment: Payment) -> None:
    fake.bills[DAY] = [paid_line(payment), paid_line(payment, out_trade_no="X1")]
    first = reconcile("fake", DAY)
    known = Difference.objects.get()
    assert reconcile("fake", DAY) == first
    assert Statement.objects.get().tries == 2
    assert list(StatementLine.objects.values_list("position", "out_trade_no")) == [
        (1, "P1"),
        (2, "X1"),
    ]
    assert Difference.objects.get() == known


def test_the_lines_are_those_of_the_last_bill(fake: FakeGateway, payment: Payment) -> None:
    fake.bills[DAY] = [paid_line(payment, fee=Decimal("9.00")), paid_line(payment)]
    statement = reconcile("fake", DAY)
    assert found(statement) == [
        ("payment", "duplicate", "P1", "open"),
        ("payment", "fee", "P1", "open"),
    ]
    fake.bills[DAY] = [paid_line(payment)]
    statement = reconcile("fake", DAY)
    assert found(statement) == [
        ("payment", "duplicate", "P1", "resolved"),
        ("payment", "fee", "P1", "resolved"),
    ]
    assert statement.their_fee == Decimal("0.66")
    assert statement.lines.count() == 1


def test_a_difference_is_brought_up_to_date(fake: FakeGateway, payment: Payment) -> None:
    for amount in ("111.00", "112.00"):
        fake.bills[DAY] = [paid_line(payment, amount=Decimal(amount), fee=Decimal("0.67"))]
        statement = reconcile("fake", DAY)
        assert statement.differences.get().theirs == Decimal(amount)


def test_a_resolved_difference_comes_back(fake: FakeGateway, payment: Payment) -> None:
    wrong = [paid_line(payment, fee=Decimal("9.00"))]
    for rows, state in [(wrong, "open"), ([paid_line(payment)], "resolved"), (wrong, "open")]:
        fake.bills[DAY] = rows
        assert found(reconcile("fake", DAY)) == [("payment", "fee", "P1", state)]


@pytest.mark.parametrize("fee", ["9.00", "0.66"], ids=["still there", "gone"])
def test_a_worked_off_difference_keeps_its_note(
    fake: FakeGateway, payment: Payment, fee: str
) -> None:
    fake.bills[DAY] = [paid_line(payment, fee=Decimal("9.00"))]
    statement = reconcile("fake", DAY)
    statement.differences.update(state="worked_off", note="费率已更正")
    fake.bills[DAY] = [paid_line(payment, fee=Decimal(fee))]
    reconcile("fake", DAY)
    difference = statement.differences.get()
    assert (difference.state, difference.note, difference.theirs) == (
        "worked_off",
        "费率已更正",
        Decimal("9.00"),
    )


def test_other_figures_are_another_difference(fake: FakeGateway, payment: Payment) -> None:
    """What a person has worked off was smaller; it must not hide what the bill says now."""
    for amount in ("239.00", "739.00", "739.00", "240.00"):
        fake.bills[DAY] = [paid_line(payment, amount=Decimal(amount))]
        statement = reconcile("fake", DAY)
        if amount == "239.00":
            statement.differences.filter(type="amount").update(state="worked_off", note="已核实")
    amounts = statement.differences.filter(type="amount").order_by("pk")
    assert [(str(each.theirs), each.state) for each in amounts] == [
        ("239.00", "worked_off"),
        ("739.00", "resolved"),
        ("240.00", "open"),
    ]


def test_a_failed_run_leaves_what_was_compared(fake: FakeGateway, payment: Payment) -> None:
    fake.bills[DAY] = [paid_line(payment)]
    reconcile("fake", DAY)
    del fake.bills[DAY]
    statement = reconcile("fake", DAY)
    assert (statement.state, statement.lines.count()) == ("done", 1)
    assert statement.error.startswith("BillNotReady")


def test_the_run_that_began_earlier_gives_way(
    fake: FakeGateway, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first one asks its questions, a second one is through; and the bill is another by then."""
    real = run.ask_after_lost
    fake.bills[DAY] = [paid_line(payment), paid_line(payment)]

    def overtaken(*args: object) -> set[str]:
        monkeypatch.setattr(run, "ask_after_lost", real)
        fake.bills[DAY] = [paid_line(payment)]
        reconcile("fake", DAY)
        return real(*args)

    monkeypatch.setattr(run, "ask_after_lost", overtaken)
    statement = reconcile("fake", DAY)
    assert found(statement) == []
    assert statement.lines.count() == 1


def test_a_crash_while_writing_leaves_the_earlier_result(
    fake: FakeGateway, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.bills[DAY] = [paid_line(payment)]
    reconcile("fake", DAY)
    fake.bills[DAY] = []

    def crash(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(run, "keep", crash)
    with pytest.raises(ZeroDivisionError):
        reconcile("fake", DAY)
    statement = Statement.objects.get()
    assert (statement.state, statement.lines.count(), found(statement)) == ("done", 1, [])
