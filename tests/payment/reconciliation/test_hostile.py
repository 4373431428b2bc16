"""Rows that no honest bill has; and rows of others who use the same account."""

from datetime import datetime
from decimal import Decimal

import pytest

from apps.payment.exceptions import BillNotReady, Misconfigured, Rejected, Unknown
from apps.payment.models import Payment, Statement
from apps.payment.services.reconciliation import reconcile
from apps.users.models import User
from tests.payment.reconciliation.conftest import found
from tests.payment.reconciliation.fake import DAY, FakeGateway, noon, paid_line, payment_of
from tests.world import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(buyer: User) -> Payment:
    return payment_of(buyer, "P1", paid_at=noon())


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": Decimal("NaN")},
        {"amount": Decimal("Infinity")},
        {"amount": Decimal("-110.00")},
        {"amount": Decimal("110.001")},
        {"amount": Decimal("1e11")},
        {"fee": Decimal("NaN")},
        {"fee": Decimal("-1e11")},
        {"at": datetime(2026, 11, 22, 12)},  # noqa: DTZ001
    ],
    ids=str,
)
def test_a_row_that_tells_of_no_money_spoils_the_bill(
    fake: FakeGateway, payment: Payment, changed: dict
) -> None:
    fake.bills[DAY] = [paid_line(payment), paid_line(payment, **changed)]
    before = rows()
    statement = reconcile("fake", DAY)
    assert (statement.state, statement.fetched_at) == ("waiting", None)
    assert statement.error.startswith("Unknown: row 2 of the bill")
    after = rows()
    del before["Statement"], after["Statement"]
    assert after == before


def test_a_fee_finer_than_a_fen_is_rounded(fake: FakeGateway, payment: Payment) -> None:
    fake.bills[DAY] = [paid_line(payment, fee=Decimal("0.66500"))]
    statement = reconcile("fake", DAY)
    assert found(statement) == []
    assert statement.lines.get().fee == statement.their_fee == Decimal("0.67")


@pytest.mark.parametrize(
    "number",
    ["x" * 129, "X\0Y", "\ud800", "' OR 1=1 --", "%s", "<b>1</b>", "数字", " P1x "],
    ids=ascii,
)
def test_any_number_can_be_of_somebody_else(
    fake: FakeGateway, payment: Payment, number: str
) -> None:
    stranger = paid_line(payment, out_trade_no=number, trade_no=number, status=number)
    fake.bills[DAY] = [paid_line(payment), stranger]
    for _run in "12":
        statement = reconcile("fake", DAY)
        assert [each[1] for each in found(statement)] == ["provider_only"]


def test_numbers_that_differ_in_case_only_are_two(fake: FakeGateway, payment: Payment) -> None:
    lines = [paid_line(payment, out_trade_no=number) for number in ("P1", "p1", "x1", "X1")]
    fake.bills[DAY] = lines
    assert found(reconcile("fake", DAY)) == [
        ("payment", "provider_only", "X1", "open"),
        ("payment", "provider_only", "p1", "open"),
        ("payment", "provider_only", "x1", "open"),
    ]


def test_rows_without_a_number_of_ours_are_told_by_theirs(
    fake: FakeGateway, payment: Payment
) -> None:
    lines = [paid_line(payment, out_trade_no="", trade_no=number) for number in ("T1", "T2")]
    fake.bills[DAY] = [paid_line(payment), *lines]
    statement = reconcile("fake", DAY)
    assert [each.trade_no for each in statement.differences.order_by("pk")] == ["T1", "T2"]
    assert {each.type for each in statement.differences.all()} == {"provider_only"}


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (BillNotReady("creating"), "waiting"),
        (Unknown("timeout"), "waiting"),
        (Rejected("ACQ", "SYSTEM_ERROR", "later", is_temporary=True), "waiting"),
        (Rejected("ACQ", "BILL_DATE", "no"), "failed"),
        (Misconfigured("key"), "failed"),
    ],
    ids=repr,
)
def test_a_bill_that_cannot_be_had(
    fake: FakeGateway, payment: Payment, trouble: Exception, state: str
) -> None:
    fake.bills[DAY] = trouble
    statement = reconcile("fake", DAY)
    assert (statement.state, statement.error) == (state, f"{type(trouble).__name__}: {trouble}")
    assert found(statement) == []
    fake.bills[DAY] = [paid_line(payment)]
    statement = reconcile("fake", DAY)
    assert (statement.state, statement.error) == ("done", "")
    assert Statement.objects.count() == 1
