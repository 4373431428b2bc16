"""An order with its money: how it was really paid, what was tried, what went back."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from apps.orders.models import OrderInfo
from apps.payment.models import Payment
from tests.admin.conftest import give_back
from tests.admin.forms import cells, change_page
from tests.admin.money import attempt, clerk, paid
from tests.payment.fake_gateway import Bank, open_banks

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/orderinfo/"


@pytest.fixture(autouse=True)
def bank() -> Iterator[Bank]:
    bank = Bank()
    with open_banks(bank):
        yield bank


def through(provider: str, product: str, payment: Payment) -> None:
    Payment.objects.filter(pk=payment.pk).update(provider=provider, product=product)


@pytest.mark.parametrize(
    ("provider", "product", "shown"),
    [
        ("wechatpay", "native", "微信支付 Native"),
        ("alipay", "qr", "支付宝 当面付扫码"),
        ("cash", "cash", "现金"),
        ("gone", "old", "gone old"),
    ],
)
def test_the_list_says_what_it_was_paid_through(
    provider: str, product: str, shown: str, desk: Client, bank: Bank
) -> None:
    through(provider, product, paid(bank))
    answer = desk.get(LIST)
    assert cells(answer, "paid_through") == [shown]
    assert cells(answer, "pay_method") == ["支付宝"]  # as the buyer chose


def test_what_was_only_tried_is_not_how_it_was_paid(desk: Client) -> None:
    attempt()
    assert cells(desk.get(LIST), "paid_through") == ["-"]


def test_the_page_leads_to_payments_and_refunds(desk: Client, bank: Bank, operator: object) -> None:
    payment = paid(bank)
    refund = give_back(payment, payment.order.user)
    html = desk.get(change_page(payment.order)).content.decode()
    assert f'href="{change_page(payment)}"' in html
    assert f'<a href="{change_page(refund)}">{refund}</a> 1.00 已申请' in html


def test_who_may_not_see_refunds_sees_none(bank: Bank) -> None:
    payment = paid(bank)
    refund = give_back(payment, payment.order.user)
    html = clerk("view_orderinfo").get(change_page(payment.order)).content.decode()
    assert str(refund) not in html
    assert change_page(payment) not in html


def test_nothing_of_it_can_be_written(desk: Client, bank: Bank) -> None:
    order: OrderInfo = paid(bank).order
    assert desk.post(change_page(order), {"status": 6}).status_code == 403


class TestThePageOfAnOrder:
    def test_leads_to_its_refund_while_something_is_left(self, desk: Client, bank: Bank) -> None:
        payment = paid(bank)
        button = f'href="/admin/payment/payment/{payment.pk}/refund/"'
        assert button in desk.get(change_page(payment.order)).content.decode()
        Payment.objects.filter(pk=payment.pk).update(refunded_amount=payment.amount)
        assert button not in desk.get(change_page(payment.order)).content.decode()

    def test_without_a_payment_it_leads_to_none(self, desk: Client) -> None:
        html = desk.get(change_page(attempt().order)).content.decode()
        assert not re.search(r'"/admin/payment/payment/\d+/refund/"', html)

    def test_before_there_is_a_parcel_no_form_asks_for_one(self, desk: Client, bank: Bank) -> None:
        html = desk.get(change_page(paid(bank).order)).content.decode()
        assert 'id="shipment-group"' in html
        assert 'name="shipment-0-number"' not in html
