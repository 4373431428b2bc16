"""A transfer that arrived may be sent back by the payer's bank, days later; nobody tells us."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail

from apps.core.tasks import run_command
from apps.payment.exceptions import Rejected, Unknown
from apps.payment.models import Payment, Refund
from apps.payment.services import try_refund
from apps.users.models import User
from tests.payment.fake_gateway import Bank, FakeGateway
from tests.payment.refunding.conftest import SENT, books, replace

pytestmark = pytest.mark.django_db

ASKED = "payout_query"


@pytest.fixture
def transfer(ask: Callable, bank: Bank, stranger: User, later: Callable) -> Refund:
    """30.00 of 110.00, arrived."""
    bank.before[SENT] = [Rejected("40004", "ACQ.TRADE_HAS_FINISHED", "")]
    failed = try_refund(ask())
    later(timedelta(seconds=3))
    transfer = try_refund(replace(failed, stranger))
    assert transfer.state == "succeeded"
    bank.calls.clear()
    return transfer


@pytest.fixture
def a_day_later(later: Callable) -> Callable[[], None]:
    def a_day_later() -> None:
        later(timedelta(days=1))
        run_command("reconcile_due")

    return a_day_later


def test_it_fails_frees_its_amount_and_alarms(
    transfer: Refund,
    bank: Bank,
    paid: Payment,
    stranger: User,
    a_day_later: Callable,
    operators: None,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    a_day_later()
    assert books(paid) == (30, ["failed", "succeeded"])
    bank.refunds[transfer.out_request_no] = "FAILED"
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            a_day_later()
    assert books(paid) == (0, ["failed", "failed"])
    letters = [each for each in mail.outbox if transfer.out_request_no in each.subject]
    assert len(letters) == 1
    transfer.refresh_from_db()
    assert (transfer.answer, transfer.succeeded_at) == ("FAILED", None)
    assert transfer.events.order_by("pk").last().payload == {"status": "FAILED"}
    replace(transfer, stranger, note="现金")
    assert books(paid) == (30, ["failed", "failed", "succeeded"])


def test_it_is_asked_after_daily_for_some_days(
    transfer: Refund, bank: Bank, later: Callable, a_day_later: Callable
) -> None:
    for _ in range(20):
        a_day_later()
        later(timedelta(hours=-1))
        run_command("reconcile_due")
        later(timedelta(hours=1))
    assert bank.calls.count(ASKED) == 15


@pytest.mark.parametrize("answer", [Unknown("time-out"), None], ids=["unclear", "not known"])
def test_only_the_providers_word_undoes_it(
    transfer: Refund, bank: Bank, paid: Payment, a_day_later: Callable, answer: Exception | None
) -> None:
    if answer:
        bank.before[ASKED] = [answer]
    else:
        bank.refunds.pop(transfer.out_request_no)
    a_day_later()
    assert bank.calls.count(ASKED) == 1
    assert books(paid) == (30, ["failed", "succeeded"])


@pytest.mark.parametrize(
    ("answer", "verdict"), [("25.00", "wrong_amount"), (None, "unknown_refund")]
)
def test_an_answer_that_cannot_be_believed_alarms_once(
    transfer: Refund,
    bank: Bank,
    paid: Payment,
    a_day_later: Callable,
    operators: None,
    django_capture_on_commit_callbacks: Callable,
    answer: str | None,
    verdict: str,
) -> None:
    if answer:
        bank.refunds[transfer.out_request_no] = "FAILED"
        bank.amounts[transfer.out_request_no] = Decimal(answer)
    else:
        bank.refunds.pop(transfer.out_request_no)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            a_day_later()
    letters = [each for each in mail.outbox if transfer.out_request_no in each.subject]
    assert (len(letters), bank.calls.count(ASKED)) == (1, 2)
    assert transfer.events.filter(verdict=verdict).count() == 1
    assert books(paid) == (30, ["failed", "succeeded"])


def test_another_account_is_not_asked(
    transfer: Refund, bank: Bank, a_day_later: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeGateway, "account", "merchant-2")
    a_day_later()
    assert bank.calls == []
