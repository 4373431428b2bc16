"""The browser that comes back is the occasion to ask Alipay, and is not believed itself."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from apps.payment.models import Payment
from apps.payment.services.asking import BUYERS_PAUSE
from apps.payment.services.returns import return_key
from sandbox.alipay import signing
from tests.payment.conftest import Alipay, asked_for
from tests.payment.fake_gateway import Bank, FakeGateway, Trade
from tests.world import unchanged

pytestmark = pytest.mark.django_db
STATUS = "/api/v1/payment/status/"


@pytest.fixture
def link(sandbox: Any, shop: APIClient, order: OrderInfo) -> str:
    """The pay link, leading to the real sandbox."""
    return shop.get(f"/api/v1/orders/{order.pk}/payment/").json()["alipay_url"]


@pytest.fixture
def come_back(sandbox: Callable, api: APIClient, link: str) -> Callable[[], Response]:
    """Pay at the sandbox; then do what the storefront's page does with the query it finds in its address."""
    query = urlsplit(sandbox(link, "pay").headers["Location"]).query
    return lambda: api.put(f"{STATUS}?{query}", {})


def test_it_settles_the_order_without_any_notice(
    come_back: Callable[[], Response], order: OrderInfo
) -> None:
    answer = come_back()
    payment = order.payments.get()
    assert answer.json() == {"trade_id": payment.trade_no, "order_id": order.pk}
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND
    assert payment.events.get().kind == "query"
    call_command("audit")


def test_it_settles_though_the_worker_asked_a_moment_before(
    come_back: Callable[[], Response], order: OrderInfo
) -> None:
    """Storefronts ask once, and the worker may have asked just before the buyer paid."""
    order.payments.update(asked_at=timezone.now(), queries=1)
    assert come_back().json()["order_id"] == order.pk


def test_reloaded_it_changes_nothing(come_back: Callable[[], Response]) -> None:
    first = come_back().json()
    with unchanged():
        assert come_back().json() == first


def returned(alipay: Alipay, order: OrderInfo) -> dict[str, str]:
    payment = order.payments.get()
    return signing.signed(
        signing.return_fields(
            app_id="2021000000000001",
            seller_id="2088000000000001",
            out_trade_no=payment.out_trade_no,
            trade_no="2026",
            total_amount=payment.amount,
            returned_at=payment.create_time,
        ),
        alipay.key,
    )


def put(api: APIClient, query: dict[str, str]) -> Response:
    return api.put(STATUS, {}, query_params=query)


def test_a_signed_return_without_money_pays_nothing(
    sandbox: Any, link: str, api: APIClient, alipay: Alipay, order: OrderInfo
) -> None:
    answer = put(api, returned(alipay, order))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_paid_yet")
    assert answer["Retry-After"] == "2"
    sandbox(link, "refuse")
    assert put(api, returned(alipay, order)).status_code == 409
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNPAID


def test_each_field_tampered_with(
    link: str, api: APIClient, alipay: Alipay, order: OrderInfo
) -> None:
    query = returned(alipay, order)
    for name in query:
        with unchanged():
            answer = put(api, query | {name: query[name] + "1"})
        assert answer.status_code == 403, name
        assert answer.json()["message"]
    with unchanged():
        assert put(api, {}).status_code == 403


def test_a_provider_that_is_down(
    gateway_at: Callable, link: str, api: APIClient, alipay: Alipay, order: OrderInfo
) -> None:
    gateway_at("http://127.0.0.1:1/gateway.do")
    answer = put(api, returned(alipay, order))
    assert (answer.status_code, answer.json()["code"]) == (502, "gateway_unknown")
    assert order.payments.get().state == "pending"


def test_a_number_that_is_none_of_ours(
    link: str, api: APIClient, alipay: Alipay, order: OrderInfo
) -> None:
    query = returned(alipay, order)
    order.payments.all().delete()
    assert put(api, query).json()["code"] == "unknown_payment"


# --- From a provider that signs nothing ------------------------------------------------------------


def test_our_own_key_brings_a_browser_back(
    api: APIClient,
    begin: Callable,
    bank: Bank,
    later: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FakeGateway, "page_url", lambda self, offer: f"//{offer.return_key}")
    started = begin("page").json()
    number, query = started["out_trade_no"], {"return_key": started["url"].removeprefix("//")}
    payment = Payment.objects.get(out_trade_no=number)
    bank.trades[number] = Trade(payment.amount)
    assert put(api, query).json()["code"] == "not_paid_yet"
    bank.pay(number)
    with unchanged():  # whoever asks again at once is not the occasion for another question
        assert put(api, query).json()["code"] == "not_paid_yet"
    later(BUYERS_PAUSE)
    assert put(api, query).json() == {"trade_id": f"bank-{number}", "order_id": payment.order_id}
    page = api.get("/pay_success.html", query)
    assert payment.order_id in page.content.decode()


def test_an_attempt_that_has_ended_is_not_waited_for(
    api: APIClient, begin: Callable, bank: Bank
) -> None:
    payment = Payment.objects.get(out_trade_no=begin("code").json()["out_trade_no"])
    Payment.objects.update(state="closed", next_query_at=None)
    bank.calls.clear()
    query = {"return_key": return_key(payment)}
    assert put(api, query).json()["code"] == "attempt_ended"
    assert "processing" not in api.get("/pay_success.html", query).content.decode()
    assert bank.calls == []


@pytest.mark.parametrize("forge", ["{number}", "{number}:", "1{key}", "{key}1", ""])
def test_a_key_that_is_not_ours(api: APIClient, begin: Callable, bank: Bank, forge: str) -> None:
    payment = Payment.objects.get(out_trade_no=begin("code").json()["out_trade_no"])
    bank.pay(payment.out_trade_no)
    key = forge.format(number=payment.out_trade_no, key=return_key(payment))
    with unchanged():
        answer = put(api, {"return_key": key})
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")


# --- The page for a browser without a storefront ---------------------------------------------------


def test_the_page_says_paid(sandbox: Callable, link: str, api: APIClient, order: OrderInfo) -> None:
    query = urlsplit(sandbox(link, "pay").headers["Location"]).query
    page = api.get(f"/pay_success.html?{query}")
    assert page.status_code == 200
    assert order.pk in page.content.decode()
    assert "¥ 110.00" in page.content.decode()


def test_the_page_waits_for_money(
    link: str, api: APIClient, alipay: Alipay, order: OrderInfo
) -> None:
    page = api.get("/pay_success.html", returned(alipay, order))
    assert 'http-equiv="refresh"' in page.content.decode()


def test_the_page_refuses_a_forged_return(link: str, api: APIClient) -> None:
    page = api.get("/pay_success.html", asked_for(link))
    assert page.status_code == 400
    assert "✕" in page.content.decode()
