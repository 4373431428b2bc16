"""Transfers to the payer: only by certificates, once per number, and never failed where nobody knows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.gateways.alipay import AlipayGateway
from apps.payment.gateways.alipay.trust import KeyTrust
from tests.payment.alipay.conftest import BUYER_ID, Provider, refund_order

TRANSFER = "alipay.fund.trans.uni.transfer"
QUERY = "alipay.fund.trans.common.query"
DONE = {
    "out_biz_no": "1R01",
    "order_id": "20190801110070000006380000250621",
    "status": "SUCCESS",
    "trans_date": "2026-11-23 12:00:00",
}


class Certified(KeyTrust):
    """What a transfer needs of certificates is that requests name them."""

    named: Mapping[str, str] = MappingProxyType({"app_cert_sn": "a", "alipay_root_cert_sn": "b"})


@pytest.fixture
def certified(gateway: AlipayGateway) -> AlipayGateway:
    trust = Certified(gateway.line.trust.keys()[0])
    return replace(gateway, line=replace(gateway.line, trust=trust))


@pytest.mark.parametrize(
    ("payer", "identity_type"),
    [
        (BUYER_ID, "ALIPAY_USER_ID"),
        ("074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5", "ALIPAY_OPEN_ID"),
        ("20880000000000990", "ALIPAY_OPEN_ID"),
    ],
)
def test_paid_out(
    certified: AlipayGateway, provider: Provider, payer: str, identity_type: str
) -> None:
    provider.says(TRANSFER, **DONE)
    told = certified.pay_out(refund_order(payer=payer))
    assert (told.outcome, told.refund_no, told.out_trade_no) == ("succeeded", DONE["order_id"], "1")
    assert told.succeeded_at == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    assert provider.content(TRANSFER) == {
        "out_biz_no": "1R01",
        "trans_amount": "30.00",
        "product_code": "TRANS_ACCOUNT_NO_PWD",
        "biz_scene": "DIRECT_TRANSFER",
        "order_title": "买多了",
        "payee_info": {"identity": payer, "identity_type": identity_type},
        "remark": "买多了",
    }
    assert (provider.named["app_cert_sn"], provider.named["alipay_root_cert_sn"]) == ("a", "b")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("SUCCESS", "succeeded"),
        ("DEALING", "processing"),
        ("FAIL", "failed"),
        ("REFUND", "failed"),
        ("SOMETHING_NEW", "processing"),
    ],
)
def test_how_it_stands(
    certified: AlipayGateway, provider: Provider, status: str, outcome: str
) -> None:
    provider.says(TRANSFER, **DONE | {"status": status})
    provider.says(QUERY, **DONE | {"status": status, "trans_amount": "30.00"})
    assert certified.pay_out(refund_order()).outcome == outcome
    asked = certified.payout_query(refund_order())
    assert asked is not None
    assert (asked.outcome, asked.amount) == (outcome, Decimal("30.00"))
    assert provider.content(QUERY) == {
        "out_biz_no": "1R01",
        "product_code": "TRANS_ACCOUNT_NO_PWD",
        "biz_scene": "DIRECT_TRANSFER",
    }


def test_no_such_transfer(certified: AlipayGateway, provider: Provider) -> None:
    provider.refuses(QUERY, "ORDER_NOT_EXIST")
    assert certified.payout_query(refund_order()) is None


@pytest.mark.parametrize("ask", ["pay_out", "payout_query"])
def test_without_certificates(gateway: AlipayGateway, provider: Provider, ask: str) -> None:
    with pytest.raises(Misconfigured, match="ALIPAY_APP_CERT"):
        getattr(gateway, ask)(refund_order())
    assert provider.asked == []


def test_who_can_pay_out(gateway: AlipayGateway, certified: AlipayGateway) -> None:
    assert (gateway.pays_out, certified.pays_out) == (False, True)


@pytest.mark.parametrize("changed", [{"amount": Decimal("0.09")}, {"payer": ""}])
def test_what_cannot_be_transferred_is_not_sent(
    certified: AlipayGateway, provider: Provider, changed: dict
) -> None:
    with pytest.raises(Rejected) as caught:
        certified.pay_out(refund_order(**changed))
    assert not caught.value.is_temporary
    assert provider.asked == []


def test_the_least_there_is(certified: AlipayGateway, provider: Provider) -> None:
    provider.says(TRANSFER, **DONE)
    certified.pay_out(refund_order(amount=Decimal("0.10")))
    assert provider.content(TRANSFER)["trans_amount"] == "0.10"


@pytest.mark.parametrize(
    ("sub_code", "is_temporary"),
    [
        ("PAYER_BALANCE_NOT_ENOUGH", True),
        ("PAYEE_NOT_EXIST", False),
        ("EXCEED_LIMIT_DM_AMOUNT", False),
    ],
)
def test_refused(
    certified: AlipayGateway, provider: Provider, sub_code: str, is_temporary: bool
) -> None:
    provider.refuses(TRANSFER, sub_code)
    with pytest.raises(Rejected) as caught:
        certified.pay_out(refund_order())
    assert caught.value.is_temporary is is_temporary


def test_nobody_knows(certified: AlipayGateway, provider: Provider) -> None:
    provider.refuses(TRANSFER, "SYSTEM_ERROR")
    with pytest.raises(Unknown):
        certified.pay_out(refund_order())


def test_a_number_that_was_sent_before(certified: AlipayGateway, provider: Provider) -> None:
    """What became of it then is what counts; if nobody knows, it is not refused."""
    provider.refuses(TRANSFER, "BIZ_UNIQUE_EXCEPTION")
    provider.says(QUERY, **DONE)
    assert certified.pay_out(refund_order()).outcome == "succeeded"
    provider.refuses(QUERY, "ORDER_NOT_EXIST")
    with pytest.raises(Unknown):
        certified.pay_out(refund_order())


@pytest.mark.parametrize("wrong", [{"out_biz_no": "1R02"}, {"status": ""}, {"trans_date": "then"}])
def test_an_answer_that_does_not_fit(
    certified: AlipayGateway, provider: Provider, wrong: dict[str, str]
) -> None:
    provider.says(TRANSFER, **DONE | wrong)
    with pytest.raises(Unknown):
        certified.pay_out(refund_order())
