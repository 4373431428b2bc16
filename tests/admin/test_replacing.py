"""The page on which what failed is given back otherwise: by transfer or by hand, and once."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from apps.payment.models import Payment, Refund
from apps.payment.services import request_refund, try_refund
from tests.admin.money import clerk, paid, said
from tests.factories import UserFactory
from tests.payment.fake_gateway import Bank, FakeGateway, open_banks
from tests.world import unchanged

pytestmark = pytest.mark.django_db

BY_HAND = {"by_hand": "x", "note": "柜台现金"}
PAY_OUT = {"pay_out": "x"}
WAYS = pytest.mark.parametrize("way", [BY_HAND, PAY_OUT], ids=["by hand", "transfer"])


@pytest.fixture
def bank() -> Iterator[Bank]:
    bank = Bank()
    with open_banks(bank):
        yield bank


@pytest.fixture
def failed(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Refund:
    """20.00 of 60.00; the next one succeeds."""
    monkeypatch.setattr(FakeGateway, "refund_pause", 0)
    bank.next_refund = "FAILED"
    refund = refund_of(paid(bank), "20.00")
    bank.next_refund = "DONE"
    return refund


@pytest.fixture
def page(failed: Refund) -> str:
    return f"/admin/payment/refund/{failed.pk}/replace/"


def refund_of(payment: Payment, amount: str) -> Refund:
    operator = UserFactory()
    asked = {"amount": Decimal(amount), "reason": "包装破损", "by": operator}
    return try_refund(request_refund(payment.order_id, **asked))


def filled(client: Client, page: str, **written: Any) -> dict[str, Any]:
    """What a browser sends of the page as it is drawn now."""
    return {"seen": str(client.get(page).context["form"]["seen"].value()), **written}


def test_a_failed_refund_leads_to_the_page(desk: Client, failed: Refund, page: str) -> None:
    link = f'<a href="{page}">以其他方式退还</a>'
    change = f"/admin/payment/refund/{failed.pk}/change/"
    assert link in desk.get(change).content.decode()
    assert link not in clerk("view_refund").get(change).content.decode()
    Refund.objects.update(state="succeeded")
    assert link not in desk.get(change).content.decode()


def test_the_buttons_name_the_amount(
    desk: Client, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand, transfer = "登记已人工退还 20.00 元", "转账 20.00 元至付款人账户"
    drawn = desk.get(page).content.decode()
    assert by_hand in drawn
    assert transfer in drawn
    monkeypatch.setattr(FakeGateway, "pays_out", False)
    drawn = desk.get(page).content.decode()
    assert by_hand in drawn
    assert transfer not in drawn


def test_it_is_paid_out_once(desk: Client, failed: Refund, page: str, bank: Bank) -> None:
    form = filled(desk, page, **PAY_OUT)
    answer = desk.post(page, form, follow=True)
    assert said(answer) == [f"{failed}: {failed.payment}R02 已退款 DONE"]
    assert "R02 已经替代" in desk.post(page, form).content.decode()
    transfer = Refund.objects.get(channel="payout")
    assert (str(transfer.amount), transfer.requested_by.username) == ("20.00", "operator")
    assert bank.calls == ["refund", "refund_query", "pay_out"]
    entry = LogEntry.objects.first()
    assert entry.change_message == f"转账退款: {transfer} 已退款 DONE"


def test_it_is_given_back_by_hand_once(desk: Client, failed: Refund, page: str) -> None:
    form = filled(desk, page, **BY_HAND)
    answer = desk.post(page, form, follow=True)
    assert said(answer) == [f"{failed}: {failed.payment}R02 已退款"]
    with unchanged():
        assert "R02 已经替代" in desk.post(page, form).content.decode()
    by_hand = Refund.objects.get(channel="cash")
    assert (str(by_hand.amount), by_hand.requested_by.username) == ("20.00", "operator")
    entry = LogEntry.objects.first()
    assert (entry.user.username, entry.object_id) == ("operator", str(failed.pk))
    assert entry.change_message == f"人工退还（柜台现金）: {by_hand} 已退款"


@WAYS
def test_later_refunds_were_for_something_else_or_nothing_goes_back(
    desk: Client, failed: Refund, page: str, way: dict
) -> None:
    anew = refund_of(failed.payment, "20.00")
    form = filled(desk, page, **way)
    with unchanged():
        answer = desk.post(page, form)
    assert answer.context["form"].errors == {
        "despite": ["此后已有该支付单的其他退款，请确认它们另有原因。"]
    }
    drawn = answer.content.decode()
    assert f"{anew}: 20.00 已退款 包装破损" in drawn
    assert ("柜台现金" in drawn) is ("note" in way)
    desk.post(page, form | {"despite": [anew.out_request_no]})
    assert Payment.objects.get().refunded_amount == 40


@WAYS
def test_who_looked_before_another_operator_looks_again(
    desk: Client, failed: Refund, page: str, way: dict
) -> None:
    form = filled(desk, page, **way)
    refund_of(failed.payment, "20.00")
    with unchanged():
        answer = desk.post(page, form)
    assert "此期间已有其他退款，请重新核对金额。" in answer.content.decode()
    assert str(answer.context["form"]["seen"].value()) == "20.00"


def test_what_arrived_after_all(desk: Client, failed: Refund, page: str, bank: Bank) -> None:
    bank.refunds[failed.out_request_no] = "DONE"
    answer = desk.post(page, filled(desk, page, **PAY_OUT))
    assert "支付渠道并未表示该退款已失败。" in answer.content.decode()
    assert Refund.objects.get().state == "succeeded"


@pytest.mark.parametrize("note", ["", " ", "长" * 501])
def test_how_it_was_given_back_must_be_noted(desk: Client, page: str, note: str) -> None:
    with unchanged():
        answer = desk.post(page, filled(desk, page, by_hand="x", note=note))
    assert list(answer.context["form"].errors) == ["note"]


def test_who_may_only_look_gives_nothing_back(desk: Client, page: str) -> None:
    form = filled(desk, page, **BY_HAND)
    reader = clerk("view_refund", "change_refund")
    with unchanged():
        assert reader.get(page).status_code == 403
        assert reader.post(page, form).status_code == 403
