"""Platform certificates: fetched when needed, renewed, and never fetched because somebody unknown says so."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier, Event
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from cryptography import x509

from apps.payment.exceptions import BadSignature, Misconfigured, Unknown
from apps.payment.gateways.interface import RefundOrder
from apps.payment.gateways.wechatpay import WechatPayGateway
from apps.payment.gateways.wechatpay.certificates import Certificates, PlatformCertificates
from tests.payment.wechatpay.provider import (
    NOW,
    Signer,
    WeChatPay,
    certificates,
    envelope,
    notice,
    refund,
    transaction,
)
from tests.wechatpay_keys import WechatPayKeys, certificate_of, pem_of

PATH = "/v3/certificates"
NUMBER = "2026112300000000000000000101"
TRADE = f"/v3/pay/transactions/out-trade-no/{NUMBER}"
TWELVE_HOURS = timedelta(hours=12)
REFUND_ORDER = RefundOrder(
    out_trade_no=NUMBER,
    out_request_no="R2026112300000001",
    amount=Decimal("10.01"),
    total_amount=Decimal("110.00"),
    reason="",
    at=NOW,
)


@pytest.fixture
def stranger(wechatpay_keys: WechatPayKeys) -> Signer:
    """Signs with a key of its own, under the serial of a certificate that WeChat Pay does not know."""
    return Signer(
        RSA.import_key(pem_of(wechatpay_keys.merchant)), "5157F09EFDC096DE15EBE81A47057A72"
    )


def test_an_answer_signed_with_a_certificate(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    platform: Signer,
    platform_answers: Callable[..., None],
) -> None:
    platform_answers()
    wechat.answers("GET", TRADE, transaction(), signer=platform)
    for _ in range(3):
        told = gateway.query(NUMBER, at=NOW)
        assert told is not None
        assert told.outcome == "paid"
    assert len(wechat.asked("GET", PATH)) == 1


def test_a_certificate_under_a_lower_case_serial(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    platform: Signer,
    platform_answers: Callable[..., None],
) -> None:
    platform_answers()
    heard = notice(envelope(transaction()), Signer(platform.key, platform.serial.lower()))
    assert gateway.parse_notice(heard).event_id == "EV-2018022511223320873"


@pytest.mark.parametrize(
    ("since", "days"), [(NOW - timedelta(days=30), 29), (NOW + timedelta(days=1), 30)]
)
def test_a_certificate_out_of_its_time(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    wechatpay_keys: WechatPayKeys,
    since: datetime,
    days: int,
) -> None:
    certificate = certificate_of(wechatpay_keys.platform, since=since, days=days)
    signer = Signer(
        RSA.import_key(pem_of(wechatpay_keys.platform)), f"{certificate.serial_number:X}"
    )
    wechat.answers("GET", PATH, certificates(certificate))
    with pytest.raises(BadSignature):
        gateway.parse_notice(notice(envelope(transaction()), signer))


def test_certificates_that_another_apiv3_key_sealed(
    wechat: WeChatPay, gateway: WechatPayGateway, platform: Signer, wechatpay_keys: WechatPayKeys
) -> None:
    content = certificates(wechatpay_keys.platform_certificate, key="x" * 32)
    wechat.answers("GET", PATH, content, signer=platform)
    with pytest.raises(Misconfigured, match="WECHATPAY_APIV3_KEY"):
        gateway.parse_notice(notice(envelope(transaction()), platform))


@pytest.mark.parametrize("how", [{"is_signed": False}, {"age": timedelta(minutes=6)}], ids=str)
def test_certificates_that_nobody_signed(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    platform: Signer,
    platform_answers: Callable[..., None],
    how: dict[str, Any],
) -> None:
    platform_answers(**how)
    with pytest.raises(Unknown):
        gateway.parse_notice(notice(envelope(transaction()), platform))


def test_certificates_that_another_key_signed(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    platform: Signer,
    stranger: Signer,
    platform_answers: Callable[..., None],
) -> None:
    platform_answers(signer=Signer(stranger.key, platform.serial))
    with pytest.raises(Unknown):
        gateway.parse_notice(notice(envelope(transaction()), platform))


def test_a_merchant_who_has_none(
    wechat: WeChatPay, gateway: WechatPayGateway, platform: Signer
) -> None:
    wechat.refuses("GET", PATH, 404, "RESOURCE_NOT_EXISTS")
    for _ in range(2):
        with pytest.raises(BadSignature):
            gateway.parse_notice(notice(envelope(transaction()), platform))
    assert len(wechat.requests) == 1


def test_forged_notices_do_not_make_us_call_out(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    stranger: Signer,
    platform: Signer,
    platform_answers: Callable[..., None],
) -> None:
    platform_answers()
    for n in range(25):
        forger = Signer(stranger.key, f"{int(stranger.serial, 16) + n:X}")
        at = NOW + timedelta(seconds=12 * n)
        with pytest.raises(BadSignature):
            gateway.parse_notice(notice(envelope(transaction()), forger, signed_at=at, at=at))
    assert len(wechat.requests) == 1
    # And yet the right ones come through meanwhile,
    heard = notice(envelope(transaction()), platform)
    assert gateway.parse_notice(heard).event_id == "EV-2018022511223320873"
    # and after ten minutes one more is asked for.
    for minutes, asked in ((9, 1), (10, 2), (19, 2), (20, 3)):
        at = NOW + timedelta(minutes=minutes)
        # The server signs by its own clock, so what it says now is too old for us: that counts as having asked, too.
        with pytest.raises((BadSignature, Unknown)):
            gateway.parse_notice(notice(envelope(transaction()), stranger, signed_at=at, at=at))
        assert len(wechat.requests) == asked


def test_an_unknown_certificate_of_an_answer_is_asked_for_at_once(
    wechat: WeChatPay,
    gateway: WechatPayGateway,
    platform: Signer,
    wechatpay_keys: WechatPayKeys,
    stranger: Signer,
    platform_answers: Callable[..., None],
) -> None:
    platform_answers()
    with pytest.raises(BadSignature):
        gateway.parse_notice(notice(envelope(transaction()), stranger))
    fresh = certificate_of(wechatpay_keys.public)
    renewed = Signer(RSA.import_key(pem_of(wechatpay_keys.public)), f"{fresh.serial_number:X}")
    both = certificates(wechatpay_keys.platform_certificate, fresh)
    wechat.answers("GET", PATH, both, signer=platform)
    wechat.answers("GET", TRADE, transaction(), signer=renewed)
    told = gateway.query(NUMBER, at=NOW)
    assert told is not None
    assert told.outcome == "paid"
    assert len(wechat.asked("GET", PATH)) == 2


@pytest.mark.parametrize(
    ("status", "code"), [(403, "RULE_LIMIT"), (401, "SIGN_ERROR"), (404, "NO_STATEMENT_EXIST")]
)
def test_a_refund_that_was_accepted_while_the_certificates_are_refused(
    wechat: WeChatPay, gateway: WechatPayGateway, platform: Signer, status: int, code: str
) -> None:
    """Taken for a refusal of the refund, the money would go back a second time."""
    wechat.answers("POST", "/v3/refund/domestic/refunds", refund(), signer=platform)
    wechat.refuses("GET", PATH, status, code)
    with pytest.raises(Unknown, match=code):
        gateway.refund(REFUND_ORDER)


def test_a_refund_that_was_accepted_while_the_certificates_do_not_open(
    wechat: WeChatPay, gateway: WechatPayGateway, platform: Signer, wechatpay_keys: WechatPayKeys
) -> None:
    wechat.answers("POST", "/v3/refund/domestic/refunds", refund(), signer=platform)
    content = certificates(wechatpay_keys.platform_certificate, key="x" * 32)
    wechat.answers("GET", PATH, content, signer=platform)
    with pytest.raises(Unknown, match="WECHATPAY_APIV3_KEY"):
        gateway.refund(REFUND_ORDER)


# --- Alone, with a clock --------------------------------------------------------------------------


class Source:
    """Gives out what it has; counts how often."""

    def __init__(self, *given: x509.Certificate) -> None:
        self.given = given
        self.asked_at: list[datetime] = []
        self.is_down = False

    def __call__(self, at: datetime) -> Certificates:
        self.asked_at.append(at)
        if self.is_down:
            raise Unknown("down")
        return {each.serial_number: each for each in self.given}


@pytest.fixture
def source(wechatpay_keys: WechatPayKeys) -> Source:
    return Source(wechatpay_keys.platform_certificate)


def test_they_are_renewed_after_twelve_hours(source: Source, platform: Signer) -> None:
    known = PlatformCertificates(source)
    for hours in (0, 1, 11.9, 12, 13, 23.9, 24):
        at = NOW + timedelta(hours=hours)
        assert known.for_answer(platform.serial, at=at) is not None
        assert known.for_notice(platform.serial, at=at) is not None
    assert source.asked_at == [NOW, NOW + TWELVE_HOURS, NOW + 2 * TWELVE_HOURS]


def test_one_that_is_withdrawn_is_forgotten(source: Source, platform: Signer) -> None:
    known = PlatformCertificates(source)
    assert known.for_notice(platform.serial, at=NOW) is not None
    source.given = ()
    assert known.for_notice(platform.serial, at=NOW + TWELVE_HOURS) is None


def test_a_known_one_stays_good_while_wechat_pay_is_down(source: Source, platform: Signer) -> None:
    known = PlatformCertificates(source)
    known.for_answer(platform.serial, at=NOW)
    source.is_down = True
    assert known.for_notice(platform.serial, at=NOW + TWELVE_HOURS) is not None
    assert known.for_answer(platform.serial, at=NOW + TWELVE_HOURS) is not None
    assert len(source.asked_at) == 2


@pytest.mark.parametrize("serial", ["", "xyz", "-1", "0x1", "1 ", "A" * 41, "PUB_KEY_ID_1"])
def test_what_is_no_serial_is_not_asked_for(source: Source, serial: str) -> None:
    known = PlatformCertificates(source)
    assert known.for_notice(serial, at=NOW) is None
    assert known.for_answer(serial, at=NOW) is None
    assert source.asked_at == []


def test_many_answers_at_once_ask_once(source: Source, platform: Signer) -> None:
    start = Barrier(8)
    known = PlatformCertificates(source)

    def ask(_: int) -> bool:
        start.wait(5)
        return known.for_answer(platform.serial, at=NOW) is not None

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [True] * 8
    assert len(source.asked_at) == 1


def test_notices_do_not_wait_for_one_that_asks(source: Source, platform: Signer) -> None:
    is_asking, may_answer = Event(), Event()

    def slow(at: datetime) -> Certificates:
        is_asking.set()
        assert may_answer.wait(5)
        return source(at)

    known = PlatformCertificates(slow)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(known.for_notice, platform.serial, at=NOW)
        assert is_asking.wait(5)
        assert known.for_notice(platform.serial, at=NOW) is None
        may_answer.set()
        assert first.result(5) is not None
    assert known.for_notice(platform.serial, at=NOW) is not None
