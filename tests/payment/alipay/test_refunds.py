"""Money that goes back: what proves it, what is refused, and what nobody knows."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.gateways.alipay import AlipayGateway
from tests.payment.alipay.conftest import Provider, refund_order

REFUND = "alipay.trade.refund"
QUERY = "alipay.trade.fastpay.refund.query"
MOVED = {"out_trade_no": "1", "fund_change": "Y", "refund_fee": "80.00"}
REPEATED = MOVED | {"fund_change": "N"}
DONE = {
    "out_trade_no": "1",
    "out_request_no": "1R01",
    "refund_status": "REFUND_SUCCESS",
    "refund_amount": "30.00",
    "gmt_refund_pay": "2026-11-23 12:00:05",
}


def test_money_moved(gateway: AlipayGateway, provider: Provider) -> None:
    provider.says(REFUND, **MOVED)
    told = gateway.refund(refund_order())
    assert (told.outcome, told.out_request_no, told.out_trade_no) == ("succeeded", "1R01", "1")
    # The sum of all refunds of the trade is not this one's amount.
    assert told.amount is None
    assert provider.asked == [
        (
            REFUND,
            {
                "out_trade_no": "1",
                "out_request_no": "1R01",
                "refund_amount": "30.00",
                "refund_reason": "买多了",
            },
        )
    ]


def test_repeated_and_done(gateway: AlipayGateway, provider: Provider) -> None:
    provider.says(REFUND, **REPEATED)
    provider.says(QUERY, **DONE)
    told = gateway.refund(refund_order())
    assert (told.outcome, told.amount) == ("succeeded", Decimal("30.00"))
    assert told.succeeded_at == datetime(2026, 11, 23, 4, 0, 5, tzinfo=UTC)
    assert [method for method, _ in provider.asked] == [REFUND, QUERY]


@pytest.mark.parametrize("answer", [REPEATED, {"out_trade_no": "1"}])
def test_accepted_and_not_done_yet(
    gateway: AlipayGateway, provider: Provider, answer: dict[str, str]
) -> None:
    """10000 alone is no proof."""
    provider.says(REFUND, **answer)
    provider.says(QUERY)
    assert gateway.refund(refund_order()).outcome == "processing"


def test_done_after_it_was_under_way_is_another_event(
    gateway: AlipayGateway, provider: Provider
) -> None:
    provider.says(REFUND, **REPEATED)
    provider.says(QUERY)
    first = gateway.refund(refund_order())
    again = gateway.refund(refund_order())
    provider.says(QUERY, **DONE)
    done = gateway.refund(refund_order())
    assert first.event_id == again.event_id != done.event_id


def test_accepted_and_the_question_refused(gateway: AlipayGateway, provider: Provider) -> None:
    """A refusal of the question must not be taken for a refusal of the refund."""
    provider.says(REFUND, **REPEATED)
    provider.refuses(QUERY, "ACQ.INVALID_PARAMETER")
    with pytest.raises(Unknown):
        gateway.refund(refund_order())


@pytest.mark.parametrize(
    ("sub_code", "is_temporary"),
    [
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH", True),
        ("ACQ.REFUND_CHARGE_ERROR", True),
        ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", False),
        ("ACQ.REASON_TRADE_REFUND_FEE_ERR", False),
        ("ACQ.DISCORDANT_REPEAT_REQUEST", False),
        ("ACQ.TRADE_HAS_FINISHED", False),
        ("ACQ.TRADE_NOT_ALLOW_REFUND", False),
        ("ACQ.NOT_ALLOW_PARTIAL_REFUND", False),
        ("ACQ.TRADE_NOT_EXIST", False),
        ("ACQ.REASON_TRADE_BEEN_FREEZEN", False),
        ("ACQ.TRADE_STATUS_ERROR", False),
    ],
)
def test_refused(
    gateway: AlipayGateway, provider: Provider, sub_code: str, is_temporary: bool
) -> None:
    provider.refuses(REFUND, sub_code)
    with pytest.raises(Rejected) as caught:
        gateway.refund(refund_order())
    assert (caught.value.sub_code, caught.value.is_temporary) == (sub_code, is_temporary)


def test_asked_too_often(gateway: AlipayGateway, provider: Provider) -> None:
    provider.refuses(REFUND, "isv.app-call-limited", code="40005")
    with pytest.raises(Rejected) as caught:
        gateway.refund(refund_order())
    assert caught.value.is_temporary


@pytest.mark.parametrize(
    ("code", "sub_code"),
    [
        ("40004", "ACQ.SYSTEM_ERROR"),
        ("40004", "AQC.SYSTEM_ERROR"),
        ("40004", "SYSTEM_ERROR"),
        ("20000", "isp.unknow-error"),
        ("20000", "aop.unknow-error"),
        ("10003", ""),
        ("99999", "something.new"),
    ],
)
def test_nobody_knows(gateway: AlipayGateway, provider: Provider, code: str, sub_code: str) -> None:
    provider.refuses(REFUND, sub_code, code=code)
    with pytest.raises(Unknown):
        gateway.refund(refund_order())


def test_a_setting_is_wrong(gateway: AlipayGateway, provider: Provider) -> None:
    provider.refuses(REFUND, "isv.invalid-signature", code="40002")
    with pytest.raises(Misconfigured):
        gateway.refund(refund_order())


@pytest.mark.parametrize(
    ("method", "answer"), [(REFUND, {"out_trade_no": "2"}), (QUERY, {"out_request_no": "1R02"})]
)
def test_an_answer_about_another(
    gateway: AlipayGateway, provider: Provider, method: str, answer: dict[str, str]
) -> None:
    provider.says(REFUND, **REPEATED)
    provider.says(QUERY, **DONE)
    provider.answers[method] |= answer
    with pytest.raises(Unknown, match="told about"):
        gateway.refund(refund_order())


# --- Asking ---------------------------------------------------------------------------------------


def test_asked_how_it_stands(gateway: AlipayGateway, provider: Provider) -> None:
    provider.says(QUERY, **DONE)
    told = gateway.refund_query(refund_order())
    assert told is not None
    assert (told.outcome, told.kind, told.status) == ("succeeded", "query", "REFUND_SUCCESS")
    assert provider.content(QUERY) == {
        "out_trade_no": "1",
        "out_request_no": "1R01",
        "query_options": ["gmt_refund_pay"],
    }


def test_no_such_refund_or_not_yet(gateway: AlipayGateway, provider: Provider) -> None:
    provider.says(QUERY)
    assert gateway.refund_query(refund_order()) is None
    provider.refuses(QUERY, "ACQ.TRADE_NOT_EXIST")
    assert gateway.refund_query(refund_order()) is None


def test_another_status_is_not_the_end(gateway: AlipayGateway, provider: Provider) -> None:
    provider.says(QUERY, **DONE | {"refund_status": "SOMETHING_NEW"})
    told = gateway.refund_query(refund_order())
    assert told is not None
    assert told.outcome == "processing"


@pytest.mark.parametrize(
    "wrong", [{"refund_amount": "much"}, {"gmt_refund_pay": "yesterday"}, {"refund_amount": "1e99"}]
)
def test_values_that_do_not_read(
    gateway: AlipayGateway, provider: Provider, wrong: dict[str, str]
) -> None:
    provider.says(QUERY, **DONE | wrong)
    with pytest.raises(Unknown):
        gateway.refund_query(refund_order())
