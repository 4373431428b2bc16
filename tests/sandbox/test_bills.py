from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.sandbox.merchant import SELLER_ID, Clock, Merchant, call, pay, url_of

BILL = "alipay.data.dataservice.bill.downloadurl.query"
REFUND = "alipay.trade.refund"
DAY = "2026-03-04"


def address(client: FlaskClient, merchant: Merchant, day: str = DAY) -> dict[str, Any]:
    return call(client, merchant, BILL, bill_type="trade", bill_date=day)


def bill(client: FlaskClient, merchant: Merchant, day: str = DAY) -> dict[str, list[str]]:
    """The lines of both tables, by the names that a reader of GBK sees."""
    node = address(client, merchant, day)
    file = client.get(node["bill_download_url"])
    assert (file.status_code, file.content_type) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        assert archive.testzip() is None
        assert all(not info.flag_bits & 0x800 for info in archive.infolist())
        return {
            info.filename.encode("cp437").decode("gbk"): archive.read(info)
            .decode("gbk")
            .split("\r\n")
            for info in archive.infolist()
        }


def rows_of(lines: list[str]) -> list[dict[str, str]]:
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [{name: value.rstrip("\t") for name, value in row.items()} for row in table]


def detail(client: FlaskClient, merchant: Merchant, day: str = DAY) -> list[dict[str, str]]:
    return rows_of(bill(client, merchant, day)[f"{SELLER_ID}_{day.replace('-', '')}_业务明细.csv"])


@pytest.fixture
def next_morning(client: FlaskClient, merchant: Merchant, clock: Clock) -> None:
    """One trade paid and partly refunded, another one paid; then it is nine o'clock."""
    pay(client, merchant, out_trade_no="A1", subject="手机,一台")
    clock.advance(hours=1)
    refund = {"out_request_no": "R1", "refund_amount": "33.33", "refund_reason": "不要了"}
    call(client, merchant, REFUND, out_trade_no="A1", **refund)
    pay(client, merchant, out_trade_no="A2", total_amount="1.00", time_expire=None)
    client.get(url_of(merchant.page_pay(out_trade_no="A3", time_expire=None)))
    clock.advance(hours=20)


@pytest.mark.usefixtures("next_morning")
def test_the_bill_of_a_day(client: FlaskClient, merchant: Merchant) -> None:
    files = bill(client, merchant)
    assert list(files) == [f"{SELLER_ID}_20260304_业务明细{part}.csv" for part in ("", "(汇总)")]
    lines = files[f"{SELLER_ID}_20260304_业务明细.csv"]
    assert [line[0] for line in lines[:4]] == ["#"] * 4
    assert len(lines[4].split(",")) == 25
    assert "\t," in lines[5]
    assert lines[-4:] == [
        "#交易合计：2笔，商家实收共100.90元，商家优惠共0.00元",
        "#退款合计：1笔，商家实收退款共-33.33元，商家优惠退款共0.00元",
        "#导出时间：[2026年03月05日 09:00:00]",
        "",
    ]
    names = [
        "商户订单号",
        "业务类型",
        "商品名称",
        "完成时间",
        "订单金额（元）",
        "商家实收（元）",
        "退款批次号/请求号",
        "服务费（元）",
        "备注",
    ]
    rows = [[row[name] for name in names] for row in rows_of(lines)]
    noon, one = "2026-03-04 12:00:00", "2026-03-04 13:00:00"
    phone = "手机,一台"
    assert rows == [
        ["A1", "交易", phone, noon, "99.90", "99.90", "", "0.60", ""],
        ["A2", "交易", "手机 一台", one, "1.00", "1.00", "", "0.01", ""],
        ["A1", "退款", phone, one, "-33.33", "-33.33", "R1", "-0.20", "不要了"],
    ]
    (total,) = rows_of(files[f"{SELLER_ID}_20260304_业务明细(汇总).csv"])
    assert [total[name] for name in ("交易订单总笔数", "退款订单总笔数")] == ["2", "1"]
    amounts = [total[name] for name in ("订单金额（元）", "服务费（元）", "实收净额（元）")]
    assert amounts == ["67.57", "0.41", "67.16"]


@pytest.mark.usefixtures("next_morning")
def test_a_day_without_movements_has_a_file_all_the_same(
    client: FlaskClient, merchant: Merchant
) -> None:
    node = address(client, merchant, "2026-03-03")
    assert node["bill_file_code"] == "EMPTY_DATA_WITH_BILL_FILE"
    assert detail(client, merchant, "2026-03-03") == []
    assert "bill_file_code" not in address(client, merchant)


