"""The page on which an operator refunds: however it is clicked, what goes back is what was meant."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from apps.payment.exceptions import Rejected, Unknown
from apps.payment.models import Payment, Refund
from tests.admin.money import attempt, clerk, paid, said
from tests.payment.fake_gateway import Bank, open_banks
from tests.world import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> Iterator[Bank]:
    bank = Bank()
    with open_banks(bank):
        yield bank


@pytest.fixture
def payment(bank: Bank) -> Payment:
    """60.00, of which nothing was refunded."""
    return paid(bank)


@pytest.fixture
def page(payment: Payment) -> str:
    return f"/admin/payment/payment/{payment.pk}/refund/"


def filled(client: Client, page: str, **changed: Any) -> dict[str, Any]:
    """What a browser sends of the form as it is drawn now, with these fields changed, and of the confirmation."""
    form = client.get(page).context["form"]
    drawn = {field.name: field.value() for field in form}
    return {**drawn, "reason": "包装破损", "confirmed": "x", **changed}


def errors(answer: Any) -> list[str]:
    """What is said of the amount."""
    said: list[str] = answer.context["form"].errors["amount"]
    return said


def refunded() -> str:
    return str(Payment.objects.get().refunded_amount)


def test_a_paid_payment_leads_to_the_page(desk: Client, payment: Payment, page: str) -> None:
    link = f'<a href="{page}">发起退款</a>'
    change = f"/admin/payment/payment/{payment.pk}/change/"
    assert link in desk.get(change).content.decode()
    assert link not in clerk("view_payment").get(change).content.decode()
    assert 'href="/admin/payment/refund/"' in desk.get(change).content.decode()
    Payment.objects.update(state="closed", settles=None)
    assert link not in desk.get(change).content.decode()


def test_what_is_left_is_offered_beside_what_went_back(desk: Client, page: str) -> None:
    assert str(filled(desk, page)["amount"]) == "60.00"
    desk.post(page, filled(desk, page, amount="20.50"))
    assert str(filled(desk, page)["amount"]) == "39.50"
    html = desk.get(page).content.decode()
    assert "20.50 已退款 包装破损" in html


def test_a_part_goes_back(desk: Client, page: str, payment: Payment, bank: Bank) -> None:
    answer = desk.post(page, filled(desk, page, amount="20.00"), follow=True)
    assert answer.redirect_chain == [(f"/admin/payment/payment/{payment.pk}/change/", 302)]
    assert said(answer) == [f"{payment}R01: 20.00 已退款"]
    assert str(bank.returned(payment.out_trade_no)) == "20.00"
    refund = Refund.objects.get()
    assert (refund.requested_by.username, refund.reason) == ("operator", "包装破损")
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_id) == ("operator", str(payment.pk))
    assert entry.change_message == f"退款 {payment}R01 已退款（包装破损）"


def test_before_it_goes_back_the_amount_is_confirmed(desk: Client, page: str, bank: Bank) -> None:
    form = filled(desk, page, amount="20.00")
    del form["confirmed"]
    with unchanged():
        drawn = desk.post(page, form).content.decode()
    assert "20.00 元将通过 假银行 退还给买家：包装破损" in drawn
    assert 'name="confirmed" value="退款 20.00 元"' in drawn
    assert bank.calls == []
    with unchanged():
        again = desk.post(page, form | {"again": "x"})
    assert 'value="20.00"' in again.content.decode()
    assert "confirmed" not in again.content.decode()


@pytest.mark.parametrize("confirmed", [{"confirmed": "x"}, {}], ids=["confirmed", "at once"])
def test_what_was_typed_stays_when_it_is_refused(desk: Client, page: str, confirmed: dict) -> None:
    form = filled(desk, page, amount="99999.00")
    del form["confirmed"]
    with unchanged():
        answer = desk.post(page, form | confirmed)
    assert errors(answer) == ["退款金额超过可退余额。"]
    drawn = answer.content.decode()
    assert 'value="99999.00"' in drawn
    assert 'max="60.00"' in drawn
    assert 'value="包装破损"' in drawn


def test_one_that_waits_says_why_and_until_when(desk: Client, page: str) -> None:
    """The bank wants three seconds between two refunds of one payment."""
    desk.post(page, filled(desk, page, amount="20.00"))
    answer = desk.post(page, filled(desk, page, amount="20.00"), follow=True)
    waiting = Refund.objects.first()
    at = timezone.localtime(waiting.next_try_at).strftime("%Y-%m-%d %H:%M:%S")
    why = f"支付渠道要求两次退款之间有间隔，将于 {at} 自动发送。"
    assert said(answer)[-1:] == [f"{waiting}: 20.00 已申请 {why}"]
    assert why in answer.content.decode()
    assert why in desk.get("/admin/payment/refund/").content.decode()


def test_one_for_which_there_is_no_money_says_that_it_is_tried_again(
    desk: Client, page: str, bank: Bank
) -> None:
    bank.before["refund"] = [Rejected("40004", "NO_BALANCE", "余额不足", is_temporary=True)]
    (told,) = said(desk.post(page, filled(desk, page), follow=True))
    waiting = Refund.objects.get()
    at = timezone.localtime(waiting.next_try_at).strftime("%Y-%m-%d %H:%M:%S")
    assert told == f"{waiting}: 60.00 已申请 40004 NO_BALANCE: 余额不足 将于 {at} 自动重试。"
    Refund.objects.update(next_try_at=timezone.now())
    assert (
        "即将自动处理。" in desk.get(f"/admin/payment/refund/{waiting.pk}/change/").content.decode()
    )


def test_a_double_click_refunds_once(desk: Client, page: str, bank: Bank) -> None:
    form = filled(desk, page, amount="20.00")
    for _ in range(2):
        assert desk.post(page, form).status_code == 302
    assert refunded() == "20.00"
    assert bank.calls == ["refund"]


def test_the_back_button_and_another_amount(desk: Client, page: str) -> None:
    form = filled(desk, page, amount="20.00")
    desk.post(page, form)
    with unchanged():
        answer = desk.post(page, form | {"amount": "30.00"})
    assert errors(answer) == ["此期间已有其他退款，请重新核对金额。"]
    assert refunded() == "20.00"


def test_of_two_operators_the_second_looks_again(desk: Client, page: str, bank: Bank) -> None:
    another = clerk("view_payment", "add_refund", "view_amounts")
    first, second = filled(desk, page, amount="20.00"), filled(another, page, amount="20.00")
    desk.post(page, first)
    with unchanged():
        answer = another.post(page, second)
    assert errors(answer) == ["此期间已有其他退款，请重新核对金额。"]
    assert str(answer.context["form"]["amount"].value()) == "20.00"
    assert bank.calls == ["refund"]
    another.post(page, filled(another, page, amount="20.00"))
    assert refunded() == "40.00"


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": "60.01"},
        {"amount": "0"},
        {"amount": "0.00"},
        {"amount": "-1"},
        {"amount": "0.001"},
        {"amount": "NaN"},
        {"amount": "1e9"},
        {"amount": ""},
        {"reason": ""},
        {"reason": "x" * 81},
        {"reason": "a\x00b"},
        {"seen": ""},
        {"seen": "x"},
        {"key": ""},
        {"key": "k" * 65},
    ],
    ids=str,
)
def test_what_cannot_be_meant(desk: Client, page: str, bank: Bank, changed: dict) -> None:
    form = filled(desk, page, amount="20.00")
    with unchanged():
        assert desk.post(page, form | changed).status_code == 200
    assert bank.calls == []


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Unknown("time-out"), "60.00 结果未知 time-out"),
        (
            Rejected("40004", "ACQ.TRADE_HAS_FINISHED", "已完结"),
            "60.00 失败 ACQ.TRADE_HAS_FINISHED",
        ),
    ],
    ids=["unknown", "failed"],
)
def test_what_the_provider_says_is_shown(
    desk: Client, page: str, bank: Bank, payment: Payment, failure: Exception, words: str
) -> None:
    bank.before["refund"] = [failure]
    answer = desk.post(page, filled(desk, page), follow=True)
    (told,) = said(answer)
    assert told.startswith(f"{payment}R01: {words}")


def test_surplus_is_refunded_apart_from_what_settled_the_order(
    desk: Client, page: str, payment: Payment, bank: Bank
) -> None:
    Payment.objects.update(state="surplus", settles=None)
    desk.post(page, filled(desk, page))
    assert str(bank.returned(payment.out_trade_no)) == "60.00"


def test_unpaid_there_is_nothing_to_refund(desk: Client, bank: Bank) -> None:
    page = f"/admin/payment/payment/{attempt().pk}/refund/"
    form = filled(desk, page, amount="1.00", key="k")
    with unchanged():
        answer = desk.post(page, form)
    assert errors(answer) == ["退款金额超过可退余额。"]
    assert "退款金额超过可退余额。" in answer.content.decode()
    assert "没有可退的金额。" in desk.get(page).content.decode()


def test_who_may_only_look_refunds_nothing(desk: Client, page: str, bank: Bank) -> None:
    form = filled(desk, page, amount="20.00")
    for rights in (["view_payment"], ["view_payment", "change_payment", "view_refund"]):
        onlooker = clerk(*rights)
        with unchanged():
            assert onlooker.get(page).status_code == 403
            assert onlooker.post(page, form).status_code == 403
    assert Client().post(page, form).status_code == 302
    assert bank.calls == []


def test_from_another_site_nothing_is_refunded(
    page: str, payment: Payment, bank: Bank, operator: Any
) -> None:
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(operator)
    with unchanged():
        body = {"amount": "1.00", "reason": "x", "seen": "0.00", "key": "k"}
        assert guarded.post(page, body).status_code == 403


def test_a_payment_that_is_none(desk: Client) -> None:
    assert desk.get("/admin/payment/payment/999/refund/").status_code == 404
