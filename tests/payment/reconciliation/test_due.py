"""The job: every day that has not been compared, whenever it runs."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail

from apps.core.exceptions import Unavailable
from apps.core.tasks import run_command
from apps.payment.exceptions import BillNotReady, Misconfigured, Rejected
from apps.payment.gateways import gateway
from apps.payment.models import Payment, Statement
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
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(buyer: User, clock: object) -> Payment:
    """Begun and paid on DAY."""
    clock(noon())
    payment = payment_of(buyer, "P1", paid_at=noon())
    clock(after(0))
    return payment


def day(number: int) -> object:
    return DAY + timedelta(days=number)


def days() -> list[tuple[object, str]]:
    return list(Statement.objects.order_by("day").values_list("day", "state"))


def test_yesterday_is_compared_once(fake: FakeGateway, payment: Payment) -> None:
    fake.bills[DAY] = [paid_line(payment)]
    for _time in "12":
        run_command("reconcile_due")
    assert fake.asked == [f"bill {DAY}"]
    assert days() == [(DAY, "done")]


def test_nothing_is_asked_of_a_provider_nobody_used(fake: FakeGateway) -> None:
    assert reconcile_due() == []
    assert fake.asked == []


def test_days_that_were_missed_are_caught_up_with(
    fake: FakeGateway, payment: Payment, clock: object
) -> None:
    fake.bills = {DAY: [paid_line(payment)], day(1): [], day(2): []}
    clock(after(3))
    reconcile("fake", day(1))
    reconcile_due()
    # The fourth day's is not there yet.
    assert days() == [
        (DAY, "done"),
        (day(1), "done"),
        (day(2), "done"),
        (day(3), "waiting"),
    ]
    fake.bills[day(3)] = []
    reconcile_due()
    assert days()[3] == (day(3), "done")


def test_a_month_back_and_no_further(fake: FakeGateway, payment: Payment, clock: object) -> None:
    clock(after(40))
    reconcile_due()
    assert [each for each, _state in days()] == [day(number) for number in range(11, 41)]


def test_the_day_itself_is_not_over_before_midnight_in_beijing(
    fake: FakeGateway, payment: Payment, clock: object
) -> None:
    fake.bills[DAY] = []
    clock(at(DAY, 23, 59, 59))
    assert reconcile_due() == []
    clock(at(day(1), 0))
    assert [each.day for each in reconcile_due()] == [DAY]


def test_a_bill_of_an_unfinished_day_does_not_count(
    fake: FakeGateway, payment: Payment, clock: object
) -> None:
    clock(at(DAY, 13))
    fake.bills[DAY] = []
    statement = reconcile("fake", DAY, is_early=True)
    assert found(statement) == [("payment", "ours_only", "P1", "waiting")]
    fake.bills[DAY] = [paid_line(payment)]
    clock(after(0))
    reconcile_due()
    assert found(statement) == [("payment", "ours_only", "P1", "resolved")]


@pytest.mark.parametrize(
    ("trouble", "letters"),
    [(BillNotReady("creating"), [0, 0, 1, 1]), (Rejected("ACQ", "NO", "no"), [1, 1, 1, 1])],
    ids=["late", "refused"],
)
def test_operators_are_told_once_of_a_bill_that_does_not_come(
    fake: FakeGateway,
    payment: Payment,
    clock: object,
    settings: object,
    django_capture_on_commit_callbacks: object,
    trouble: Exception,
    letters: list[int],
) -> None:
    settings.ADMINS = [("", "operator@example.com")]
    fake.bills = {day(number): [] for number in range(1, 4)}
    fake.bills[DAY] = trouble
    told = []
    for days_later in range(4):
        clock(after(days_later))
        with django_capture_on_commit_callbacks(execute=True):
            reconcile_due()
        told.append(len(mail.outbox))
    assert told == letters
    assert f"{DAY}：没有账单" in mail.outbox[0].subject


@pytest.mark.parametrize("trouble", [Unavailable(), KeyError("金额")])
def test_one_provider_does_not_hold_up_another(
    fake: FakeGateway, payment: Payment, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    monkeypatch.setitem(settings.PAYMENT_GATEWAYS, "other", settings.PAYMENT_GATEWAYS["fake"])
    columns = {"provider": "other", "account": fake.account, "product": "page"}
    Payment.objects.create(
        order=payment.order,
        out_trade_no="P2",
        amount=payment.amount,
        expires_at=noon(),
        **columns,
    )
    Payment.objects.update(create_time=noon())
    fake.bills[DAY] = trouble
    gateway("other").bills[DAY] = []
    reconcile_due()
    assert list(Statement.objects.order_by("provider").values_list("provider", "state")) == [
        ("fake", "waiting"),
        ("other", "done"),
    ]


def test_nor_does_one_whose_keys_do_not_read(
    fake: FakeGateway, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.bills[DAY] = [paid_line(payment)]
    broken = {"broken": f"{__name__}.Broken"}
    monkeypatch.setattr(settings, "PAYMENT_GATEWAYS", broken | settings.PAYMENT_GATEWAYS)
    columns = {"provider": "broken", "account": "", "product": "page", "amount": payment.amount}
    Payment.objects.create(order=payment.order, out_trade_no="P2", expires_at=noon(), **columns)
    reconcile_due()
    assert days() == [(DAY, "done")]


class Broken:
    @classmethod
    def from_settings(cls) -> "Broken":
        raise Misconfigured("keys/private.pem: there is no such file")
