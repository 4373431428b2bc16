"""Our gateway and the sandbox, written apart from each other, understand each other in every method."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from flask import Flask

from apps.core.clock import BEIJING
from apps.payment import gateways
from apps.payment.exceptions import BillNotReady, Misconfigured, Rejected, Unknown
from apps.payment.gateways.alipay import AlipayGateway
from apps.payment.gateways.http import Answer
from apps.payment.gateways.interface import Notice, PaymentTold, RefundTold, Told
from sandbox.factory import create_app
from tests.payment.alipay.conftest import AT, BUYER_ID, offer, refund_order, talking_to
from tests.payment.sandboxes import alipay_config

NUMBER = offer("page").out_trade_no


@dataclass
class Sandbox:
    """The real one within this process, in the place of the HTTP client; its clock is the test's."""

    app: Flask = field(init=False)
    key: RSA.RsaKey
    now: datetime = AT

    def request(
        self,
        verb: str,
        url: str,
        *,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        answer = self.app.test_client().open(url, method=verb, data=body, headers=headers)
        return Answer(answer.status_code, answer.headers, answer.data)

    def press(self, url: str, action: str) -> None:
        """Open an address, or scan a code, and press a button of the page that it leads to."""
        client = self.app.test_client()
        is_code = url.startswith("https://qr.alipay.com/")
        opened = client.post("/scan", data={"code": url}) if is_code else client.get(url)
        client.post(opened.location, data={"action": action})

    def switch(self, **wish: Any) -> None:
        assert self.app.test_client().post("/faults", json=wish).status_code == 201

    def told(self, gateway: AlipayGateway) -> list[Told]:
        """What its notices say, the oldest first, whether they have arrived or not."""
        (entry,) = self.app.extensions["sandbox"].ledger.recent(10)
        return [
            gateway.parse_notice(Notice({}, self.channel.post(notice, now=self.now).body, self.now))
            for notice in sorted(entry.notices, key=lambda each: each.id)
        ]

    @property
    def channel(self) -> Any:
        return self.app.extensions["sandbox"].channels["alipay"]


@pytest.fixture
def sandbox(provider_key: RSA.RsaKey, tmp_path: Path) -> Iterator[Sandbox]:
    made = Sandbox(provider_key)
    config = alipay_config(tmp_path / "sandbox.sqlite3", provider_key)
    made.app = create_app(config, now=lambda: made.now)
    yield made
    made.app.extensions["sandbox"].close()


@pytest.fixture
def gateway(sandbox: Sandbox) -> AlipayGateway:
    return talking_to(gateways.gateway("alipay"), sandbox)


def cashier(gateway: AlipayGateway, product: str) -> str:
    """Where the buyer pays, whatever led there."""
    form = gateway.products[product].form
    if form == "qr":
        return gateway.qr(offer(product))
    if form == "params":
        return f"/alipay/app?{gateway.app_params(offer(product))['order_string']}"
    return gateway.page_url(offer(product))


def refund(gateway: AlipayGateway, number: int, amount: str) -> RefundTold:
    return gateway.refund(order(number, amount))


def order(number: int, amount: str, **changed: Any) -> Any:
    return refund_order(
        out_trade_no=NUMBER,
        out_request_no=f"{NUMBER}R{number:02d}",
        amount=Decimal(amount),
        **changed,
    )


@pytest.mark.parametrize("product", ["page", "wap", "app", "qr"])
def test_paid_by_each_product(gateway: AlipayGateway, sandbox: Sandbox, product: str) -> None:
    url = cashier(gateway, product)
    assert gateway.query(NUMBER, at=AT) is None
    sandbox.press(url, "refuse")
    waiting = gateway.query(NUMBER, at=AT)
    assert waiting is not None
    assert waiting.outcome == "other"
    sandbox.press(url, "pay")
    asked = gateway.query(NUMBER, at=AT)
    (told,) = sandbox.told(gateway)
    for each in (asked, told):
        assert isinstance(each, PaymentTold)
        assert (each.outcome, each.amount, each.payer) == ("paid", Decimal("110.00"), BUYER_ID)
        assert each.paid_at == AT


def test_closed_in_every_state(gateway: AlipayGateway, sandbox: Sandbox) -> None:
    url = cashier(gateway, "page")
    assert gateway.close(NUMBER, at=AT) is False
    sandbox.press(url, "refuse")
    assert gateway.close(NUMBER, at=AT) is True
    asked = gateway.query(NUMBER, at=AT)
    assert asked is not None
    assert asked.outcome == "closed"
    with pytest.raises(Rejected):
        gateway.close(NUMBER, at=AT)


@pytest.fixture
def paid(gateway: AlipayGateway, sandbox: Sandbox) -> AlipayGateway:
    sandbox.press(cashier(gateway, "page"), "pay")
    return gateway


def test_paid_it_cannot_be_closed(paid: AlipayGateway) -> None:
    with pytest.raises(Rejected) as caught:
        paid.close(NUMBER, at=AT)
    assert caught.value.sub_code == "ACQ.TRADE_STATUS_ERROR"


def test_refunded_in_parts_and_repeated(paid: AlipayGateway, sandbox: Sandbox) -> None:
    assert paid.refund_query(order(1, "30.00")) is None
    for _ in range(3):
        assert refund(paid, 1, "30.00").outcome == "succeeded"
    assert refund(paid, 2, "80.00").outcome == "succeeded"
    with pytest.raises(Rejected):
        refund(paid, 3, "0.01")
    asked = paid.refund_query(order(1, "30.00"))
    assert asked is not None
    assert (asked.outcome, asked.amount) == ("succeeded", Decimal("30.00"))
    told = sandbox.told(paid)
    assert [getattr(each, "out_request_no", "") for each in told] == [
        "",
        f"{NUMBER}R01",
        f"{NUMBER}R02",
    ]
    assert {each.outcome for each in told[1:]} == {"succeeded"}
    assert len({each.event_id for each in told}) == 3


def test_the_same_number_with_another_amount(paid: AlipayGateway) -> None:
    refund(paid, 1, "30.00")
    with pytest.raises(Rejected) as caught:
        refund(paid, 1, "31.00")
    assert caught.value.sub_code == "ACQ.DISCORDANT_REPEAT_REQUEST"


@pytest.mark.parametrize(
    "fault",
    ["answer_500", "answer_500_after", "system_error", "system_error_after", "wrong_signature"],
)
def test_whatever_went_wrong_the_money_moves_once(
    paid: AlipayGateway, sandbox: Sandbox, fault: str
) -> None:
    sandbox.switch(name=fault, provider="alipay", action="refund", times=1)
    with pytest.raises(Unknown):
        refund(paid, 1, "30.00")
    assert refund(paid, 1, "30.00").outcome == "succeeded"
    (entry,) = sandbox.app.extensions["sandbox"].ledger.recent(10)
    assert entry.trade.refunded_fen == 3000


def test_braces_in_an_answer(paid: AlipayGateway, sandbox: Sandbox) -> None:
    sandbox.switch(name="braces_in_subject", provider="alipay")
    asked = paid.query(NUMBER, at=AT)
    assert asked is not None
    assert asked.payload["subject"] == '{"a}'


def test_the_bill_of_the_day(paid: AlipayGateway, sandbox: Sandbox) -> None:
    refund(paid, 1, "30.00")
    day = AT.astimezone(BEIJING).date()
    with pytest.raises(BillNotReady):
        paid.bill(day, at=AT)
    sandbox.now = AT + timedelta(days=1)
    bill = paid.bill(day, at=sandbox.now)
    rows = [(line.kind, line.out_trade_no, line.out_request_no, line.amount) for line in bill.lines]
    assert rows == [
        ("payment", NUMBER, "", Decimal("110.00")),
        ("refund", NUMBER, f"{NUMBER}R01", Decimal("30.00")),
    ]
    assert {line.at for line in bill.lines} == {AT}
    assert bill.lines[0].fee > 0 > bill.lines[1].fee
    assert paid.bill(day - timedelta(days=1), at=sandbox.now).lines == ()


def test_credentials(gateway: AlipayGateway, sandbox: Sandbox, provider_key: RSA.RsaKey) -> None:
    gateway.check_credentials(at=AT)
    with pytest.raises(Misconfigured, match=r"isv\.invalid-timestamp"):
        gateway.check_credentials(at=AT + timedelta(hours=8))
    with pytest.raises(Misconfigured, match=r"isv\.missing-app-cert-sn|ALIPAY_APP_CERT"):
        gateway.pay_out(order(1, "30.00", payer=BUYER_ID))
