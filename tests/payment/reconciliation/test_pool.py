"""What is missing on its own day may stand in a neighbouring bill."""

from datetime import timedelta

import pytest
from django.core import mail

from apps.payment.models import Payment
from apps.payment.services.reconciliation import reconcile, reconcile_due
from apps.users.models import User
from tests.payment.reconciliation.conftest import found
from tests.payment.reconciliation.fake import (
    DAY,
    FakeGateway,
    after,
    at,
    noon,
    paid_line,
    payment_of,
    refund_line,
    refund_of,
)

pytestmark = pytest.mark.django_db

NEXT_DAY = DAY + timedelta(days=1)
PAYMENT_WAITS = ("payment", "ours_only", "P1", "waiting")


@pytest.fixture
def late(buyer: User) -> Payment:
    """Paid in the last second of the day by our books."""
    return payment_of(buyer, "P1", paid_at=at(DAY, 23, 59, 59))


def test_a_later_bill_explains_it(fake: FakeGateway, late: Payment, clock: object) -> None:
    fake.bills = {DAY: [], NEXT_DAY: [paid_line(late, at=at(NEXT_DAY, 0))]}
    statement = reconcile("fake", DAY)
    assert found(statement) == [PAYMENT_WAITS]
    clock(after(1))
    assert found(reconcile("fake", NEXT_DAY)) == []
    assert found(statement) == [("payment", "ours_only", "P1", "resolved")]
    assert NEXT_DAY.isoformat() in statement.differences.get().note
    # Compared again, the day says the same.
    assert found(reconcile("fake", DAY)) == [("payment", "ours_only", "P1", "resolved")]


def test_an_earlier_bill_explains_it(fake: FakeGateway, buyer: User, clock: object) -> None:
    early = payment_of(buyer, "P1", paid_at=at(NEXT_DAY, 0, 0, 1))
    fake.bills = {DAY: [paid_line(early, at=at(DAY, 23, 59, 59))], NEXT_DAY: []}
    assert found(reconcile("fake", DAY)) == []
    clock(after(1))
    statement = reconcile("fake", NEXT_DAY)
    assert found(statement) == [("payment", "ours_only", "P1", "resolved")]
    assert DAY.isoformat() in statement.differences.get().note


def test_bills_that_come_in_the_wrong_order(
    fake: FakeGateway, late: Payment, clock: object
) -> None:
    clock(after(2))
    fake.bills = {NEXT_DAY: [paid_line(late)]}
    assert found(reconcile("fake", NEXT_DAY)) == []
    fake.bills[DAY] = []
    assert found(reconcile("fake", DAY)) == [("payment", "ours_only", "P1", "resolved")]


def test_a_refund_waits_likewise(fake: FakeGateway, buyer: User, clock: object) -> None:
    payment = payment_of(buyer, "P1", paid_at=noon())
    refund = refund_of(payment, "P1R01", succeeded_at=at(DAY, 23, 59, 59))
    fake.bills = {DAY: [paid_line(payment)], NEXT_DAY: [refund_line(refund)]}
    statement = reconcile("fake", DAY)
    assert found(statement) == [("refund", "ours_only", "P1R01", "waiting")]
    clock(after(1))
    assert found(reconcile("fake", NEXT_DAY)) == []
    assert found(statement) == [("refund", "ours_only", "P1R01", "resolved")]


def test_another_refund_of_the_same_payment_explains_nothing(
    fake: FakeGateway, buyer: User, clock: object
) -> None:
    payment = payment_of(buyer, "P1", paid_at=noon())
    refund_of(payment, "P1R01", succeeded_at=noon())
    other = refund_of(payment, "P1R02", succeeded_at=noon(NEXT_DAY))
    fake.bills = {DAY: [paid_line(payment)], NEXT_DAY: [refund_line(other)]}
    statement = reconcile("fake", DAY)
    clock(after(1))
    reconcile("fake", NEXT_DAY)
    assert found(statement) == [("refund", "ours_only", "P1R01", "waiting")]


def test_after_three_days_it_is_to_be_worked_off(
    fake: FakeGateway,
    late: Payment,
    clock: object,
    settings: object,
    django_capture_on_commit_callbacks: object,
) -> None:
    settings.ADMINS = [("", "operator@example.com")]
    fake.bills = {DAY + timedelta(days=number): [] for number in range(4)}
    statement = reconcile("fake", DAY)
    for days, state in [(1, "waiting"), (2, "waiting"), (3, "open")]:
        clock(after(days))
        with django_capture_on_commit_callbacks(execute=True):
            reconcile_due()
        assert found(statement) == [("payment", "ours_only", "P1", state)]
        assert len(mail.outbox) == (state == "open")


def test_a_day_first_compared_late_does_not_wait(
    fake: FakeGateway, late: Payment, clock: object
) -> None:
    clock(after(3))
    fake.bills = {DAY: []}
    assert found(reconcile("fake", DAY)) == [("payment", "ours_only", "P1", "open")]


def test_a_bill_of_four_days_later_explains_nothing(
    fake: FakeGateway, late: Payment, clock: object
) -> None:
    fake.bills = {DAY: [], DAY + timedelta(days=4): [paid_line(late)]}
    statement = reconcile("fake", DAY)
    clock(after(4))
    reconcile("fake", DAY + timedelta(days=4))
    assert found(statement) == [("payment", "ours_only", "P1", "open")]


def test_a_neighbouring_bill_that_comes_late_still_explains_it(
    fake: FakeGateway, late: Payment, clock: object
) -> None:
    fake.bills = {DAY: []}
    statement = reconcile("fake", DAY)
    clock(after(3))
    reconcile_due()
    assert found(statement) == [("payment", "ours_only", "P1", "open")]
    fake.bills[NEXT_DAY] = [paid_line(late)]
    reconcile_due()
    assert found(statement) == [("payment", "ours_only", "P1", "resolved")]


class TestTwiceOverDays:
    def test_the_later_bill_has_the_difference(
        self, fake: FakeGateway, buyer: User, clock: object
    ) -> None:
        payment = payment_of(buyer, "P1", paid_at=noon())
        fake.bills = {DAY: [paid_line(payment)], NEXT_DAY: [paid_line(payment)]}
        first = reconcile("fake", DAY)
        clock(after(1))
        second = reconcile("fake", NEXT_DAY)
        for day in (DAY, NEXT_DAY, DAY):
            assert found(first) == []
            assert found(second) == [("payment", "duplicate", "P1", "open")]
            reconcile("fake", day)

    def test_compared_in_the_wrong_order_the_one_compared_later(
        self, fake: FakeGateway, buyer: User, clock: object
    ) -> None:
        clock(after(1))
        payment = payment_of(buyer, "P1", paid_at=noon())
        fake.bills = {DAY: [paid_line(payment)], NEXT_DAY: [paid_line(payment)]}
        second = reconcile("fake", NEXT_DAY)
        first = reconcile("fake", DAY)
        for day in (DAY, NEXT_DAY):
            assert found(second) == []
            assert found(first) == [("payment", "duplicate", "P1", "open")]
            reconcile("fake", day)


def test_what_a_person_has_worked_off_is_left_alone(
    fake: FakeGateway, late: Payment, clock: object
) -> None:
    fake.bills = {DAY: [], NEXT_DAY: [paid_line(late)]}
    statement = reconcile("fake", DAY)
    statement.differences.update(state="worked_off", note="与支付宝客服核对")
    clock(after(1))
    reconcile("fake", NEXT_DAY)
    difference = statement.differences.get()
    assert (difference.state, difference.note) == ("worked_off", "与支付宝客服核对")
