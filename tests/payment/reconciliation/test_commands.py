from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.payment.models import Payment, Statement
from apps.users.models import User
from tests.payment.reconciliation.fake import DAY, FakeGateway, noon, paid_line, payment_of
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(buyer: User) -> Payment:
    return payment_of(buyer, "P1", paid_at=noon())


def say(*args: str) -> str:
    out = StringIO()
    call_command("reconcile", *args, stdout=out)
    return out.getvalue()


def test_yesterday_of_every_provider(fake: FakeGateway, payment: Payment) -> None:
    fake.bills[DAY] = [paid_line(payment)]
    assert say() == (
        f"fake {DAY}: 1 payments, 110.00 (ours: 1, 110.00); 0 refunds, 0.00 (ours: 0, 0.00); "
        "fees 0.66 (expected: 0.66)\n"
    )


def test_a_day_and_a_provider(fake: FakeGateway) -> None:
    fake.bills[date(2026, 1, 2)] = []
    say("--date", "2026-01-02", "--provider", "fake")
    assert Statement.objects.get().day == date(2026, 1, 2)


def test_todays_bill_so_far_if_it_is_wanted(fake: FakeGateway, payment: Payment) -> None:
    today = DAY + timedelta(days=1)
    fake.bills[today] = []
    say("--date", str(today), "--early")
    assert Statement.objects.get().state == "done"


@pytest.mark.parametrize(("days", "args"), [(1, []), (2, ["--early"])], ids=["today", "tomorrow"])
def test_a_day_that_is_not_over(
    fake: FakeGateway, payment: Payment, days: int, args: list[str]
) -> None:
    day = DAY + timedelta(days=days)
    with unchanged(), pytest.raises(CommandError, match=f"^{day} is not over in Beijing"):
        say("--date", str(day), *args)
    assert fake.asked == []


def test_what_is_no_date_says_what_is_one(fake: FakeGateway) -> None:
    with pytest.raises(CommandError, match="foo is no day: YYYY-MM-DD"):
        say("--date", "foo")


def test_nothing_to_compare(fake: FakeGateway) -> None:
    assert say() == "Nobody has paid through any provider yet.\n"


def test_waiting_differences_are_shown_and_do_no_harm(fake: FakeGateway, payment: Payment) -> None:
    fake.bills[DAY] = []
    assert "  waiting ours_only payment P1 : ours 110.00, theirs None\n" in say()


def test_open_differences_fail_it(fake: FakeGateway, payment: Payment) -> None:
    fake.bills[DAY] = [paid_line(payment), paid_line(payment, out_trade_no="X1")]
    with pytest.raises(CommandError, match=f"^fake {DAY}: 1 differences are to be worked off.$"):
        say()


def test_a_missing_bill_fails_it(fake: FakeGateway, payment: Payment) -> None:
    with pytest.raises(CommandError, match="cannot be had. BillNotReady: no bill of 2026-11-22"):
        say()


@pytest.mark.parametrize("args", [["--date", "2026-02-30"], ["--provider", "paypal"]])
def test_what_there_is_not(fake: FakeGateway, args: list[str]) -> None:
    with pytest.raises(CommandError):
        say(*args)
    assert fake.asked == []
