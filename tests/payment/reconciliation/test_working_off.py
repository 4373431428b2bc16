import pytest
from django.utils import timezone

from apps.payment.exceptions import DifferenceSettled, NoteMissing
from apps.payment.models import Difference, Statement
from apps.payment.services.reconciliation import work_off
from apps.users.models import User
from tests.payment.reconciliation.fake import DAY
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def difference() -> Difference:
    statement = Statement.objects.create(provider="fake", account="1", day=DAY)
    return Difference.objects.create(statement=statement, kind="payment", type="fee", key="k")


@pytest.mark.parametrize("state", ["waiting", "open"])
def test_who_did_what_and_when_is_recorded(difference: Difference, buyer: User, state: str) -> None:
    Difference.objects.update(state=state)
    before = timezone.now()
    work_off(difference, by=buyer, note="  费率已更正 ")
    difference.refresh_from_db()
    assert (difference.state, difference.note) == ("worked_off", "费率已更正")
    assert difference.worked_off_by == buyer
    assert before <= difference.worked_off_at <= timezone.now()


@pytest.mark.parametrize("note", ["", " \n", "x" * 501])
def test_without_a_note_nothing_is_worked_off(
    difference: Difference, buyer: User, note: str
) -> None:
    with unchanged(), pytest.raises(NoteMissing):
        work_off(difference, by=buyer, note=note)


@pytest.mark.parametrize("state", ["resolved", "worked_off"])
def test_what_is_settled_is_not_worked_off(difference: Difference, buyer: User, state: str) -> None:
    Difference.objects.update(state=state, note="早已处理")
    with unchanged(), pytest.raises(DifferenceSettled):
        work_off(difference, by=buyer, note="再来一次")
