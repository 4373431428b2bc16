"""Reading a day's bill: what it holds, and the many ways in which it is none."""

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from apps.payment.exceptions import Unknown
from apps.payment.gateways.alipay import bill_file
from apps.payment.gateways.alipay.bill_file import lines_in

COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
    "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
HEAD = [
    "#支付宝业务明细查询",
    "#账号：[2088000000000001]",
    "#起始日期：[2026年11月22日 00:00:00]   终止日期：[2026年11月23日 00:00:00]",
    "#-----------------业务明细列表-----------------",
]
PAID = (
    "2026112200001\t,1\t,交易\t,美多商城 《㙍》\t,2026-11-22 11:00:00\t,2026-11-22 12:00:00\t,\t,\t,\t,\t,*手机\t,"
    "110.00,108.00,0.00,0.00,0.00,2.00,0.00,\t,0.00,0.00,\t,0.66,0.00,\t"
)
REFUNDED = (
    "2026112200001\t,1\t,退款\t,美多商城\t,2026-11-22 13:00:00\t,2026-11-22 13:00:01\t,\t,\t,\t,\t,*手机\t,"
    "-30.00,-29.45,0.00,0.00,0.00,0.00,0.00,\t,0.00,0.00,1R01\t,-0.18,0.00,买多了\t"
)
TRAILER = [
    "#-----------------业务明细列表结束-----------------",
    "#交易合计：1笔，商家实收共108.00元，商家优惠共2.00元",
    "#退款合计：1笔，商家实收退款共-29.45元，商家优惠退款共0.00元",
    "#导出时间：[2026年11月23日 09:00:00]",
]
NAME = "20880000000000010156_20261122_业务明细.csv"
SUMMARY = "20880000000000010156_20261122_业务明细(汇总).csv"


