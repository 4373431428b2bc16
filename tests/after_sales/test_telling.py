"""A buyer hears what was decided: where he has proved to be, not where the parcel went."""

from collections.abc import Callable

import pytest

from apps.after_sales import services
from apps.after_sales.models import AfterSale
from apps.notifications.models import Event, Message, Template
from apps.users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything_is_on(db: None) -> None:
    Template.objects.all().delete()
    for channel in ("sms", "email"):
        Template.objects.create(
            event=Event.AFTER_SALE_DECIDED,
            channel=channel,
            title="x",
            text="{order_id} {decision} {reason}",
            sms_template="S",
            is_active=True,
        )


def receivers() -> set[tuple[str, str]]:
    return set(Message.objects.values_list("channel", "receiver"))


@pytest.mark.parametrize("decide", [services.approve, services.reject, services.settle_otherwise])
@pytest.mark.parametrize("is_verified", [True, False])
def test_what_was_decided(
    decide: Callable, is_verified: bool, returned: AfterSale, operator: User, buyer: User
) -> None:
    User.objects.filter(pk=buyer.pk).update(email="w@example.com", email_active=is_verified)
    assert returned.order.mobile != buyer.mobile
    decide(returned.pk, by=operator, words="好的")
    told = {("sms", buyer.mobile)} | ({("email", "w@example.com")} if is_verified else set())
    assert receivers() == told
    assert set(Message.objects.values_list("subject", flat=True)) == {returned.order_id}
    decision = {"approve": "已同意", "reject": "已拒绝"}.get(decide.__name__, "已另行处理")
    said = f"{returned.order_id} {decision} 好的"
    assert set(Message.objects.values_list("body", flat=True)) == {said}, "in the buyer's language"
