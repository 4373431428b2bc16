"""Cash goes back when somebody has handed it over, not when it was granted."""

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.after_sales import services
from apps.after_sales.models import AfterSale
from apps.notifications.models import Event, Message, Template
from apps.payment.exceptions import NotToBeHandedOver
from apps.payment.models import PaymentEvent, Refund
from apps.payment.services import confirm_handed_over, retry_refund, send_due_refunds
from apps.users.models import User
from tests.after_sales.conftest import PATH
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["cancellation", "returned"])
def granted(request: pytest.FixtureRequest, operator: User) -> AfterSale:
    Template.objects.all().delete()
    Template.objects.create(
        event=Event.ORDER_REFUNDED,
        channel="sms",
        title="x",
        text="x",
        sms_template="S",
        is_active=True,
    )
    after_sale: AfterSale = request.getfixturevalue(request.param)
    after_sale = services.approve(after_sale.pk, by=operator)
    if after_sale.kind == "return":
        services.receive_goods(after_sale.pk, sellable={after_sale.lines.get().pk: 1}, by=operator)
        after_sale = services.refund_approved(after_sale.pk, by=operator)
    return after_sale


def test_granted_is_not_handed_over(granted: AfterSale, shop: APIClient) -> None:
    refund = Refund.objects.get()
    assert (refund.state, refund.channel, refund.succeeded_at) == ("requested", "cash", None)
    assert shop.get(f"{PATH}{granted.pk}/").json()["state"] == "refunding"
    assert not PaymentEvent.objects.filter(refund=refund).exists()
    assert not Message.objects.exists()
    call_command("audit")


def test_no_provider_is_asked(granted: AfterSale) -> None:
    with unchanged():
        assert send_due_refunds() == 0
        assert retry_refund(Refund.objects.get()).tries == 0


def test_who_has_handed_it_over_says_so_once(
    granted: AfterSale, desk: Client, operator: User, shop: APIClient
) -> None:
    page = reverse("admin:after_sales_aftersale_cash", args=[granted.pk])
    change = reverse("admin:after_sales_aftersale_change", args=[granted.pk])
    assert "../cash/" in desk.get(change).content.decode()
    answer = desk.post(page, follow=True)
    assert "已退款" in answer.content.decode()
    refund = Refund.objects.get()
    assert (refund.state, refund.amount) == ("succeeded", granted.amount_approved)
    assert PaymentEvent.objects.get(refund=refund).payload["by"] == operator.pk
    assert shop.get(f"{PATH}{granted.pk}/").json()["state"] == "refunded"
    assert Message.objects.count() == 1
    assert "../cash/" not in desk.get(change).content.decode()
    with unchanged(), pytest.raises(NotToBeHandedOver):
        confirm_handed_over(refund.pk, by=operator)
    call_command("audit")


def test_nothing_to_hand_over(returned: AfterSale, operator: User) -> None:
    with unchanged(), pytest.raises(NotToBeHandedOver):
        services.confirm_cash(returned.pk, by=operator)


def test_what_goes_back_on_line_is_not_handed_over(granted: AfterSale, operator: User) -> None:
    Refund.objects.update(channel="original")
    with unchanged(), pytest.raises(NotToBeHandedOver):
        services.confirm_cash(granted.pk, by=operator)
    assert granted.amount_approved in {Decimal("50.00"), Decimal("200.00")}
