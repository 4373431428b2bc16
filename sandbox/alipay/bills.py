"""The day's bill: a zip of two GBK tables, behind an address that lasts half a minute."""

from __future__ import annotations

import csv
import io
import secrets
import zipfile
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from flask import url_for

from sandbox.alipay import NAME
from sandbox.alipay.orders import biz_content, optional_text
from sandbox.alipay.refusals import Refusal
from sandbox.clock import BEIJING, beijing_text
from sandbox.money import yuan_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.ledger.records import Movement
    from sandbox.provider import Provider

READY_HOUR = 9
DOWNLOAD_SECONDS = 30
DETAIL = [
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "商品名称",
    "创建时间",
    "完成时间",
    "门店编号",
    "门店名称",
    "操作员",
    "终端号",
    "对方账户",
    "订单金额（元）",
    "商家实收（元）",
    "支付宝红包（元）",
    "集分宝（元）",
    "支付宝优惠（元）",
    "商家优惠（元）",
    "券核销金额（元）",
    "券名称",
    "商家红包消费金额（元）",
    "卡消费金额（元）",
    "退款批次号/请求号",
    "服务费（元）",
    "分润（元）",
    "备注",
]
SUMMARY = [
    "门店编号",
    "门店名称",
    "交易订单总笔数",
    "退款订单总笔数",
    "订单金额（元）",
    "商家实收（元）",
    "支付宝优惠（元）",
    "商家优惠（元）",
    "卡消费金额（元）",
    "服务费（元）",
    "分润（元）",
    "实收净额（元）",
]
RULE = "-" * 40


def bill_address(provider: Provider, params: Mapping[str, str]) -> dict[str, object]:
    """``alipay.data.dataservice.bill.downloadurl.query``: a day's ``trade`` bill, from 9:00 on the next day."""
    content = biz_content(params)
    if optional_text(content, "bill_type") != "trade":
        raise Refusal("TYPE_NOT_SUPPORTED", "沙箱只提供 trade 账单")
    day = _day(optional_text(content, "bill_date"))
    if not provider.bills.is_ready(NAME, day, hour=READY_HOUR):
        raise Refusal("BILL_NOT_EXIST", "账单不存在")
    rows = provider.bills.rows(NAME, day)
    made_at = provider.ledger.now()
    file = bill_file(rows, day=day, account=provider.config.seller_id, made_at=made_at)
    token = provider.downloads.offer(file, seconds=DOWNLOAD_SECONDS)
    fields: dict[str, object] = {
        "bill_download_url": url_for("alipay.download", token=token, _external=True)
    }
    if not rows:
        fields["bill_file_code"] = "EMPTY_DATA_WITH_BILL_FILE"
    return fields


def bill_file(rows: Sequence[Movement], *, day: date, account: str, made_at: datetime) -> bytes:
    """The zip of the detail and the summary."""
    name = f"{account}_{day:%Y%m%d}_业务明细"
    return _zipped(
        {
            f"{name}.csv": _detail(rows, day, account, made_at),
            f"{name}(汇总).csv": _summary(rows, day, account, made_at),
        }
    )


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Refusal("INVAILID_ARGUMENTS", "bill_date 应为 yyyy-MM-dd，沙箱只提供日账单")
    return day


def _zipped(files: Mapping[str, str]) -> bytes:
    """Names are GBK without saying so, as Alipay's are; Python would write them as UTF-8 and say so.

    So each is written under an ASCII name of the same length first, which nothing else in the file contains.
    """
    buffer = io.BytesIO()
    names = {}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            raw = name.encode("gbk")
            stand_in = secrets.token_hex(len(raw))[: len(raw)]
            names[stand_in] = raw
            archive.writestr(stand_in, text.encode("gbk", errors="replace"))
    content = buffer.getvalue()
    for stand_in, raw in names.items():
        content = content.replace(stand_in.encode(), raw)
    return content


def _detail(rows: Sequence[Movement], day: date, account: str, made_at: datetime) -> str:
    paid = [row for row in rows if row.refund is None]
    returned = [row for row in rows if row.refund is not None]
    return _table(
        "业务明细",
        day,
        account,
        [DETAIL, *(_row(row) for row in rows)],
        [
            f"#交易合计：{len(paid)}笔，商家实收共{_sum(paid)}元，商家优惠共0.00元",
            f"#退款合计：{len(returned)}笔，商家实收退款共{_sum(returned)}元，商家优惠退款共0.00元",
            f"#导出时间：[{made_at.astimezone(BEIJING):%Y年%m月%d日 %H:%M:%S}]",
        ],
    )


def _summary(rows: Sequence[Movement], day: date, account: str, made_at: datetime) -> str:
    returned = sum(row.refund is not None for row in rows)
    amount = sum(row.fen for row in rows)
    fee = sum(row.fee_fen for row in rows)
    total = [
        "合计",
        "",
        str(len(rows) - returned),
        str(returned),
        yuan_text(amount),
        yuan_text(amount),
        *["0.00"] * 3,
        yuan_text(fee),
        "0.00",
        yuan_text(amount - fee),
    ]
    return _table(
        "业务汇总",
        day,
        account,
        [SUMMARY, total],
        [f"#导出时间：[{made_at.astimezone(BEIJING):%Y年%m月%d日 %H:%M:%S}]"],
    )


def _table(
    title: str, day: date, account: str, rows: Iterable[Sequence[str]], trailer: Iterable[str]
) -> str:
    start = datetime.combine(day, time())
    end = start + timedelta(days=1)
    text = io.StringIO()
    span = f"#起始日期：[{start:%Y年%m月%d日 %H:%M:%S}]   终止日期：[{end:%Y年%m月%d日 %H:%M:%S}]"
    head = [f"#支付宝{title}查询", f"#账号：[{account}]", span, f"#{RULE}{title}列表{RULE}"]
    text.writelines(f"{line}\r\n" for line in head)
    csv.writer(text).writerows(rows)
    text.writelines(f"{line}\r\n" for line in [f"#{RULE}{title}列表结束{RULE}", *trailer])
    return text.getvalue()


def _row(row: Movement) -> list[str]:
    """The 25 columns; all but the amounts end in tabs, as Alipay's do."""
    values = {
        "支付宝交易号": row.trade.trade_no,
        "商户订单号": row.trade.out_trade_no,
        "业务类型": "退款" if row.refund else "交易",
        "商品名称": row.trade.subject,
        "创建时间": beijing_text(row.refund.created_at if row.refund else row.trade.created_at),
        "完成时间": beijing_text(row.moved_at),
        "对方账户": "*手机(138****0000)",
        "订单金额（元）": yuan_text(row.fen),
        "商家实收（元）": yuan_text(row.fen),
        "退款批次号/请求号": row.refund.out_request_no if row.refund else "",
        "服务费（元）": yuan_text(row.fee_fen),
        "备注": row.refund.reason if row.refund else "",
    }
    return [
        values.get(column, "0.00") if column.endswith("（元）") else f"{values.get(column, '')}\t"
        for column in DETAIL
    ]


def _sum(rows: Iterable[Movement]) -> str:
    return yuan_text(sum(row.fen for row in rows))
