"""The gateway against the sandbox, which was written from WeChat Pay's documents and not from the gateway."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import urllib3
from Crypto.PublicKey import RSA

from apps.core.clock import BEIJING
from apps.payment.exceptions import BillNotReady, Misconfigured, Rejected, Unknown
from apps.payment.gateways.interface import Notice, Offer, RefundOrder, Told
from apps.payment.gateways.wechatpay import WechatPayGateway
from sandbox.factory import create_app
from tests.payment.sandboxes import alipay_config, on_a_socket, wechatpay_config
from tests.sandbox.receiver import Answer, Receiver
from tests.wechatpay_keys import WechatPayKeys

NUMBER = "2026112300000000000000000101"
GRANTED = Answer(b"", 204)


@dataclass
class Sandbox:
    """WeChat Pay's stand-in, the shop's gateway at it, and the address to which its notices go."""

    gateway: WechatPayGateway
    receiver: Receiver
    url: str
    http: urllib3.PoolManager

    def switch(self, name: str, **how: Any) -> None:
        answer = self.http.request("POST", f"{self.url}/faults", json={"name": name, **how})
        assert answer.status == 201

    def pay(self, out_trade_no: str) -> None:
        books = self.http.request("GET", f"{self.url}/ledger.json?out_trade_no={out_trade_no}")
        (trade,) = books.json()["trades"]
        fields = {"action": "pay"}
        cashier = f"{self.url}{trade['cashier']}"
        answer = self.http.request(
            "POST", cashier, fields=fields, encode_multipart=False, redirect=False
        )
        assert answer.status < 400

    def told(self) -> Told:
        """The next notice, believed."""
        heard = self.receiver.take_whole()
        headers = {name.lower(): value for name, value in heard.headers.items()}
        return self.gateway.parse_notice(Notice(headers, heard.body, datetime.now(UTC)))


@pytest.fixture
def sandbox(
    tmp_path: Path, wechatpay_keys: WechatPayKeys, provider_key: RSA.RsaKey, gateway_with: Callable
) -> Iterator[Sandbox]:
    config = alipay_config(tmp_path / "sandbox.sqlite3", provider_key, retry_scale=0.001)
    app = create_app(config, wechatpay_config=wechatpay_config(wechatpay_keys))
    with on_a_socket(app) as url, Receiver(*[GRANTED] * 9) as receiver:
        gateway = gateway_with(gateway_url=url, notify_url=receiver.url)
        yield Sandbox(gateway, receiver, url, urllib3.PoolManager(retries=False))


def offer(**changed: Any) -> Offer:
    now = datetime.now(UTC)
    return replace(
        Offer(
            "native", NUMBER, Decimal("110.00"), "美多商城订单", now + timedelta(minutes=30), now
        ),
        **changed,
    )


def refund_order(amount: str = "10.01") -> RefundOrder:
    return RefundOrder(
        NUMBER, "R1", Decimal(amount), Decimal("110.00"), "不想要了", at=datetime.now(UTC)
    )


def test_from_the_code_to_the_bill(sandbox: Sandbox) -> None:
    gateway = sandbox.gateway
    now = datetime.now(UTC)
    assert gateway.query(NUMBER, at=now) is None
    assert gateway.close(NUMBER, at=now) is False
    assert gateway.qr(offer()).startswith("weixin://")
    asked = gateway.query(NUMBER, at=now)
    assert asked is not None
    assert (asked.outcome, asked.amount, asked.trade_no) == ("other", Decimal("110.00"), "")

    sandbox.pay(NUMBER)
    told = sandbox.told()
    asked = gateway.query(NUMBER, at=now)
    assert asked is not None
    assert (told.outcome, told.amount) == ("paid", Decimal("110.00"))
    same = (
        "out_trade_no",
        "trade_no",
        "app_id",
        "account",
        "amount",
        "currency",
        "paid_at",
        "payer",
    )
    assert [getattr(told, name) for name in same] == [getattr(asked, name) for name in same]
    with pytest.raises(Rejected) as refusal:
        gateway.close(NUMBER, at=now)
    assert refusal.value.sub_code in {"ORDERPAID", "ORDER_PAID"}

    assert gateway.refund_query(refund_order()) is None
    accepted = gateway.refund(refund_order())
    again = gateway.refund(refund_order())
    assert (accepted.refund_no, accepted.amount) == (again.refund_no, Decimal("10.01"))
    done = sandbox.told()
    assert (done.outcome, done.out_request_no, done.amount) == ("succeeded", "R1", Decimal("10.01"))
    found = gateway.refund_query(refund_order())
    assert found is not None
    assert (found.outcome, found.refund_no) == ("succeeded", accepted.refund_no)
    asked = gateway.query(NUMBER, at=now)
    assert asked is not None
    assert (asked.status, asked.outcome) == ("REFUND", "paid")

    today = now.astimezone(BEIJING).date()
    sandbox.switch("bill_early")
    bill = gateway.bill(today, at=now)
    assert [
        (line.kind, line.out_trade_no, line.out_request_no, line.amount) for line in bill.lines
    ] == [
        ("payment", NUMBER, "", Decimal("110.00")),
        ("refund", NUMBER, "R1", Decimal("10.01")),
    ]
    assert {line.trade_no for line in bill.lines} == {asked.trade_no}
    sandbox.switch("bill_broken_hash", times=1)
    with pytest.raises(Unknown):
        gateway.bill(today, at=now)
    sandbox.switch("bill_not_ready", times=1)
    with pytest.raises(BillNotReady):
        gateway.bill(today - timedelta(days=2), at=now)
    assert gateway.bill(today - timedelta(days=2), at=now).lines == ()


def test_a_notice_by_certificate(sandbox: Sandbox) -> None:
    sandbox.switch("certificate_notice")
    sandbox.gateway.qr(offer())
    sandbox.pay(NUMBER)
    told = sandbox.told()
    assert (told.out_trade_no, told.outcome) == (NUMBER, "paid")


def test_every_product(sandbox: Sandbox) -> None:
    gateway = sandbox.gateway
    h5 = offer(product="h5", out_trade_no="H51234", client_ip="198.51.100.7")
    assert gateway.page_url(h5).startswith("http")
    assert gateway.page_url(replace(h5, at=datetime.now(UTC))).startswith("http")
    for product, number in (("jsapi", "J12345"), ("app", "A12345")):
        one = offer(product=product, out_trade_no=number, openid="oUpF8")
        code = gateway.prepay(one)
        assert code in str(gateway.app_params(replace(one, code=code)))
        assert gateway.prepay(one) == code


def test_the_browser_comes_back_from_h5(sandbox: Sandbox) -> None:
    h5 = offer(product="h5", client_ip="198.51.100.7", return_key="1:&")
    page = sandbox.http.request("GET", sandbox.gateway.page_url(h5), redirect=False)
    paid = sandbox.http.request(
        "POST",
        f"{sandbox.url}{page.headers['Location']}",
        fields={"action": "pay"},
        encode_multipart=False,
        redirect=False,
    )
    came_to = "http://testserver/pay_success.html?return_key=1%3A%26"
    assert paid.headers["Location"] == came_to


def test_an_attempt_is_closed(sandbox: Sandbox) -> None:
    sandbox.gateway.qr(offer())
    now = datetime.now(UTC)
    assert sandbox.gateway.close(NUMBER, at=now) is True
    assert sandbox.gateway.close(NUMBER, at=now) is True
    asked = sandbox.gateway.query(NUMBER, at=now)
    assert asked is not None
    assert asked.outcome == "closed"
    with pytest.raises(Rejected):
        sandbox.gateway.qr(offer())


@pytest.mark.parametrize(
    ("fault", "outcome"), [("refund_abnormal", "stuck"), ("refund_closed", "failed")]
)
def test_a_refund_that_goes_wrong(sandbox: Sandbox, fault: str, outcome: str) -> None:
    sandbox.gateway.qr(offer())
    sandbox.pay(NUMBER)
    sandbox.told()
    sandbox.switch(fault)
    sandbox.gateway.refund(refund_order())
    told = sandbox.told()
    assert (told.out_request_no, told.outcome) == ("R1", outcome)


@pytest.mark.parametrize("fault", ["answer_500_after", "system_error_after", "wrong_signature"])
def test_a_refund_of_which_nobody_knows(sandbox: Sandbox, fault: str) -> None:
    sandbox.gateway.qr(offer())
    sandbox.pay(NUMBER)
    sandbox.told()
    sandbox.switch(fault, times=1)
    with pytest.raises(Unknown):
        sandbox.gateway.refund(refund_order())
    found = sandbox.gateway.refund_query(refund_order())
    assert found is not None
    assert (found.outcome, found.amount) == ("succeeded", Decimal("10.01"))


def test_an_empty_account(sandbox: Sandbox) -> None:
    sandbox.gateway.qr(offer())
    sandbox.pay(NUMBER)
    sandbox.switch("no_balance")
    with pytest.raises(Rejected) as refusal:
        sandbox.gateway.refund(refund_order())
    assert (refusal.value.sub_code, refusal.value.is_temporary) == ("NOT_ENOUGH", True)


def test_the_credentials(sandbox: Sandbox, gateway_with: Callable) -> None:
    now = datetime.now(UTC)
    sandbox.gateway.check_credentials(at=now)
    with pytest.raises(Misconfigured):
        sandbox.gateway.check_credentials(at=now - timedelta(minutes=6))
    with pytest.raises(Misconfigured, match="APPID_MCHID_NOT_MATCH"):
        gateway_with(app_id="wx0000000000000002").check_credentials(at=now)
    with pytest.raises(Misconfigured):
        gateway_with(mchid="1900000002").check_credentials(at=now)
