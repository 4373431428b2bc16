"""What an operator reads of what the providers said: all of it, but for what is secret."""

from collections.abc import Iterator

import pytest
from django.test import Client

from apps.payment.models import Payment, PaymentEvent
from tests.admin.money import paid
from tests.payment.fake_gateway import Bank, open_banks

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> Iterator[Bank]:
    bank = Bank()
    with open_banks(bank):
        yield bank


PAYLOAD = {
    "total_amount": "60.00",
    "buyer_pay_amount": "59.00",
    "trade_status": "TRADE_SUCCESS",
    "notify_id": "n-1",
    "auth_app_id": "2021",
    "sign": "SECRET-1",
    "buyer_id": "SECRET-2",
    "buyer_open_id": "SECRET-3",
    "buyer_logon_id": "SECRET-4",
    "buyer_user_id": "SECRET-5",
    "buyer_user_name": "SECRET-11",
    "some_new_field": "SECRET-12",
    "scene_info": {"payer_client_ip": "SECRET-13", "device_id": 42},
    "trade_state_desc": "<script>alert(2)</script>",
    "resource": {"ciphertext": "SECRET-6", "nonce": "SECRET-7", "original_type": "refund"},
    "payer": {"openid": "SECRET-8"},
    "amount": {"payer_total": 6000, "total": 6000},
    "promotion_detail": [{"name": "<script>alert(1)</script>", "sub_openid": "SECRET-9"}],
    "user_received_account": "SECRET-10",
    "empty_sign": "",
}


def test_what_was_received_is_shown_without_secrets(desk: Client, bank: Bank) -> None:
    paid(bank)
    PaymentEvent.objects.update(payload=PAYLOAD)
    page = f"/admin/payment/paymentevent/{PaymentEvent.objects.get().pk}/change/"
    html = desk.get(page).content.decode()
    assert "SECRET" not in html
    assert "<script>alert" not in html
    assert "alert(2)" in html
    for shown in ("59.00", "TRADE_SUCCESS", "n-1", "2021", "refund", "6000"):
        assert f"{shown}" in html
    assert html.count("***") == 15
    assert "&quot;buyer_pay_amount&quot;: &quot;59.00&quot;" in html


def test_nor_in_any_list(desk: Client, bank: Bank) -> None:
    payment = paid(bank)
    Payment.objects.update(payer="SECRET", code="SECRET")
    PaymentEvent.objects.update(payload=PAYLOAD)
    for page in ("paymentevent/", "payment/", f"payment/{payment.pk}/change/"):
        assert "SECRET" not in desk.get(f"/admin/payment/{page}").content.decode()
