"""The columns of a spreadsheet of prices and stock, as it is exported and as it is read again."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.spreadsheets import Column, Kind
from apps.goods.models import SKU, StockMovement

BATCH = 1000

TITLES: dict[str, list[Any]] = {
    "id": [_("SKU number"), "SKU编号", "SKU number", "SKU", "编号", "id"],
    "name": [_("name"), "名称", "name"],
    "price": [_("price"), "售价", "价格", "price"],
    "market_price": [_("market price"), "市场价", "market price"],
    "cost_price": [_("cost price"), "进价", "成本价", "cost price"],
    "is_launched": [_("on sale"), "已上架", "上架", "在售", "on sale"],
    "stock": [_("stock"), "库存", "stock"],
    "receipt": [_("units that came in"), "入库", "入库数量", "units that came in", "received"],
    "stock_seen": [_("stock when exported"), "导出时库存", "库存(导出时)", "stock when exported"],
    "movement": [_("movement (leave as it is)"), "变动号(勿改)", "movement (leave as it is)"],
}
KINDS = {
    "id": Kind.INTEGER,
    "name": Kind.TEXT,
    "is_launched": Kind.YES_NO,
    "price": Kind.MONEY,
    "market_price": Kind.MONEY,
    "cost_price": Kind.MONEY,
}
OF_STOCK = {"stock", "receipt", "stock_seen", "movement"}


def sheet_columns(*, hidden: Iterable[str] = ()) -> list[Column]:
    """All but the ``hidden`` ones; only the number of the SKU is required."""
    return [
        Column(key, titles, KINDS.get(key, Kind.INTEGER), required=key == "id")
        for key, titles in TITLES.items()
        if key not in set(hidden)
    ]


def exported_rows(columns: list[Column]) -> Iterator[list[Any]]:
    """Every SKU, a thousand held at a time, with what stock and its last movement are as it is read."""
    last = 0
    ids = SKU.objects.order_by("pk").values_list("pk", flat=True)
    while batch := list(ids.filter(pk__gt=last)[:BATCH]):
        # The movements first: one between the two is noticed when the sheet comes back.
        moved = StockMovement.objects.last_ids(batch)
        for sku in SKU.objects.filter(pk__in=batch).order_by("pk"):
            own = {"stock_seen": sku.stock, "movement": moved.get(sku.pk, 0), "receipt": None}
            yield [
                own[column.key] if column.key in own else getattr(sku, column.key)
                for column in columns
            ]
        last = batch[-1]
