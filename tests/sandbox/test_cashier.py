"""What a buyer does at the cashier, and the pages around it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.merchant import RETURN_URL, Clock, Merchant, query_of, url_of
from tests.sandbox.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from sandbox.ledger.records import Notice, Trade


def only(app: Flask) -> tuple[Trade, Notice | None]:
    (entry,) = app.extensions["sandbox"].ledger.recent(10)
    return entry.trade, entry.notices[-1] if entry.notices else None


def test_paying_returns_to_the_shop_with_the_providers_signature(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    cashier = client.get(url_of(merchant.page_pay())).location
    clock.advance(minutes=2)
    response = client.post(cashier, data={"action": "pay"})
    assert response.status_code == 302
    assert response.location.startswith(f"{RETURN_URL}?")
    fields = query_of(response.location)
    assert merchant.believes_form(fields)
    trade, _ = only(app)
    del fields["sign"]
    assert fields == {
        "charset": "utf-8",
        "out_trade_no": "202603041200000000010001",
        "method": "alipay.trade.page.pay.return",
        "total_amount": "99.90",
        "trade_no": trade.trade_no,
        "auth_app_id": "2021000000000001",
        "version": "1.0",
        "app_id": "2021000000000001",
        "sign_type": "RSA2",
        "seller_id": "2088000000000001",
        "timestamp": "2026-03-04 12:02:00",
    }


def test_the_parameters_come_before_the_fragment_of_a_return_url(
    client: FlaskClient, merchant: Merchant
) -> None:
    params = merchant.page_pay(return_url="http://shop.test/#/paid")
    cashier = client.get(url_of(params)).location
    location = client.post(cashier, data={"action": "pay"}).location
    assert location.startswith("http://shop.test/?charset=utf-8&")
    assert location.endswith("#/paid")


def test_without_a_return_url_the_result_is_shown(client: FlaskClient, merchant: Merchant) -> None:
    cashier = client.get(url_of(merchant.page_pay(return_url=""))).location
    response = client.post(cashier, data={"action": "pay"})
    assert response.status_code == 200
    assert "支付成功" in response.text
    assert "支付成功" in client.get(cashier).text


def test_paying_twice_is_paying_once(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    with Receiver() as shop:
        cashier = client.get(url_of(merchant.page_pay(notify_url=shop.url))).location
        first = client.post(cashier, data={"action": "pay"})
        paid, _ = only(app)
        shop.take()
        clock.advance(minutes=1)
        assert client.post(cashier, data={"action": "pay"}).location == first.location
        clock.advance(hours=1)
        assert client.post(cashier, data={"action": "pay"}).location == first.location
        assert only(app)[0] == paid
        assert shop.is_empty()
    page = client.get(cashier)
    assert 'name="action"' not in page.text
    assert "返回商户" in page.text


def test_eight_clicks_at_once_are_one_payment_and_one_notice(
    start: Callable[..., Flask], merchant: Merchant
) -> None:
    app = start()
    with Receiver() as shop:
        cashier = app.test_client().get(url_of(merchant.page_pay(notify_url=shop.url))).location
        barrier = threading.Barrier(8)
        locations: list[str] = []

        def click() -> None:
            buyer = app.test_client()
            barrier.wait()
            locations.append(buyer.post(cashier, data={"action": "pay"}).location)

        threads = [threading.Thread(target=click) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        shop.take()
        app.extensions["sandbox"].notifier.stop()
        assert shop.is_empty()
    assert len(locations) == 8
    assert len(set(locations)) == 1


def test_two_sandboxes_on_one_database_take_one_payment(
    start: Callable[..., Flask], merchant: Merchant
) -> None:
    """The condition in the UPDATE holds where no lock of one process reaches."""
    ledgers = [start().extensions["sandbox"].ledger for _ in range(2)]
    app = start()
    cashier = app.test_client().get(url_of(merchant.page_pay())).location
    token = cashier.split("/")[2]
    barrier = threading.Barrier(2)
    took: list[bool] = []

    def pay(ledger: Any) -> None:
        barrier.wait()
        took.append(ledger.pay(token, lambda _: None))

    threads = [threading.Thread(target=pay, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(took) == [False, True]


def test_a_refused_payment_can_be_tried_again(
    app: Flask, client: FlaskClient, merchant: Merchant
) -> None:
    cashier = client.get(url_of(merchant.page_pay())).location
    refused = client.post(cashier, data={"action": "refuse"})
    assert refused.status_code == 200
    assert "余额不足" in refused.text
    assert f'href="{cashier}"' in refused.text
    assert only(app)[0].status == "WAITING"
    assert client.post(cashier, data={"action": "pay"}).status_code == 302


def test_who_leaves_can_come_back(app: Flask, client: FlaskClient, merchant: Merchant) -> None:
    cashier = client.get(url_of(merchant.page_pay())).location
    left = client.post(cashier, data={"action": "leave"})
    assert left.status_code == 200
    assert "尚未支付" in left.text
    assert only(app)[0].status == "WAITING"
    assert 'value="pay"' in client.get(cashier).text


@pytest.mark.parametrize("action", ["refuse", "leave"])
def test_after_paying_the_other_buttons_say_that_it_is_paid(
    client: FlaskClient, merchant: Merchant, action: str
) -> None:
    cashier = client.get(url_of(merchant.page_pay())).location
    client.post(cashier, data={"action": "pay"})
    assert "支付成功" in client.post(cashier, data={"action": action}).text


def test_nothing_is_paid_from_the_moment_of_expiry(
    app: Flask, client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    with Receiver() as shop:
        cashier = client.get(url_of(merchant.page_pay(notify_url=shop.url))).location
        clock.advance(minutes=30)
        response = client.post(cashier, data={"action": "pay"})
        assert response.status_code == 200
        assert "已过期" in response.text
        trade, notice = only(app)
        assert (trade.status, trade.paid_at, notice) == ("CLOSED", None, None)
        assert shop.is_empty()
    assert 'name="action"' not in client.get(cashier).text


def test_a_second_before_expiry_is_early_enough(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    cashier = client.get(url_of(merchant.page_pay())).location
    clock.advance(minutes=29, seconds=59)
    assert client.post(cashier, data={"action": "pay"}).status_code == 302


@pytest.mark.parametrize("way", ["get", "post"])
def test_an_unknown_cashier(client: FlaskClient, way: str) -> None:
    response = getattr(client, way)("/cashier/guess/", data={"action": "pay"})
    assert response.status_code == 404
    assert "没有这个收银台" in response.text


@pytest.mark.parametrize("form", [{}, {"action": ""}, {"action": "PAY"}, {"action": "refund"}])
def test_an_unknown_action_changes_nothing(
    app: Flask, client: FlaskClient, merchant: Merchant, form: dict[str, str]
) -> None:
    cashier = client.get(url_of(merchant.page_pay())).location
    assert client.post(cashier, data=form).status_code == 400
    assert only(app)[0].status == "WAITING"


def test_a_subject_with_markup_is_harmless(client: FlaskClient, merchant: Merchant) -> None:
    subject = "<script>alert(1)<\\script>\"'<img src>{{ 7*7 }}".replace("=", "")
    cashier = client.get(url_of(merchant.page_pay(subject=subject))).location
    pages = [
        client.get(cashier),
        client.get("/"),
        client.post(cashier, data={"action": "refuse"}),
        client.post(cashier, data={"action": "leave"}),
    ]
    for page in pages:
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert "{{ 7*7 }}" in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_front_page_lists_what_happened(client: FlaskClient, merchant: Merchant) -> None:
    assert "还没有交易" in client.get("/").text
    cashier = client.get(url_of(merchant.page_pay())).location
    waiting = client.get("/").text
    assert "http://localhost/gateway.do" in waiting
    assert "WAITING" in waiting
    assert f'href="{cashier}"' in waiting
    client.post(cashier, data={"action": "pay"})
    paid = client.get("/").text
    assert "PAID" in paid
    assert "商户没有提供 notify_url" in paid
    assert cashier not in paid


def test_healthz(app: Flask, client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok")
    app.extensions["sandbox"].notifier.stop()
    assert client.get("/healthz").status_code == 503
