"""Closing an attempt: done, not there yet, or refused because somebody has paid."""

import pytest

from apps.payment.exceptions import Rejected, Unknown
from apps.payment.gateways.alipay import AlipayGateway
from tests.payment.alipay.conftest import AT, Provider

CLOSE = "alipay.trade.close"


def test_closed(gateway: AlipayGateway, provider: Provider) -> None:
    provider.says(CLOSE, out_trade_no="1", trade_no="2026")
    assert gateway.close("1", at=AT) is True
    assert provider.asked == [(CLOSE, {"out_trade_no": "1"})]


@pytest.mark.parametrize("sub_code", ["ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST"])
def test_nobody_has_opened_it_yet(
    gateway: AlipayGateway, provider: Provider, sub_code: str
) -> None:
    provider.refuses(CLOSE, sub_code)
    assert gateway.close("1", at=AT) is False


@pytest.mark.parametrize(
    "sub_code",
    ["ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID", "ACQ.REASON_ILLEGAL_STATUS"],
)
def test_paid_or_closed_already(gateway: AlipayGateway, provider: Provider, sub_code: str) -> None:
    provider.refuses(CLOSE, sub_code)
    with pytest.raises(Rejected) as caught:
        gateway.close("1", at=AT)
    assert (caught.value.sub_code, caught.value.is_temporary) == (sub_code, False)


def test_nobody_knows(gateway: AlipayGateway, provider: Provider) -> None:
    provider.refuses(CLOSE, "ACQ.SYSTEM_ERROR")
    with pytest.raises(Unknown):
        gateway.close("1", at=AT)


def test_an_answer_about_another(gateway: AlipayGateway, provider: Provider) -> None:
    provider.says(CLOSE, out_trade_no="2")
    with pytest.raises(Unknown, match="told about 2"):
        gateway.close("1", at=AT)
