"""Money that only the bill tells of: the provider is asked, and the gate alone decides."""

from collections.abc import Callable

import pytest

from apps.orders.models import OrderInfo
from apps.payment.exceptions import Misconfigured, Unknown
from apps.payment.models import Payment, Refund
from apps.payment.services.reconciliation import reconcile, reconcile_due
from apps.users.models import User
from tests.payment.reconciliation.conftest import found
from tests.payment.reconciliation.fake import (
    DAY,
    FakeGateway,
    after,
    noon,
    paid_line,
    payment_of,
    refund_line,
    refund_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def unpaid(buyer: User) -> Payment:
    return payment_of(buyer, "P1")


class TestPayments:
    @pytest.mark.parametrize("state", ["pending", "closed"])
    def test_a_lost_one_is_settled(self, fake: FakeGateway, unpaid: Payment, state: str) -> None:
        Payment.objects.filter(pk=unpaid.pk).update(state=state)
        fake.bills[DAY] = [paid_line(unpaid)]
        fake.answers["P1"] = fake.says_paid(unpaid)
        statement = reconcile("fake", DAY)
        assert found(statement) == []
        unpaid.refresh_from_db()
        assert (unpaid.state, unpaid.trade_no) == ("succeeded", "TP1")
        assert unpaid.order.status == OrderInfo.Status.UNSEND
        assert [event.verdict for event in unpaid.events.all()] == ["settled"]
        assert (statement.our_payments, statement.our_payment_amount) == (1, unpaid.amount)

    def test_one_of_a_canceled_order_is_surplus(self, fake: FakeGateway, unpaid: Payment) -> None:
        OrderInfo.objects.filter(pk=unpaid.order_id).update(status=OrderInfo.Status.CANCELED)
        fake.bills[DAY] = [paid_line(unpaid)]
        fake.answers["P1"] = fake.says_paid(unpaid)
        assert found(reconcile("fake", DAY)) == []
        unpaid.refresh_from_db()
        assert unpaid.state == "surplus"
        assert unpaid.refunds.get().amount == unpaid.amount

    def test_the_bill_alone_is_not_believed(self, fake: FakeGateway, unpaid: Payment) -> None:
        fake.bills[DAY] = [paid_line(unpaid)]
        assert found(reconcile("fake", DAY)) == [("payment", "status", "P1", "open")]
        assert fake.asked == [f"bill {DAY}", "P1"]
        unpaid.refresh_from_db()
        assert (unpaid.state, unpaid.order.status) == ("pending", OrderInfo.Status.UNPAID)
        assert not unpaid.events.exists()

    def test_what_the_gate_refuses_takes_no_effect(
        self, fake: FakeGateway, unpaid: Payment
    ) -> None:
        fake.bills[DAY] = [paid_line(unpaid)]
        fake.answers["P1"] = fake.says_paid(unpaid, amount="110.01")
        assert found(reconcile("fake", DAY)) == [("payment", "status", "P1", "open")]
        unpaid.refresh_from_db()
        assert unpaid.state == "pending"
        assert [event.verdict for event in unpaid.events.all()] == ["wrong_amount"]

    @pytest.mark.parametrize("trouble", [Unknown("timeout"), Misconfigured("key")])
    def test_one_that_cannot_be_asked_after_waits(
        self, fake: FakeGateway, unpaid: Payment, trouble: Exception
    ) -> None:
        fake.bills[DAY] = [paid_line(unpaid)]
        fake.answers["P1"] = trouble
        statement = reconcile("fake", DAY)
        assert found(statement) == [("payment", "status", "P1", "waiting")]
        fake.answers["P1"] = fake.says_paid(unpaid)
        reconcile_due()
        assert found(statement) == [("payment", "status", "P1", "resolved")]
        assert Payment.objects.get().is_paid

    def test_one_that_cannot_be_asked_after_for_days_is_opened(
        self, fake: FakeGateway, unpaid: Payment, clock: object
    ) -> None:
        fake.bills[DAY] = [paid_line(unpaid)]
        fake.answers["P1"] = Unknown("timeout")
        statement = reconcile("fake", DAY)
        clock(after(3))
        reconcile_due()
        assert found(statement) == [("payment", "status", "P1", "open")]

    def test_one_that_is_settled_later_resolves_its_difference(
        self, fake: FakeGateway, unpaid: Payment
    ) -> None:
        fake.bills[DAY] = [paid_line(unpaid)]
        statement = reconcile("fake", DAY)
        Payment.objects.filter(pk=unpaid.pk).update(state="surplus", paid_at=noon())
        reconcile_due()
        assert found(statement) == [("payment", "status", "P1", "resolved")]

    def test_a_provider_that_does_not_answer_is_not_asked_for_ever(
        self, fake: FakeGateway, buyer: User
    ) -> None:
        unpaid = [payment_of(buyer, f"P{number}") for number in range(8)]
        fake.bills[DAY] = [paid_line(payment) for payment in unpaid]
        fake.answers = {payment.out_trade_no: Unknown("timeout") for payment in unpaid}
        statement = reconcile("fake", DAY)
        assert found(statement) == [
            ("payment", "status", f"P{number}", "waiting") for number in range(8)
        ]
        # Once for the bill and once when the pool is looked through.
        assert len(fake.asked) == 1 + 5 + 5


class TestRefunds:
    @pytest.fixture
    def payment(self, buyer: User) -> Payment:
        return payment_of(buyer, "P1", paid_at=noon())

    @pytest.fixture
    def unfinished(self, payment: Payment) -> Refund:
        return refund_of(payment, "P1R01")

    def test_a_lost_one_is_taken_in(
        self, fake: FakeGateway, payment: Payment, unfinished: Refund
    ) -> None:
        fake.bills[DAY] = [paid_line(payment), refund_line(unfinished)]
        fake.answers["P1R01"] = fake.says_refunded(unfinished)
        statement = reconcile("fake", DAY)
        assert found(statement) == []
        unfinished.refresh_from_db()
        assert (unfinished.state, unfinished.refund_no) == ("succeeded", "RP1R01")
        assert statement.our_refund_amount == unfinished.amount

    def test_one_that_was_given_up_is_taken_in(
        self, fake: FakeGateway, payment: Payment, unfinished: Refund
    ) -> None:
        Refund.objects.filter(pk=unfinished.pk).update(state=Refund.State.FAILED)
        assert Payment.objects.release_refund(payment.pk, unfinished.amount)
        fake.bills[DAY] = [paid_line(payment), refund_line(unfinished)]
        fake.answers["P1R01"] = fake.says_refunded(unfinished)
        assert found(reconcile("fake", DAY)) == []
        payment.refresh_from_db()
        assert payment.refunded_amount == unfinished.amount

    def test_the_bill_alone_is_not_believed(
        self, fake: FakeGateway, payment: Payment, unfinished: Refund
    ) -> None:
        fake.bills[DAY] = [paid_line(payment), refund_line(unfinished)]
        assert found(reconcile("fake", DAY)) == [("refund", "status", "P1R01", "waiting")]
        assert fake.asked[:2] == [f"bill {DAY}", "P1R01"]
        unfinished.refresh_from_db()
        assert unfinished.state == "unknown"

    def test_one_that_has_failed_for_good_is_not_waited_for(
        self, fake: FakeGateway, payment: Payment, unfinished: Refund
    ) -> None:
        Refund.objects.filter(pk=unfinished.pk).update(state=Refund.State.FAILED)
        fake.bills[DAY] = [paid_line(payment), refund_line(unfinished)]
        assert found(reconcile("fake", DAY)) == [("refund", "status", "P1R01", "open")]

    def test_one_under_way_ends_later_or_is_opened(
        self, fake: FakeGateway, payment: Payment, unfinished: Refund, clock: Callable
    ) -> None:
        other = refund_of(payment, "P1R02")
        rows = [refund_line(unfinished), refund_line(other)]
        fake.bills[DAY] = [paid_line(payment), *rows]
        statement = reconcile("fake", DAY)
        fake.answers["P1R01"] = fake.says_refunded(unfinished)
        clock(after(3))
        reconcile_due()
        assert found(statement) == [
            ("refund", "status", "P1R01", "resolved"),
            ("refund", "status", "P1R02", "open"),
        ]

    def test_a_lost_payment_and_its_lost_refund_in_one_bill(
        self, fake: FakeGateway, buyer: User
    ) -> None:
        unpaid = payment_of(buyer, "P2")
        OrderInfo.objects.filter(pk=unpaid.order_id).update(status=OrderInfo.Status.CANCELED)
        refund = Refund(payment=unpaid, out_request_no="P2R01", amount=unpaid.amount)
        fake.answers["P2"] = fake.says_paid(unpaid)
        fake.answers["P2R01"] = fake.says_refunded(refund)
        fake.bills[DAY] = [refund_line(refund), paid_line(unpaid)]
        assert found(reconcile("fake", DAY)) == []
        assert unpaid.refunds.get().state == "succeeded"
