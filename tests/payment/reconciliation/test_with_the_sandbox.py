"""Shop, gateway and sandbox in one process: a day that agrees, and every switch that spoils its bill."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from Crypto.PublicKey import RSA
from django.utils import timezone
from flask import Flask

from apps.core.clock import BEIJING
from apps.orders.models import OrderInfo
from apps.payment import gateways, services
from apps.payment.gateways import http
from apps.payment.models import Payment, Refund, Statement
from apps.payment.services import reconciliation
from apps.users.models import Address, User
from sandbox.factory import create_app
from tests.conftest import logged_in
from tests.factories import SKUFactory
from tests.payment.reconciliation.conftest import found
from tests.payment.sandboxes import alipay_config, wechatpay_config
from tests.wechatpay_keys import WechatPayKeys

pytestmark = pytest.mark.django_db

# Tomorrow by Beijing's clocks: keys and certificates made in this run are valid then.
NOON = (datetime.now(BEIJING) + timedelta(days=1)).replace(hour=12, minute=0, second=0)
BILL_IS_THERE = NOON + timedelta(hours=22, minutes=30)
DAY = NOON.date()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """One clock for the shop and the sandbox."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_clock(NOON)
    return set_clock


@pytest.fixture(params=["alipay", "wechatpay"])
def provider(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def app(
    clock: object,
    provider_key: RSA.RsaKey,
    wechatpay_keys: WechatPayKeys,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Flask]:
    """The sandbox, reached without a socket; its notices are all lost."""
    config = alipay_config(tmp_path / "sandbox.sqlite3", provider_key)
    app = create_app(
        config, wechatpay_config=wechatpay_config(wechatpay_keys), now=lambda: timezone.now()
    )
    app.extensions["sandbox"].faults.switch_on({"name": "drop_notice"})

    def request(
        client: http.Client,
        method: str,
        url: str,
        *,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> http.Answer:
        answer = app.test_client().open(url, method=method, data=body, headers=dict(headers or {}))
        return http.Answer(answer.status_code, answer.headers, answer.data)

    monkeypatch.setattr(http.Client, "request", request)
    gateways.gateway.cache_clear()
    yield app
    app.extensions["sandbox"].close()
    monkeypatch.undo()
    gateways.gateway.cache_clear()


@pytest.fixture
def paid(app: Flask, address: Address, provider: str) -> Payment:
    """110.00, paid at noon; no notice has come."""
    client = logged_in(address.user)
    sku = SKUFactory(price="55.00")
    client.post("/api/v1/cart/", {"sku_id": sku.pk, "count": 2})
    answer = client.post(
        "/api/v1/orders/", {"address": address.pk, "pay_method": 2 if provider == "alipay" else 3}
    )
    assert answer.status_code == 201, answer.json()
    order = OrderInfo.objects.get(pk=answer.json()["order_id"])
    product = {"alipay": "page", "wechatpay": "native"}[provider]
    started = services.start_payment(order.user, order.pk, provider=provider, product=product)
    if started.url:
        app.test_client().get(started.url)
    sandbox = app.extensions["sandbox"]
    trade = sandbox.ledger.by_out_trade_no(provider, started.payment.out_trade_no)
    assert sandbox.pay(trade.token)
    return started.payment


@pytest.fixture
def refunded(paid: Payment, provider: str) -> Refund:
    """30.00 of it, refunded at once; both are known to the shop."""
    services.ask_provider(paid)
    refund = services.request_refund(
        paid.order_id, amount=Decimal("30.00"), reason="少发一件", by=paid.order.user
    )
    services.try_refund(refund)
    if provider == "wechatpay":  # which only accepts it at first
        refund = services.retry_refund(refund)
    refund.refresh_from_db()
    assert refund.state == Refund.State.SUCCEEDED
    return refund


def compare(provider: str, clock: Callable[[datetime], None]) -> Statement:
    clock(BILL_IS_THERE)
    statement = reconciliation.reconcile(provider, DAY)
    assert (statement.state, statement.error) == ("done", "")
    return statement


def test_a_day_agrees_to_the_fen(refunded: Refund, provider: str, clock: Callable) -> None:
    statement = compare(provider, clock)
    assert found(statement) == []
    for side in ("their", "our"):
        assert getattr(statement, f"{side}_payments") == 1
        assert getattr(statement, f"{side}_payment_amount") == Decimal("110.00")
        assert getattr(statement, f"{side}_refunds") == 1
        assert getattr(statement, f"{side}_refund_amount") == Decimal("30.00")
        assert getattr(statement, f"{side}_fee") == Decimal("0.48")


def test_a_payment_that_only_the_bill_tells_of_is_settled(
    paid: Payment, provider: str, clock: Callable
) -> None:
    assert not Payment.objects.get().is_paid
    assert found(compare(provider, clock)) == []
    paid.refresh_from_db()
    assert (paid.state, paid.order.status) == ("succeeded", OrderInfo.Status.UNSEND)


def test_a_refund_that_only_the_bill_tells_of_is_taken_in(
    refunded: Refund, provider: str, clock: Callable
) -> None:
    Refund.objects.update(state=Refund.State.UNKNOWN, succeeded_at=None)
    refunded.events.all().delete()
    statement = compare(provider, clock)
    assert found(statement) == []
    refunded.refresh_from_db()
    assert refunded.state == Refund.State.SUCCEEDED
    assert statement.our_refund_amount == Decimal("30.00")


def test_an_empty_day(app: Flask, provider: str, clock: Callable) -> None:
    statement = compare(provider, clock)
    assert found(statement) == []
    assert (statement.their_payments, statement.our_payments) == (0, 0)


def test_a_bill_that_is_not_there_yet(refunded: Refund, provider: str, clock: Callable) -> None:
    clock(NOON + timedelta(hours=20))
    statement = reconciliation.reconcile(provider, DAY)
    assert (statement.state, statement.error[:12]) == ("waiting", "BillNotReady")
    assert found(compare(provider, clock)) == []


@pytest.mark.parametrize(
    ("switch", "difference"),
    [
        ({"name": "bill_extra_row"}, ("payment", "provider_only", f"{DAY:%Y%m%d}EXTRA2", "open")),
        ({"name": "bill_missing_row"}, ("payment", "ours_only", "{paid}", "waiting")),
        ({"name": "bill_other_amount", "value": 1}, ("payment", "amount", "{paid}", "open")),
        ({"name": "bill_other_fee", "value": 2}, ("payment", "fee", "{paid}", "open")),
        ({"name": "bill_duplicate_row"}, ("payment", "duplicate", "{paid}", "open")),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else None,
)
def test_a_spoilt_bill_shows_what_was_spoilt_and_nothing_else(
    app: Flask,
    refunded: Refund,
    provider: str,
    clock: Callable,
    switch: dict,
    difference: tuple[str, str, str, str],
) -> None:
    app.extensions["sandbox"].faults.switch_on(switch)
    statement = compare(provider, clock)
    number = refunded.payment.out_trade_no
    assert found(statement) == [tuple(part.format(paid=number) for part in difference)]
    # Mended, the bill agrees.
    app.extensions["sandbox"].clear_faults()
    compare(provider, clock)
    assert {state for *_, state in found(statement)} == {"resolved"}


def test_both_rows_of_a_day_can_be_spoilt(
    app: Flask, refunded: Refund, provider: str, clock: Callable
) -> None:
    """The second switch finds the refund first, for the payment is missing."""
    faults = app.extensions["sandbox"].faults
    for name in ("bill_missing_row", "bill_duplicate_row"):
        faults.switch_on({"name": name})
    assert found(compare(provider, clock)) == [
        ("payment", "ours_only", refunded.payment.out_trade_no, "waiting"),
        ("refund", "duplicate", refunded.out_request_no, "open"),
    ]


def test_the_job_the_next_morning(
    refunded: Refund, provider: str, clock: Callable, buyer: User, app: Flask
) -> None:
    Payment.objects.update(create_time=NOON)
    clock(BILL_IS_THERE)
    (statement,) = reconciliation.reconcile_due()
    assert (statement.day, statement.state, found(statement)) == (DAY, "done", [])
