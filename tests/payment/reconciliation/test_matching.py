"""One day's bill against our books: every type of difference, of payments and of refunds, and nothing else."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.core import mail

from apps.payment.models import Payment, Refund, Statement
from apps.payment.services.reconciliation import reconcile
from apps.users.models import User
from tests.payment.reconciliation.conftest import found
from tests.payment.reconciliation.fake import (
    DAY,
    FakeGateway,
    noon,
    paid_line,
    payment_of,
    refund_line,
    refund_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(buyer: User) -> Payment:
    return payment_of(buyer, "P1", paid_at=noon())


@pytest.fixture
def refund(payment: Payment) -> Refund:
    return refund_of(payment, "P1R01", succeeded_at=noon())


def compare(fake: FakeGateway, *lines: object) -> Statement:
    fake.bills[DAY] = list(lines)
    statement = reconcile("fake", DAY)
    assert (statement.state, statement.error) == ("done", "")
    return statement


def test_a_day_that_agrees(
    fake: FakeGateway, payment: Payment, refund: Refund, settings: object
) -> None:
    settings.ADMINS = [("", "operator@example.com")]
    statement = compare(fake, paid_line(payment), refund_line(refund))
    assert found(statement) == []
    assert (statement.their_payments, statement.their_payment_amount) == (1, Decimal("110.00"))
    assert (statement.their_refunds, statement.their_refund_amount) == (1, Decimal("10.00"))
    assert (statement.our_payments, statement.our_payment_amount) == (1, Decimal("110.00"))
    assert (statement.our_refunds, statement.our_refund_amount) == (1, Decimal("10.00"))
    assert statement.their_fee == statement.our_fee == Decimal("0.60")
    assert list(statement.lines.values_list("position", "kind", "out_trade_no", "fee")) == [
        (1, "payment", "P1", Decimal("0.66")),
        (2, "refund", "P1", Decimal("-0.06")),
    ]
    assert fake.asked == [f"bill {DAY}"]
    assert mail.outbox == []


def test_a_day_without_anything(fake: FakeGateway) -> None:
    statement = compare(fake)
    assert found(statement) == []
    assert (statement.their_payments, statement.our_payments) == (0, 0)


class TestPayments:
    def test_of_the_provider_only(self, fake: FakeGateway, payment: Payment) -> None:
        stranger = paid_line(payment, out_trade_no="X1", trade_no="TX1")
        statement = compare(fake, paid_line(payment), stranger)
        assert found(statement) == [("payment", "provider_only", "X1", "open")]
        difference = statement.differences.get()
        assert (difference.ours, difference.theirs) == (None, Decimal("110.00"))
        assert difference.trade_no == "TX1"

    def test_of_ours_only(self, fake: FakeGateway, payment: Payment) -> None:
        statement = compare(fake)
        assert found(statement) == [("payment", "ours_only", "P1", "waiting")]
        difference = statement.differences.get()
        assert (difference.ours, difference.theirs) == (Decimal("110.00"), None)
        assert difference.payment == payment

    @pytest.mark.parametrize("amount", ["110.01", "109.99"])
    def test_of_another_amount(self, fake: FakeGateway, payment: Payment, amount: str) -> None:
        statement = compare(fake, paid_line(payment, amount=Decimal(amount)))
        assert found(statement) == [("payment", "amount", "P1", "open")]
        difference = statement.differences.get()
        assert (difference.ours, difference.theirs) == (Decimal("110.00"), Decimal(amount))

    @pytest.mark.parametrize(
        ("fee", "differs"), [("0.64", True), ("0.65", False), ("0.67", False), ("0.68", True)]
    )
    def test_of_another_fee(
        self, fake: FakeGateway, payment: Payment, fee: str, differs: bool
    ) -> None:
        statement = compare(fake, paid_line(payment, fee=Decimal(fee)))
        assert found(statement) == [("payment", "fee", "P1", "open")] * differs
        for difference in statement.differences.all():
            assert (difference.ours, difference.theirs) == (Decimal("0.66"), Decimal(fee))

    def test_without_an_agreed_rate_any_fee_will_do(
        self, fake: FakeGateway, payment: Payment, settings: object
    ) -> None:
        settings.PAYMENT_FEE_RATES = {}
        statement = compare(fake, paid_line(payment, fee=Decimal("9.99")))
        assert found(statement) == []
        assert statement.their_fee == statement.our_fee == Decimal("9.99")

    def test_listed_twice(self, fake: FakeGateway, payment: Payment) -> None:
        statement = compare(fake, paid_line(payment), paid_line(payment))
        assert found(statement) == [("payment", "duplicate", "P1", "open")]
        assert statement.differences.get().payment == payment

    def test_of_another_account_or_provider_is_not_ours(
        self, fake: FakeGateway, payment: Payment
    ) -> None:
        Payment.objects.filter(pk=payment.pk).update(account="1900000002")
        statement = compare(fake, paid_line(payment))
        assert found(statement) == [("payment", "provider_only", "P1", "open")]

    @pytest.mark.parametrize("provider", ["cash", "other"])
    def test_through_others_are_left_out(
        self, fake: FakeGateway, payment: Payment, provider: str
    ) -> None:
        Payment.objects.filter(pk=payment.pk).update(provider=provider)
        statement = compare(fake)
        assert found(statement) == []
        assert statement.our_payments == 0


class TestRefunds:
    def test_of_the_provider_only(self, fake: FakeGateway, payment: Payment) -> None:
        row = refund_line(Refund(payment=payment, out_request_no="M1", amount=Decimal("5.00")))
        statement = compare(fake, paid_line(payment), row)
        assert found(statement) == [("refund", "provider_only", "M1", "open")]
        assert statement.differences.get().theirs == Decimal("5.00")

    def test_with_a_number_of_another_payment(
        self, fake: FakeGateway, payment: Payment, refund: Refund, buyer: User
    ) -> None:
        other = payment_of(buyer, "P2", paid_at=noon())
        row = replace(refund_line(refund), out_trade_no="P2")
        statement = compare(fake, paid_line(payment), paid_line(other), row)
        assert found(statement) == [
            ("refund", "ours_only", "P1R01", "waiting"),
            ("refund", "provider_only", "P1R01", "open"),
        ]

    def test_of_ours_only(self, fake: FakeGateway, payment: Payment, refund: Refund) -> None:
        statement = compare(fake, paid_line(payment))
        assert found(statement) == [("refund", "ours_only", "P1R01", "waiting")]
        difference = statement.differences.get()
        assert (difference.ours, difference.payment, difference.refund) == (
            Decimal("10.00"),
            payment,
            refund,
        )

    def test_of_another_amount(self, fake: FakeGateway, payment: Payment, refund: Refund) -> None:
        row = refund_line(refund, amount=Decimal("10.01"))
        statement = compare(fake, paid_line(payment), row)
        assert found(statement) == [("refund", "amount", "P1R01", "open")]

    @pytest.mark.parametrize(
        ("fee", "expected"),
        [("-0.06", None), ("-0.05", None), ("0.00", None), ("-0.09", "-0.06"), ("0.06", "0.00")],
    )
    def test_returns_its_share_of_the_fee_or_nothing(
        self,
        fake: FakeGateway,
        payment: Payment,
        refund: Refund,
        fee: str,
        expected: str | None,
    ) -> None:
        row = refund_line(refund, fee=Decimal(fee))
        statement = compare(fake, paid_line(payment), row)
        assert [str(each.ours) for each in statement.differences.all()] == [expected] * bool(
            expected
        )
        assert found(statement) == [("refund", "fee", "P1R01", "open")] * bool(expected)

    def test_listed_twice(self, fake: FakeGateway, payment: Payment, refund: Refund) -> None:
        rows = [paid_line(payment), refund_line(refund), refund_line(refund)]
        statement = compare(fake, *rows)
        assert found(statement) == [("refund", "duplicate", "P1R01", "open")]

    def test_two_of_one_payment_are_two(
        self, fake: FakeGateway, payment: Payment, refund: Refund
    ) -> None:
        second = refund_of(payment, "P1R02", succeeded_at=noon())
        rows = [paid_line(payment), refund_line(refund), refund_line(second)]
        assert found(compare(fake, *rows)) == []

    def test_paid_out_another_way_are_in_no_bill(
        self, fake: FakeGateway, payment: Payment, refund: Refund
    ) -> None:
        Refund.objects.filter(pk=refund.pk).update(channel=Refund.Channel.PAYOUT)
        assert found(compare(fake, paid_line(payment))) == []

    def test_paid_out_another_way_and_the_way_it_came(
        self, fake: FakeGateway, payment: Payment, refund: Refund
    ) -> None:
        Refund.objects.filter(pk=refund.pk).update(channel=Refund.Channel.PAYOUT)
        statement = compare(fake, paid_line(payment), refund_line(refund))
        assert found(statement) == [("refund", "status", "P1R01", "open")]


def test_operators_are_told_once_of_what_is_open(
    fake: FakeGateway,
    payment: Payment,
    settings: object,
    django_capture_on_commit_callbacks: object,
) -> None:
    settings.ADMINS = [("", "operator@example.com")]
    rows = [paid_line(payment, out_trade_no=number) for number in ("X1", "X2")]
    for _run in "12":
        with django_capture_on_commit_callbacks(execute=True):
            compare(fake, *rows)
    (letter,) = mail.outbox
    assert "待处理差异 2 条" in letter.subject
    with django_capture_on_commit_callbacks(execute=True):
        compare(fake, *rows, paid_line(payment, out_trade_no="X3"))
    assert "待处理差异 1 条" in mail.outbox[1].subject