@pytest.mark.usefixtures("next_morning")
def test_the_address_lasts_half_a_minute(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    url = address(client, merchant)["bill_download_url"]
    clock.advance(seconds=29)
    assert client.get(url).data == client.get(url).data != b""
    clock.advance(seconds=1)
    assert client.get(url).status_code == 404
    assert client.get("/alipay/bill/guess").status_code == 404


def test_a_bill_is_made_at_nine_on_the_next_day(
    client: FlaskClient, merchant: Merchant, clock: Clock
) -> None:
    assert address(client, merchant)["sub_code"] == "BILL_NOT_EXIST"
    clock.advance(hours=21, seconds=-1)
    assert address(client, merchant)["sub_code"] == "BILL_NOT_EXIST"
    clock.advance(seconds=1)
    assert address(client, merchant)["code"] == "10000"


@pytest.mark.parametrize(
    ("biz", "sub_code"),
    [
        ({"bill_type": "signcustomer"}, "TYPE_NOT_SUPPORTED"),
        ({"bill_date": "2026-03"}, "INVAILID_ARGUMENTS"),
        ({"bill_date": "20260303"}, "INVAILID_ARGUMENTS"),
        ({"bill_date": "2026-02-30"}, "INVAILID_ARGUMENTS"),
        ({"bill_date": ""}, "INVAILID_ARGUMENTS"),
    ],
)
def test_a_bill_that_is_not_to_be_had(
    client: FlaskClient, merchant: Merchant, biz: dict[str, str], sub_code: str
) -> None:
    asked = {"bill_type": "trade", "bill_date": "2026-03-03", **biz}
    assert call(client, merchant, BILL, **asked)["sub_code"] == sub_code


# --- Switches -----------------------------------------------------------------------------------
def numbers(client: FlaskClient, merchant: Merchant) -> list[tuple[str, str, str]]:
    return [
        (row["商户订单号"], row["订单金额（元）"], row["服务费（元）"])
        for row in detail(client, merchant)
    ]


TRUE = [("A1", "99.90", "0.60"), ("A2", "1.00", "0.01"), ("A1", "-33.33", "-0.20")]


@pytest.mark.usefixtures("next_morning")
@pytest.mark.parametrize(
    ("fault", "rows"),
    [
        ({"name": "bill_missing_row"}, TRUE[1:]),
        ({"name": "bill_missing_row", "out_trade_no": "A2"}, [TRUE[0], TRUE[2]]),
        ({"name": "bill_missing_row", "out_trade_no": "A9"}, TRUE),
        ({"name": "bill_missing_row", "provider": "wechatpay"}, TRUE),
        ({"name": "bill_duplicate_row", "out_trade_no": "A2"}, [TRUE[0], TRUE[1], *TRUE[1:]]),
        ({"name": "bill_other_amount"}, [("A1", "99.91", "0.60"), *TRUE[1:]]),
        ({"name": "bill_other_amount", "value": 10}, [("A1", "100.00", "0.60"), *TRUE[1:]]),
        ({"name": "bill_other_fee"}, [("A1", "99.90", "0.61"), *TRUE[1:]]),
        ({"name": "bill_extra_row"}, [*TRUE, ("20260304EXTRA1", "1.00", "0.01")]),
        ({"name": "bill_extra_row", "out_trade_no": "X1"}, [*TRUE, ("X1", "1.00", "0.01")]),
    ],
)
def test_a_bill_can_be_wrong(
    client: FlaskClient,
    merchant: Merchant,
    fault: dict[str, Any],
    rows: list[tuple[str, str, str]],
) -> None:
    assert client.post("/faults", json=fault).status_code == 201
    assert numbers(client, merchant) == rows
    assert numbers(client, merchant) == rows
    client.delete("/faults")
    assert numbers(client, merchant) == TRUE


@pytest.mark.usefixtures("next_morning")
def test_a_bill_that_is_wrong_once(client: FlaskClient, merchant: Merchant) -> None:
    client.post("/faults", json={"name": "bill_missing_row", "times": 1})
    assert numbers(client, merchant) == TRUE[1:]
    assert numbers(client, merchant) == TRUE


@pytest.mark.usefixtures("next_morning")
def test_a_bill_can_be_late(client: FlaskClient, merchant: Merchant) -> None:
    client.post("/faults", json={"name": "bill_not_ready", "times": 2})
    for sub_code in ("BILL_NOT_EXIST", "BILL_NOT_EXIST", None):
        assert address(client, merchant).get("sub_code") == sub_code


def test_a_bill_can_be_early(client: FlaskClient, merchant: Merchant) -> None:
    pay(client, merchant, out_trade_no="A1")
    client.post("/faults", json={"name": "bill_early"})
    assert numbers(client, merchant) == TRUE[:1]
    assert address(client, merchant, "2026-03-05")["sub_code"] == "BILL_NOT_EXIST"
