"""Fetching a day's bill."""

import hashlib
from datetime import date

import pytest

from apps.payment.exceptions import BillNotReady, Rejected, Unknown
from apps.payment.gateways.alipay import AlipayGateway
from apps.payment.gateways.interface import Bill
from tests.payment.alipay.conftest import AT, Provider
from tests.payment.alipay.test_bill_file import PAID, REFUNDED, both, table

ADDRESS = "alipay.data.dataservice.bill.downloadurl.query"
DAY = date(2026, 11, 22)
FILE = both(table(PAID, REFUNDED))
URL = "https://dwbillcenter.alipay.com/downloadBillFile.resource?bizType=trade"


def fetch(gateway: AlipayGateway) -> Bill:
    return gateway.bill(DAY, at=AT)


def test_fetched(gateway: AlipayGateway, provider: Provider) -> None:
    provider.says(ADDRESS, bill_download_url=URL)
    provider.files[URL] = FILE
    bill = fetch(gateway)
    assert [line.kind for line in bill.lines] == ["payment", "refund"]
    assert bill.digest == hashlib.sha256(FILE).hexdigest()
    assert provider.content(ADDRESS) == {"bill_type": "trade", "bill_date": "2026-11-22"}


def test_a_day_on_which_nothing_happened(gateway: AlipayGateway, provider: Provider) -> None:
    empty = hashlib.sha256(b"").hexdigest()
    provider.says(ADDRESS, bill_download_url=URL, bill_file_code="EMPTY_DATA_WITH_BILL_FILE")
    assert fetch(gateway) == Bill((), empty)
    for sub_code in ("NO_BILL_DATA", "isp.NO_BILL_DATA"):
        provider.refuses(ADDRESS, sub_code)
        assert fetch(gateway) == Bill((), empty)


@pytest.mark.parametrize(
    ("sub_code", "raised"),
    [
        ("BILL_NOT_EXIST", BillNotReady),
        ("isp.bill_not_exist", BillNotReady),
        ("SYSTEM_RATE_LIMIT", Unknown),
        ("USER_RATE_LIMIT", Unknown),
        ("UNKNOWN_ERROR", Unknown),
        ("INVAILID_ARGUMENTS", Rejected),
        ("TYPE_NOT_SUPPORTED", Rejected),
        ("BILL_DATE_BEFORE_REGISTRATION", Rejected),
    ],
)
def test_refused(
    gateway: AlipayGateway, provider: Provider, sub_code: str, raised: type[Exception]
) -> None:
    provider.refuses(ADDRESS, sub_code)
    with pytest.raises(raised):
        fetch(gateway)


def test_asked_too_often(gateway: AlipayGateway, provider: Provider) -> None:
    provider.refuses(ADDRESS, "isv.app-call-limited", code="40005")
    with pytest.raises(Unknown):
        fetch(gateway)


def test_no_address_or_one_that_has_expired(gateway: AlipayGateway, provider: Provider) -> None:
    provider.says(ADDRESS)
    with pytest.raises(Unknown, match="No address"):
        fetch(gateway)
    provider.says(ADDRESS, bill_download_url=URL)
    with pytest.raises(Unknown, match="HTTP 404"):
        fetch(gateway)