def table(*rows: str, head: list[str] | None = None, trailer: list[str] | None = None) -> str:
    lines = [
        *(HEAD if head is None else head),
        COLUMNS,
        *rows,
        *(TRAILER if trailer is None else trailer),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def packed(files: dict[str, str | bytes], *, marked: bool = False) -> bytes:
    """A zip whose names are GBK without saying so, as Alipay's; or marked as UTF-8."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            shown = name if marked else name.encode("gbk").decode("cp437")
            raw = content if isinstance(content, bytes) else content.encode("gb18030")
            archive.writestr(Named(shown, marked=marked), raw)
    return buffer.getvalue()


class Named(zipfile.ZipInfo):
    def __init__(self, name: str, *, marked: bool) -> None:
        super().__init__(name)
        self.compress_type = zipfile.ZIP_DEFLATED
        self.marked = marked

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        if self.marked:
            return self.filename.encode(), self.flag_bits | 0x800
        return self.filename.encode("cp437"), self.flag_bits


def both(detail: str) -> bytes:
    return packed({NAME: detail, SUMMARY: "#汇总\r\n"})


def test_a_payment_and_a_refund() -> None:
    paid, refunded = lines_in(both(table(PAID, REFUNDED)))
    assert (paid.kind, paid.out_trade_no, paid.trade_no) == ("payment", "1", "2026112200001")
    assert (paid.amount, paid.fee) == (Decimal("110.00"), Decimal("0.66"))
    assert paid.at == datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    assert (refunded.kind, refunded.out_trade_no, refunded.out_request_no) == (
        "refund",
        "1",
        "1R01",
    )
    assert (refunded.amount, refunded.fee) == (Decimal("30.00"), Decimal("-0.18"))


def test_names_marked_as_utf8() -> None:
    assert len(lines_in(packed({SUMMARY: "#", NAME: table(PAID, REFUNDED)}, marked=True))) == 2


def test_a_list_in_two_files() -> None:
    """Each has its own totals."""
    one = [TRAILER[1], TRAILER[2].replace("1笔", "0笔").replace("-29.45", "0.00")]
    other = [TRAILER[1].replace("1笔", "0笔").replace("108.00", "0.00"), TRAILER[2]]
    files = {
        NAME: table(PAID, trailer=one),
        NAME.replace("业务", "2_业务"): table(REFUNDED, trailer=other),
    }
    assert [line.kind for line in lines_in(packed(files))] == ["payment", "refund"]


def test_columns_in_another_order_and_new_ones() -> None:
    rows = [line.split(",") for line in (COLUMNS, PAID, REFUNDED)]
    columns, *swapped = [",".join(["新", *reversed(row)]) for row in rows]
    text = table(*swapped).replace(COLUMNS, columns.replace("（", "(").replace("）", ")"))
    assert lines_in(both(text)) == lines_in(both(table(PAID, REFUNDED)))


def test_a_comma_and_a_line_break_within_quotes() -> None:
    row = PAID.replace("美多商城", '"美多,\r\n商城').replace("《㙍》", '《㙍》"')
    assert len(lines_in(both(table(row, REFUNDED)))) == 2


def test_a_refund_told_by_its_sum_without_a_sign() -> None:
    trailer = [line.replace("-29.45", "29.45") for line in TRAILER]
    assert len(lines_in(both(table(PAID, REFUNDED, trailer=trailer)))) == 2


def test_a_day_on_which_nothing_happened() -> None:
    trailer = ["#交易合计：0笔，商家实收共0.00元", "#退款合计：0笔，商家实收退款共0.00元"]
    assert lines_in(both(table(trailer=trailer))) == ()


@pytest.mark.parametrize(
    "text",
    [
        table(PAID),
        table(REFUNDED),
        table(PAID, PAID, REFUNDED),
        table(PAID.replace("108.00", "107.99"), REFUNDED),
        table(PAID, REFUNDED.replace("-29.45", "-29.46")),
        table(PAID, REFUNDED, trailer=[]),
        table(PAID, REFUNDED, trailer=TRAILER[:2]),
        table(PAID, REFUNDED)[:-120],
        table(PAID.replace("交易\t", "分账\t"), REFUNDED),
        table(PAID + ",more", REFUNDED),
        table(PAID.rpartition(",")[0], REFUNDED),
        table(PAID.replace("110.00", "many"), REFUNDED),
        table(PAID.replace("110.00", "NaN"), REFUNDED),
        table(PAID.replace("110.00", "1e400000000"), REFUNDED),
        table(PAID.replace("110.00", ""), REFUNDED),
        table(PAID.replace("2026-11-22 12:00:00", "noon"), REFUNDED),
        table(PAID.replace("2026-11-22 12:00:00", ""), REFUNDED),
        table(PAID, REFUNDED).replace("服务费（元）", "费"),
        table(PAID, REFUNDED, trailer=[t.replace("1笔", "9" * 5000 + "笔") for t in TRAILER]),
        table("x" * 200_000),
        "",
    ],
)
def test_a_table_that_is_no_bill(text: str) -> None:
    with pytest.raises(Unknown):
        lines_in(both(text))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>expired</html>",
        both(table(PAID, REFUNDED))[:-40],
        both(table(PAID, REFUNDED))[:200],
        packed({}),
        packed({SUMMARY: table(PAID, REFUNDED)}),
        packed({"readme.txt": "nothing"}),
        packed({NAME: b"\xff\xff\xff"}),
        packed({NAME: table(PAID, REFUNDED).encode()}),
    ],
)
def test_a_file_that_is_no_bill(content: bytes) -> None:
    with pytest.raises(Unknown):
        lines_in(content)


def test_altered_on_the_way() -> None:
    content = bytearray(packed({NAME: table(PAID, REFUNDED)}))
    middle = len(content) // 3
    content[middle] ^= 1
    with pytest.raises(Unknown):
        lines_in(bytes(content))


def test_a_file_under_a_password() -> None:
    content = packed({NAME: table(PAID, REFUNDED)})
    # Bit 0 of the flags, in both headers.
    content = content.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01")
    content = content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    with pytest.raises(Unknown, match="RuntimeError"):
        lines_in(content)


# --- Bombs ----------------------------------------------------------------------------------------


def test_what_unpacks_to_more_than_a_bill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bill_file, "MOST_UNPACKED", 1_000_000)
    bomb = packed({NAME: b"#" * 1_000_001})
    assert len(bomb) < 10_000
    with pytest.raises(Unknown, match="unpacks"):
        lines_in(bomb)


def test_what_says_it_unpacks_to_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read than the file itself says it holds."""
    bomb = packed({NAME: b"#" * 1_000_000})
    size = (1_000_000).to_bytes(4, "little")
    assert bomb.count(size) == 2
    with pytest.raises(Unknown, match="BadZipFile"):
        lines_in(bomb.replace(size, (1000).to_bytes(4, "little")))


def test_too_many_files() -> None:
    many = {f"{i}_业务明细.csv": table(PAID, REFUNDED) for i in range(101)}
    with pytest.raises(Unknown, match="unpacks"):
        lines_in(packed(many))


@pytest.mark.parametrize(
    ("filling", "words"),
    [
        (",", "longer than a row"),
        ('"\n",', "longer than a row"),
        ("x", "longer than a row"),
        ("\n", "more rows"),
        ("#\n", "more rows"),
    ],
)
def test_a_file_of_nothing(monkeypatch: pytest.MonkeyPatch, filling: str, words: str) -> None:
    """It packs to a thousandth, and would fill the memory or the day."""
    monkeypatch.setattr(bill_file, "MOST_ROWS", 1000)
    content = table(PAID, REFUNDED, head=[*HEAD, filling * 200_000])
    with pytest.raises(Unknown, match=words):
        lines_in(packed({NAME: content}))
