"""What a buyer reads of his money: that it went back once it has, not when somebody wrote so."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from apps.after_sales import services
from apps.after_sales.models import AfterSale
from apps.after_sales.selectors import after_sale_differences
from apps.notifications.models import Event, Message, Template
from apps.orders.models import OrderInfo
from apps.payment.models import Payment, Refund
from apps.payment.services import cancel_paid_order, cancel_unsettled_order
from apps.payment.services.refund_effects import fail
from apps.payment.services.refund_requests import hand_over, request_refund, write_refund
from apps.users.models import User
from tests.after_sales.conftest import PATH

pytestmark = pytest.mark.django_db


@pytest.fixture
def refunded(ask: Callable, operator: User) -> AfterSale:
    """Granted, of an order that was paid on line; the provider has not been told of the refund."""
    Payment.objects.update(provider="alipay")
    after_sale = AfterSale.objects.get(pk=ask(kind="refund").json()["id"])
    return services.approve(after_sale.pk, by=operator)


def shown(shop: APIClient, after_sale: AfterSale) -> tuple[str, str]:
    one = shop.get(f"{PATH}{after_sale.pk}/").json()
    [listed] = shop.get(PATH).json()["results"]
    assert listed == one
    return one["state"], one["state_text"]


def in_place_of(refund: Refund, key: str, operator: User) -> Refund:
    return write_refund(
        Payment.objects.get(),
        refund.amount,
        cause=refund.cause,
        reason=refund.reason,
        by=operator,
        request_key=key,
    )


def failed(after_sale: AfterSale) -> Refund:
    refund = Refund.objects.get(pk=after_sale.refund_id)
    fail(refund)
    return refund


UNDER_WAY = ("refunding", "退款中")
ARRIVED = ("refunded", "已退款")
FAILED = ("refund_failed", "退款失败，商家处理中")


@pytest.mark.parametrize("state", Refund.UNFINISHED)
def test_under_way(state: str, shop: APIClient, refunded: AfterSale) -> None:
    Refund.objects.update(state=state)
    assert shown(shop, refunded) == UNDER_WAY
    told = shop.post(f"{PATH}{refunded.pk}/withdraw/").json()
    assert (told["code"], told["state"]) == ("after_sale_wrong_state", "refunding")
    call_command("audit")


def test_arrived(shop: APIClient, refunded: AfterSale, operator: User) -> None:
    hand_over(Refund.objects.get(), operator)
    assert shown(shop, refunded) == ARRIVED


def test_failed(shop: APIClient, refunded: AfterSale) -> None:
    refund = failed(refunded)
    assert shown(shop, refunded) == FAILED
    left = shop.get(f"/api/v1/orders/{refunded.order_id}/after_sales/").json()
    assert left["refundable_amount"] == "150.00", "what failed is owed, not left"
    assert list(after_sale_differences()) == [
        f"after-sale {refunded}: refund {refund} failed, and there is none in its place"
    ]
    with pytest.raises(CommandError):
        call_command("audit")


def test_what_comes_in_place_of_the_failed_one_counts(
    shop: APIClient, refunded: AfterSale, operator: User
) -> None:
    first = failed(refunded)
    transfer = in_place_of(first, f"payout:{first}", operator)
    assert shown(shop, refunded) == UNDER_WAY
    fail(transfer)
    assert shown(shop, refunded) == FAILED
    hand_over(in_place_of(first, f"by-hand:{first}", operator), operator)
    assert shown(shop, refunded) == ARRIVED
    assert not list(after_sale_differences())


def test_another_refund_of_the_payment_does_not(
    shop: APIClient, refunded: AfterSale, operator: User
) -> None:
    first = failed(refunded)
    hand_over(in_place_of(first, "something else", operator), operator)
    assert shown(shop, refunded) == FAILED


def test_the_list_asks_no_more_for_more_requests(
    shop: APIClient,
    ask: Callable,
    refunded: AfterSale,
    operator: User,
    django_assert_num_queries: Any,
) -> None:
    with CaptureQueriesContext(connection) as of_one:
        shop.get(PATH)
        asked = len(of_one)
    services.approve(ask(kind="refund").json()["id"], by=operator)
    with django_assert_num_queries(asked):
        assert shop.get(PATH).json()["count"] == 2


def test_the_back_office_says_so_as_well(refunded: AfterSale, desk: Client) -> None:
    failed(refunded)
    pages = [
        reverse("admin:after_sales_aftersale_changelist"),
        reverse("admin:after_sales_aftersale_change", args=[refunded.pk]),
        reverse("admin:orders_orderinfo_change", args=[refunded.order_id]),
    ]
    for page in pages:
        assert FAILED[1] in desk.get(page).content.decode(), page


class TestWithItsOrder:
    """A cancellation that waits ends when an operator cancels the order by himself."""

    @pytest.mark.parametrize("is_granted", [False, True])
    def test_it_is_granted_with_that_refund(
        self, is_granted: bool, shop: APIClient, cancellation: AfterSale, operator: User
    ) -> None:
        Payment.objects.update(provider="alipay")
        if is_granted:
            services.approve(cancellation.pk, by=operator, words="好的", pays=False)
        refund = cancel_paid_order(cancellation.order_id, by=operator, reason="缺货")
        cancellation.refresh_from_db()
        assert (cancellation.state, cancellation.refund) == ("refunded", refund)
        assert cancellation.amount_approved == Decimal("200.00")
        assert shown(shop, cancellation) == UNDER_WAY
        answer = shop.get(f"{PATH}{cancellation.pk}/").json()["answer"]
        assert answer == ("好的" if is_granted else "缺货")
        assert list(cancellation.events.values_list("to_state", flat=True)) == [
            "requested",
            "approved",
            "refunded",
        ]
        call_command("audit")

    def test_the_buyer_is_told_once(self, cancellation: AfterSale, operator: User) -> None:
        Template.objects.all().delete()
        for event in (Event.ORDER_CANCELED, Event.AFTER_SALE_DECIDED):
            Template.objects.create(
                event=event, channel="sms", title=event, text="x", sms_template="S", is_active=True
            )
        cancel_paid_order(cancellation.order_id, by=operator, reason="缺货")
        assert [each.event for each in Message.objects.all()] == ["order_canceled"]

    @pytest.mark.parametrize("cancel", [cancel_paid_order, cancel_unsettled_order])
    def test_nothing_was_left_to_refund(
        self, cancel: Callable, cancellation: AfterSale, operator: User, shop: APIClient
    ) -> None:
        request_refund(
            cancellation.order_id, amount=Decimal("200.00"), reason="协商退款", by=operator
        )
        cancel(cancellation.order_id, by=operator, reason="缺货")
        cancellation.refresh_from_db()
        assert (cancellation.amount_approved, cancellation.refund) == (Decimal("0.00"), None)
        assert shown(shop, cancellation) == ARRIVED
        call_command("audit")

    def test_what_has_ended_stays(self, cancellation: AfterSale, operator: User) -> None:
        services.reject(cancellation.pk, by=operator, words="已打包")
        cancel_paid_order(cancellation.order_id, by=operator, reason="缺货")
        cancellation.refresh_from_db()
        assert cancellation.state == "rejected"


def test_the_orders_page_says_what_holds_it_and_offers_no_shipping(
    cancellation: AfterSale, waiting: OrderInfo, desk: Client
) -> None:
    page = reverse("admin:orders_orderinfo_change", args=[waiting.pk])
    ship = reverse("admin:orders_orderinfo_ship", args=[waiting.pk])
    link = reverse("admin:after_sales_aftersale_change", args=[cancellation.pk])
    held = desk.get(page).content.decode()
    assert ship not in held
    assert f'<a href="{link}">{cancellation}</a>' in held
    cancellation.delete()
    free = desk.get(page).content.decode()
    assert ship in free
    assert link not in free
