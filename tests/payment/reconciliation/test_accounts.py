"""A merchant changes accounts: a bill is compared with the books of the account it is of, and of no other."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from apps.payment.models import Payment, Statement
from apps.payment.services.reconciliation import reconcile, reconcile_due
from apps.users.models import User
from tests.factories import UserFactory
from tests.payment.reconciliation.conftest import found
from tests.payment.reconciliation.fake import DAY, FakeGateway, after, noon, paid_line, payment_of

pytestmark = pytest.mark.django_db

OLD, NEW = "1900000001", "1900000002"


@pytest.fixture
def payment(buyer: User, clock: Callable) -> Payment:
    """Paid to the old account on DAY."""
    clock(noon())
    payment = payment_of(buyer, "P1", paid_at=noon())
    clock(after(0))
    return payment


@pytest.fixture
def statement(fake: FakeGateway, payment: Payment) -> Statement:
    """Compared while the settings named the old account; they name the new one now."""
    fake.bills[DAY] = [paid_line(payment)]
    statement = reconcile("fake", DAY)
    fake.account = NEW
    fake.asked.clear()
    return statement


def test_an_old_statement_is_not_compared_with_the_new_bill(
    fake: FakeGateway, statement: Statement
) -> None:
    refused = reconcile("fake", DAY, account=OLD)
    assert (refused.pk, refused.state, fake.asked) == (statement.pk, "done", [])
    assert OLD in refused.error
    assert NEW in refused.error
    assert found(statement) == []
    assert Statement.objects.count() == 1


def test_days_left_behind_are_missed_and_told_once(
    fake: FakeGateway,
    payment: Payment,
    clock: Callable,
    settings: object,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    settings.ADMINS = [("", "operator@example.com")]
    fake.account = NEW
    for days_later in [0, 1]:
        clock(after(days_later))
        with django_capture_on_commit_callbacks(execute=True):
            reconcile_due()
    missed = Statement.objects.get()
    assert (missed.account, missed.day, missed.state) == (OLD, DAY, "failed")
    (letter,) = mail.outbox
    assert OLD in letter.body
    assert NEW in letter.body
    fake.account = OLD
    fake.bills[DAY] = [paid_line(payment)]
    reconcile_due()
    missed.refresh_from_db()
    assert (missed.state, missed.error) == ("done", "")


def test_what_waits_for_bills_of_the_old_account_does_not_wait_for_ever(
    fake: FakeGateway, payment: Payment, clock: Callable
) -> None:
    fake.bills[DAY] = []
    statement = reconcile("fake", DAY)
    fake.account = NEW
    clock(after(4))
    reconcile_due()
    assert found(statement) == [("payment", "ours_only", "P1", "open")]


class TestAdmin:
    @pytest.fixture
    def clock(self) -> Callable:
        """The real one: sessions look at it."""
        return lambda moment: None

    def test_reconciling_again_says_which_accounts(
        self, fake: FakeGateway, statement: Statement
    ) -> None:
        client = Client()
        client.force_login(UserFactory(is_staff=True, is_superuser=True))
        again = {"action": "reconcile_again", "_selected_action": [statement.pk]}
        answer = client.post("/admin/payment/statement/", again, follow=True)
        (said,) = answer.context["messages"]
        assert (said.level_tag, OLD in said.message, NEW in said.message) == ("error", True, True)
        assert Statement.objects.count() == 1
        assert fake.asked == []
