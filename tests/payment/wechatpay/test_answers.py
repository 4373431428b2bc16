"""What an answer is worth: signed, fresh and about what was asked; refusals are told apart."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from Crypto.PublicKey import RSA

from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.gateways.interface import RefundOrder
from apps.payment.gateways.wechatpay import WechatPayGateway
from tests.payment.wechatpay.provider import NOW, Signer, WeChatPay, refund, transaction
from tests.wechatpay_keys import WechatPayKeys, pem_of

NUMBER = "2026112300000000000000000101"
TRADE = f"/v3/pay/transactions/out-trade-no/{NUMBER}"
CLOSE = f"{TRADE}/close"
REFUNDS = "/v3/refund/domestic/refunds"
ORDER = RefundOrder(
    NUMBER, "R2026112300000001", Decimal("10.01"), Decimal("110.00"), "不想要了", at=NOW
)
REFUND = f"{REFUNDS}/{ORDER.out_request_no}"

Calls = dict[str, tuple[str, str, Callable[[WechatPayGateway], Any]]]
CALLS: Calls = {
    "query": ("GET", TRADE, lambda us: us.query(NUMBER, at=NOW)),
    "close": ("POST", CLOSE, lambda us: us.close(NUMBER, at=NOW)),
    "refund": ("POST", REFUNDS, lambda us: us.refund(ORDER)),
    "refund_query": ("GET", REFUND, lambda us: us.refund_query(ORDER)),
}
every_call = pytest.mark.parametrize("name", CALLS)


# --- Whether to believe ---------------------------------------------------------------------------


def test_a_paid_trade(
    wechat: WeChatPay, gateway: WechatPayGateway, wechatpay_keys: WechatPayKeys
) -> None:
    fields = transaction()
    wechat.answers("GET", TRADE, fields)
    told = gateway.query(NUMBER, at=NOW)
    (request,) = wechat.requests
    assert request.target == f"{TRADE}?mchid=1900000001"
    assert request.is_signed_by(wechatpay_keys.merchant_certificate)
    assert told is not None
    assert (told.provider, told.kind, told.event_id) == (
        "wechatpay",
        "query",
        f"query:{NUMBER}:SUCCESS",
    )
    assert (told.out_trade_no, told.trade_no) == (NUMBER, "4200002026112300000000000001")
    assert (told.app_id, told.account) == ("wx0000000000000001", "1900000001")
    assert (told.amount, told.currency, told.outcome) == (Decimal("110.00"), "CNY", "paid")
    assert told.paid_at == datetime(2026, 11, 23, 3, 59, 30, tzinfo=UTC)
    assert told.payer == "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    assert told.payload == fields


@every_call
@pytest.mark.parametrize(
    "untrue",
    [
        {"is_signed": False},
        {"age": timedelta(seconds=301)},
        {"age": timedelta(seconds=-301)},
        {"status": 202},
        {"status": 302, "Location": "http://127.0.0.1:9/"},
        {"status": 500, "is_signed": True},
        {"status": 502},
    ],
    ids=str,
)
def test_an_answer_that_proves_nothing(
    wechat: WeChatPay, gateway: WechatPayGateway, name: str, untrue: dict[str, Any]
) -> None:
    method, path, ask = CALLS[name]
    content = {"query": transaction(), "close": {}}.get(name, refund())
    wechat.answers(method, path, content, **untrue)
    with pytest.raises(Unknown):
        ask(gateway)
    assert len(wechat.requests) == 1


@pytest.mark.parametrize("seconds", [-300, 300])
def test_an_answer_may_be_five_minutes_off(
    wechat: WeChatPay, gateway: WechatPayGateway, seconds: int
) -> None:
    wechat.answers("GET", TRADE, transaction(), age=timedelta(seconds=seconds))
    told = gateway.query(NUMBER, at=NOW)
    assert told is not None
    assert told.outcome == "paid"


def test_an_answer_by_another_key(
    wechat: WeChatPay, gateway: WechatPayGateway, wechatpay_keys: WechatPayKeys, public: Signer
) -> None:
    ours = RSA.import_key(pem_of(wechatpay_keys.merchant))
    wechat.answers("GET", TRADE, transaction(), signer=Signer(ours, public.serial))
    with pytest.raises(Unknown, match="WECHATPAY_PUBLIC_KEY"):
        gateway.query(NUMBER, at=NOW)


def test_an_answer_under_another_id(
    wechat: WeChatPay, gateway: WechatPayGateway, public: Signer
) -> None:
    stranger = Signer(public.key, public.serial[:-1] + "2")
    wechat.answers("GET", TRADE, transaction(), signer=stranger)
    with pytest.raises(Unknown, match="PUB_KEY_ID_0000000000000000000000000000000002"):
        gateway.query(NUMBER, at=NOW)
    assert len(wechat.requests) == 1


def test_a_signature_belongs_to_its_body(
    wechat: WeChatPay, gateway: WechatPayGateway, public: Signer
) -> None:
    stamp = public.headers(b'{"trade_state":"NOTPAY"}', at=NOW)
    wechat.answers("GET", TRADE, transaction(), is_signed=False, **stamp)
    with pytest.raises(Unknown):
        gateway.query(NUMBER, at=NOW)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff", b'"x"'])
def test_an_answer_that_does_not_read(
    wechat: WeChatPay, gateway: WechatPayGateway, content: bytes
) -> None:
    wechat.answers("GET", TRADE, content)
    with pytest.raises(Unknown):
        gateway.query(NUMBER, at=NOW)


def test_nobody_answers(gateway_with: Callable) -> None:
    gateway = gateway_with(gateway_url="http://127.0.0.1:9", connect_timeout=0.5)
    with pytest.raises(Unknown):
        gateway.query(NUMBER, at=NOW)


# --- Refusals, which are not signed ---------------------------------------------------------------


@every_call
def test_a_wrong_signature_of_ours(wechat: WeChatPay, gateway: WechatPayGateway, name: str) -> None:
    method, path, ask = CALLS[name]
    wechat.refuses(method, path, 401, "SIGN_ERROR", "商户证书序列号有误")
    with pytest.raises(Misconfigured, match="商户证书序列号有误"):
        ask(gateway)


def test_a_wrong_clock_is_named(wechat: WeChatPay, gateway: WechatPayGateway) -> None:
    content = {
        "code": "SIGN_ERROR",
        "message": "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟",
    }
    date = "Mon, 23 Nov 2026 03:50:00 GMT"
    wechat.answers("GET", TRADE, content, status=401, Date=date)
    with pytest.raises(Misconfigured, match="600 seconds ahead"):
        gateway.query(NUMBER, at=NOW)


@every_call
@pytest.mark.parametrize("code", ["APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "NO_AUTH"])
def test_a_wrong_number_of_ours(
    wechat: WeChatPay, gateway: WechatPayGateway, name: str, code: str
) -> None:
    method, path, ask = CALLS[name]
    wechat.refuses(method, path, 403, code)
    with pytest.raises(Misconfigured, match=code):
        ask(gateway)


@every_call
@pytest.mark.parametrize(
    ("status", "content"),
    [
        (400, {"code": "SYSTEM_ERROR"}),
        (403, b"<html>blocked</html>"),
        (404, b""),
        (404, {"message": "no code"}),
        (404, []),
        (500, {"code": "SYSTEM_ERROR"}),
        (503, {"code": "SERVICE_UNAVAILABLE"}),
    ],
    ids=str,
)
def test_a_refusal_that_proves_nothing(
    wechat: WeChatPay, gateway: WechatPayGateway, name: str, status: int, content: Any
) -> None:
    """What stands between WeChat Pay and us answers, too."""
    method, path, ask = CALLS[name]
    wechat.answers(method, path, content, status=status)
    with pytest.raises(Unknown):
        ask(gateway)


# --- Asking after a payment -----------------------------------------------------------------------


@pytest.mark.parametrize("code", ["ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"])
def test_a_trade_that_is_none(wechat: WeChatPay, gateway: WechatPayGateway, code: str) -> None:
    wechat.refuses("GET", TRADE, 404, code)
    assert gateway.query(NUMBER, at=NOW) is None


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("REFUND", "paid"), ("NOTPAY", "other"), ("USERPAYING", "other"), ("CLOSED", "closed")],
)
def test_the_state_of_a_trade(
    wechat: WeChatPay, gateway: WechatPayGateway, state: str, outcome: str
) -> None:
    wechat.answers("GET", TRADE, transaction(trade_state=state))
    told = gateway.query(NUMBER, at=NOW)
    assert told is not None
    assert (told.outcome, told.status) == (outcome, state)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(None, None), ({"payer_currency": "CNY"}, None), ({"total": 11000}, Decimal("110.00"))],
)
def test_an_unpaid_trade_may_say_less(
    wechat: WeChatPay, gateway: WechatPayGateway, amount: Any, expected: Decimal | None
) -> None:
    fields = transaction(
        trade_state="NOTPAY", transaction_id=None, success_time=None, payer=None, amount=amount
    )
    wechat.answers("GET", TRADE, fields)
    told = gateway.query(NUMBER, at=NOW)
    assert told is not None
    assert (told.amount, told.trade_no, told.paid_at) == (expected, "", None)


@pytest.mark.parametrize(
    "changed",
    [
        {"out_trade_no": NUMBER + "1"},
        {"transaction_id": None},
        {"amount": None},
        {"amount": {"total": 11000}},
        {"amount": {"total": "11000", "currency": "CNY"}},
        {"amount": {"total": 11000.0, "currency": "CNY"}},
        {"amount": {"total": True, "currency": "CNY"}},
        {"amount": {"total": -1, "currency": "CNY"}},
        {"amount": {"total": 10**12, "currency": "CNY"}},
        {"success_time": "yesterday"},
        {"success_time": "2026-11-23T11:59:30"},
        {"mchid": None},
        {"appid": ""},
        {"trade_state": None},
    ],
    ids=str,
)
def test_a_paid_trade_must_say_it_all(
    wechat: WeChatPay, gateway: WechatPayGateway, changed: dict[str, Any]
) -> None:
    wechat.answers("GET", TRADE, transaction(**changed))
    with pytest.raises(Unknown):
        gateway.query(NUMBER, at=NOW)


def test_a_number_cannot_leave_its_place(
    wechat: WeChatPay, gateway: WechatPayGateway, wechatpay_keys: WechatPayKeys
) -> None:
    number = "T1/../x?y=1#z|*"
    quoted = "/v3/pay/transactions/out-trade-no/T1%2F..%2Fx%3Fy%3D1%23z%7C%2A"
    wechat.answers("GET", quoted, transaction(out_trade_no=number))
    told = gateway.query(number, at=NOW)
    (request,) = wechat.requests
    assert request.is_signed_by(wechatpay_keys.merchant_certificate)
    assert told is not None
    assert told.out_trade_no == number


# --- Closing --------------------------------------------------------------------------------------


def test_a_trade_is_closed(wechat: WeChatPay, gateway: WechatPayGateway) -> None:
    wechat.answers("POST", CLOSE, status=204)
    assert gateway.close(NUMBER, at=NOW) is True
    assert wechat.requests[0].content == {"mchid": "1900000001"}


@pytest.mark.parametrize(("code", "closed"), [("ORDER_CLOSED", True), ("ORDER_NOT_EXIST", False)])
def test_nothing_to_close(
    wechat: WeChatPay, gateway: WechatPayGateway, code: str, closed: bool
) -> None:
    wechat.refuses("POST", CLOSE, 400, code)
    assert gateway.close(NUMBER, at=NOW) is closed


@pytest.mark.parametrize("code", ["ORDERPAID", "ORDER_PAID"])
def test_what_is_paid_is_not_closed(
    wechat: WeChatPay, gateway: WechatPayGateway, code: str
) -> None:
    wechat.refuses("POST", CLOSE, 400, code)
    with pytest.raises(Rejected) as refusal:
        gateway.close(NUMBER, at=NOW)
    assert refusal.value.sub_code == code


# --- Refunds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("SUCCESS", "succeeded"),
        ("PROCESSING", "processing"),
        ("CLOSED", "failed"),
        ("ABNORMAL", "stuck"),
    ],
)
@pytest.mark.parametrize(("name", "kind"), [("refund", "answer"), ("refund_query", "query")])
def test_the_state_of_a_refund(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    name: str,
    kind: str,
    status: str,
    outcome: str,
) -> None:
    method, path, ask = CALLS[name]
    fields = refund(status=status, **({} if status == "SUCCESS" else {"success_time": None}))
    wechat.answers(method, path, fields)
    told = ask(gateway)
    succeeded_at = datetime(2026, 11, 23, 3, 59, 40, tzinfo=UTC)
    assert (told.kind, told.status, told.outcome) == (kind, status, outcome)
    assert told.succeeded_at == (succeeded_at if status == "SUCCESS" else None)
    assert told.event_id == f"refund:R2026112300000001:{status}"
    assert (told.out_trade_no, told.out_request_no) == (NUMBER, "R2026112300000001")
    assert (told.refund_no, told.amount) == ("50000000382019052709732678859", Decimal("10.01"))
    assert (told.app_id, told.account) == ("", "")


def test_a_refund_is_asked_for_alike_every_time(
    wechat: WeChatPay, gateway: WechatPayGateway
) -> None:
    wechat.answers("POST", REFUNDS, refund(status="PROCESSING", success_time=None))
    gateway.refund(ORDER)
    gateway.refund(ORDER)
    first, second = wechat.requests
    assert first.body == second.body
    assert first.content["out_refund_no"] == "R2026112300000001"


@pytest.mark.parametrize(
    ("status", "code", "is_temporary"),
    [
        (403, "NOT_ENOUGH", True),
        (403, "TRADE_ERROR", False),
        (403, "USER_ACCOUNT_ABNORMAL", False),
        (400, "REFUND_FEE_MISMATCH", False),
        (404, "RESOURCE_NOT_EXISTS", False),
    ],
)
def test_a_refund_refused(
    wechat: WeChatPay, gateway: WechatPayGateway, status: int, code: str, is_temporary: bool
) -> None:
    wechat.refuses("POST", REFUNDS, status, code)
    with pytest.raises(Rejected) as refusal:
        gateway.refund(ORDER)
    assert (refusal.value.sub_code, refusal.value.is_temporary) == (code, is_temporary)


@pytest.mark.parametrize("code", ["FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "SOMETHING_ELSE"])
def test_after_too_many_refunds_one_asks_first(
    wechat: WeChatPay, gateway: WechatPayGateway, code: str
) -> None:
    for method, path in (("POST", REFUNDS), ("GET", TRADE)):
        wechat.refuses(method, path, 429, code)
    with pytest.raises(Unknown):
        gateway.refund(ORDER)
    with pytest.raises(Rejected) as refusal:
        gateway.query(NUMBER, at=NOW)
    assert refusal.value.is_temporary


@pytest.mark.parametrize("code", ["RESOURCE_NOT_EXISTS", "ORDER_NOT_EXIST"])
def test_a_refund_that_was_never_accepted(
    wechat: WeChatPay, gateway: WechatPayGateway, code: str
) -> None:
    wechat.refuses("GET", REFUND, 404, code)
    assert gateway.refund_query(ORDER) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"out_refund_no": "R2"},
        {"out_trade_no": NUMBER + "1"},
        {"refund_id": None},
        {"status": "NEW_WORD"},
        {"amount": None},
        {"amount": {"refund": "1001"}},
        {"success_time": None},
    ],
    ids=str,
)
def test_a_refund_must_say_it_all(
    wechat: WeChatPay, gateway: WechatPayGateway, changed: dict[str, Any]
) -> None:
    wechat.answers("GET", REFUND, refund(**changed))
    with pytest.raises(Unknown):
        gateway.refund_query(ORDER)


def test_nothing_is_paid_out(gateway: WechatPayGateway) -> None:
    assert gateway.pays_out is False
    with pytest.raises(Rejected) as refusal:
        gateway.pay_out(ORDER)
    assert refusal.value.sub_code == "NOT_OFFERED"
    assert gateway.payout_query(ORDER) is None
