"""What runs out is found by an index, whatever thresholds there are."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.goods.models import SKU
from apps.goods.selectors import low_stock, low_stock_count, stock
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db


def names() -> set[str]:
    found = set(low_stock().values_list("name", flat=True))
    assert {sku.name for sku in SKU.objects.launched() if sku.is_low} == found
    return found


@pytest.mark.parametrize("most_thresholds", [50, 1, 0])
def test_the_shop_s_threshold_and_a_sku_s_own(
    most_thresholds: int, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(stock, "MOST_THRESHOLDS", most_thresholds)
    SKUFactory(name="at", stock=10)
    SKUFactory(name="above", stock=11)
    SKUFactory(name="withdrawn", stock=0, is_launched=False)
    SKUFactory(name="own", stock=30, low_stock_at=30)
    SKUFactory(name="another's", stock=30, low_stock_at=29)
    SKUFactory(name="never", stock=1, low_stock_at=0)
    SKUFactory(name="sold out", stock=0, low_stock_at=0)
    assert names() == {"at", "own", "sold out"}
    settings.LOW_STOCK_AT = 11
    assert names() == {"at", "above", "own", "sold out"}


def test_they_are_counted_up_to_a_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "MOST_COUNTED", 3)
    goods = SKUFactory(stock=0).goods
    assert low_stock_count() == "1"
    for _ in range(2):
        SKUFactory(goods=goods, stock=0)
    assert low_stock_count() == "3"
    SKUFactory(goods=goods, stock=0)
    assert low_stock_count() == "3+"


def test_a_statement_for_each_threshold_and_one_for_the_rows() -> None:
    for threshold in (None, 5, 5, 7):
        SKUFactory(stock=1, low_stock_at=threshold)
    with CaptureQueriesContext(connection) as captured:
        assert len(low_stock()) == 4
    assert len(captured) == 4


# MySQL commits before it analyses: nothing would be rolled back.
@pytest.mark.django_db(transaction=True)
def test_the_index_is_what_is_read() -> None:
    """With many SKUs in the table, or a database reads all of the few there are."""
    sku = SKUFactory(stock=1000)
    columns = {field.attname: getattr(sku, field.attname) for field in SKU._meta.concrete_fields}
    SKU.objects.bulk_create(
        (SKU(**columns | {"id": None, "name": f"{n}"}) for n in range(3000)), batch_size=500
    )
    SKUFactory(goods=sku.goods, stock=3)
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE TABLE goods_sku")
            cursor.fetchall()
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE goods_sku")
    plans = [low_stock().order_by("stock", "pk")[:500].explain()]
    plans.append(SKU.objects.low(10, own=[5, 20]).order_by("stock", "pk")[:500].explain())
    assert all("sku_by_stock" in plan for plan in plans), plans
