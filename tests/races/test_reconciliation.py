"""The same bill compared by several at once."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

import pytest
from django.conf import settings
from django.db.models import QuerySet

from apps.payment import gateways
from apps.payment.exceptions import DifferenceSettled
from apps.payment.models import Difference, Payment, Statement
from apps.payment.services import reconciliation
from apps.payment.services.reconciliation import alarms, reconcile, work_off
from apps.users.models import User
from tests.payment.reconciliation.conftest import found
from tests.payment.reconciliation.fake import DAY, FakeGateway, noon, paid_line, payment_of
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGateway]:
    path = f"{FakeGateway.__module__}.{FakeGateway.__name__}"
    monkeypatch.setitem(settings.PAYMENT_GATEWAYS, "fake", path)
    monkeypatch.setattr(settings, "PAYMENT_FEE_RATES", {"fake": Decimal("0.006")})
    gateways.gateway.cache_clear()
    yield gateways.gateway("fake")
    monkeypatch.undo()
    gateways.gateway.cache_clear()


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(alarms, "alert", lambda subject, message, **figures: sent.append(subject))
    return sent


@pytest.fixture
def payment(buyer: User, fake: FakeGateway) -> Payment:
    """Listed twice, beside two that nobody here knows."""
    payment = payment_of(buyer, "P1", paid_at=noon())
    strangers = [paid_line(payment, out_trade_no=number) for number in ("X1", "X2")]
    fake.bills[DAY] = [paid_line(payment), paid_line(payment), *strangers]
    return payment


FOUND = [
    ("payment", "duplicate", "P1", "open"),
    ("payment", "provider_only", "X1", "open"),
    ("payment", "provider_only", "X2", "open"),
]


@pytest.mark.parametrize("is_locked", [True, False])
def test_one_day_eight_times_at_once(
    payment: Payment, letters: list[str], is_locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_locked:
        # The control: runs that neither give way nor wait store the same rows over each other.
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self: self)
    results = together(*[partial(reconcile, "fake", DAY)] * 8)
    is_right = (
        all(isinstance(result, Statement) for result in results)
        and Statement.objects.get().tries == 8
        and found(Statement.objects.get()) == FOUND
        and len(letters) == 1
    )
    assert is_right is is_locked
    if is_locked:
        assert Statement.objects.get().lines.count() == 4


def test_the_job_beside_the_command(payment: Payment, letters: list[str]) -> None:
    Payment.objects.update(create_time=noon())
    calls: list[Callable] = [reconciliation.reconcile_due, partial(reconcile, "fake", DAY)] * 4
    assert [result for result in together(*calls) if isinstance(result, Exception)] == []
    assert found(Statement.objects.get(day=DAY)) == FOUND


def test_one_difference_is_worked_off_by_one_operator(
    payment: Payment, letters: list[str], buyer: User
) -> None:
    statement = reconcile("fake", DAY)
    difference = statement.differences.get(type=Difference.Type.DUPLICATE)
    notes = [f"第 {number} 人" for number in range(8)]
    results = together(*[partial(work_off, difference, by=buyer, note=note) for note in notes])
    winners = [note for note, result in zip(notes, results, strict=True) if result is None]
    assert sum(isinstance(result, DifferenceSettled) for result in results) == 7
    difference.refresh_from_db()
    assert [difference.note] == winners


def test_what_is_worked_off_during_a_run_stays_so(
    payment: Payment, letters: list[str], buyer: User
) -> None:
    statement = reconcile("fake", DAY)
    difference = statement.differences.get(type=Difference.Type.DUPLICATE)
    off = partial(work_off, difference, by=buyer, note="已核对")
    results = together(*[partial(reconcile, "fake", DAY)] * 3, off)
    assert [result for result in results if isinstance(result, Exception)] == []
    difference.refresh_from_db()
    assert (difference.state, difference.note) == ("worked_off", "已核对")
