"""Stock: taken whole or not at all, moved with a reason, never written back, never negative."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F

from apps.goods import services
from apps.goods.exceptions import StockWouldBeNegative
from apps.goods.models import SKU, StockMovement, Wanted
from apps.users.models import User
from tests.factories import GoodsFactory, LeafCategoryFactory, SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db


def wanted(sku: SKU, count: int = 1, price: str = "50.00") -> Wanted:
    return Wanted(sku.pk, count, Decimal(price))


def take(*lines: Wanted) -> bool:
    """As an order does it: in a savepoint, which a selection that cannot be had whole rolls back."""
    with transaction.atomic():
        taken = SKU.objects.take(lines)
        transaction.set_rollback(not taken)
    return taken


def figures(*skus: SKU) -> list[tuple[int, int]]:
    """Stock and sales."""
    found = SKU.objects.in_bulk([sku.pk for sku in skus])
    return [(found[sku.pk].stock, found[sku.pk].sales) for sku in skus]


class TestTaking:
    def test_units_move_from_stock_to_sales(self) -> None:
        phone, case, other = SKUFactory(stock=10), SKUFactory(stock=5, sales=7), SKUFactory()
        assert take(wanted(case, 2), wanted(phone, 3))
        assert figures(phone, case, other) == [(7, 3), (3, 9), (10, 0)]

    def test_the_last_unit_can_be_had_and_no_more(self) -> None:
        sku = SKUFactory(stock=3)
        assert take(wanted(sku, 3))
        assert figures(sku) == [(0, 3)]
        with unchanged():
            assert not take(wanted(sku, 1))

    @pytest.mark.parametrize(
        "fault",
        [
            {"stock": 1},
            {"price": Decimal("50.01")},
            {"price": Decimal("49.99")},
            {"is_launched": False},
        ],
        ids=["short", "dearer", "cheaper", "withdrawn"],
    )
    @pytest.mark.parametrize("position", [0, 1, 2])
    def test_one_line_at_fault_and_nothing_is_taken(self, fault: dict, position: int) -> None:
        skus = [SKUFactory() for _ in range(3)]
        SKU.objects.filter(pk=skus[position].pk).update(**fault)
        with unchanged():
            assert not take(*(wanted(sku, 2) for sku in skus))

    def test_an_unknown_sku_and_nothing_is_taken(self) -> None:
        sku = SKUFactory()
        with unchanged():
            assert not take(wanted(sku), Wanted(sku.pk + 1000, 1, Decimal("50.00")))

    def test_an_empty_selection_would_match_everything(self) -> None:
        SKUFactory()
        with unchanged(), pytest.raises(ValueError, match="empty selection"):
            SKU.objects.take([])

    def test_each_line_has_its_own_count_and_price(self) -> None:
        """The counts and prices of two lines, swapped, are not what was asked for."""
        cheap, dear = SKUFactory(stock=1), SKUFactory(stock=9, price=Decimal("90.00"))
        with unchanged():
            assert not take(wanted(cheap, 9), wanted(dear, 1, "90.00"))
            assert not take(wanted(cheap, 1, "90.00"), wanted(dear, 9, "50.00"))
        assert take(wanted(cheap, 1), wanted(dear, 9, "90.00"))
        assert figures(cheap, dear) == [(0, 1), (0, 9)]

    def test_a_hundred_lines_are_one_statement(self, django_assert_num_queries: Any) -> None:
        goods = GoodsFactory()
        skus = [SKUFactory(goods=goods) for _ in range(100)]
        lines = [wanted(sku, 2) for sku in skus]
        with django_assert_num_queries(100 if connection.vendor == "postgresql" else 1):
            assert SKU.objects.take(lines)
        assert set(figures(*skus)) == {(8, 2)}


class TestChangingStock:
    @pytest.mark.parametrize(("change", "left"), [(5, 15), (-3, 7), (-10, 0), (0, 10)])
    def test_what_can_be_done(self, change: int, left: int) -> None:
        sku, other = SKUFactory(), SKUFactory()
        assert SKU.objects.change_stock(sku.pk, change)
        assert figures(sku, other) == [(left, 0), (10, 0)]

    @pytest.mark.parametrize("change", [-11, -1000])
    def test_never_below_nothing(self, change: int) -> None:
        sku = SKUFactory()
        with unchanged():
            assert not SKU.objects.change_stock(sku.pk, change)

    def test_more_than_can_be_received_can_still_be_corrected(self) -> None:
        """Canceled orders gave it back."""
        sku = SKUFactory(stock=1_000_000_002)
        assert not SKU.objects.change_stock(sku.pk, 1)
        assert SKU.objects.change_stock(sku.pk, -1)

    def test_of_an_unknown_sku(self) -> None:
        assert not SKU.objects.change_stock(424242, 1)


@pytest.mark.parametrize(
    "columns", [{"stock": -1}, {"sales": -1}, {"price": 0}, {"price": Decimal("-0.01")}]
)
def test_behind_it_all_stands_the_database(columns: dict[str, Any]) -> None:
    sku = SKUFactory()
    # MySQL looks at the range of a column before it looks at constraints.
    with unchanged(), pytest.raises((IntegrityError, DataError)), transaction.atomic():
        SKU.objects.filter(pk=sku.pk).update(**columns)


class TestMovements:
    def test_a_movement_is_written_down(self, buyer: User) -> None:
        sku = SKUFactory()
        moved = services.move_stock(sku.pk, -4, reason="correction", author=buyer, note="破损")
        assert figures(sku) == [(6, 0)]
        row = StockMovement.objects.get()
        assert row == moved
        assert (row.sku_id, row.change, row.reason) == (sku.pk, -4, "correction")
        assert (row.author, row.note) == (buyer, "破损")

    def test_one_that_would_go_below_nothing_is_refused(self, buyer: User) -> None:
        sku = SKUFactory()
        with unchanged(), pytest.raises(StockWouldBeNegative) as refusal:
            services.move_stock(sku.pk, -11, reason="correction", author=buyer)
        assert refusal.value.extra == {"sku_id": sku.pk}

    def test_one_that_cannot_be_written_down_does_not_happen(self) -> None:
        sku = SKUFactory()
        with unchanged(), pytest.raises(IntegrityError):
            services.move_stock(sku.pk, 5, reason="receipt", author=None)


def sell(sku: SKU, count: int) -> None:
    SKU.objects.filter(pk=sku.pk).update(stock=F("stock") - count, sales=F("sales") + count)


class TestEditing:
    def test_a_new_sku_opens_with_its_stock_where_its_goods_stands(self) -> None:
        goods = GoodsFactory()
        sku = SKUFactory.build(goods=goods, category=None, stock=12, opening_stock=0)
        services.open_sku(sku)
        sku.refresh_from_db()
        assert (sku.stock, sku.opening_stock, sku.sales) == (12, 12, 0)
        assert sku.category == goods.category

    def test_a_sale_between_loading_and_saving_is_kept(self) -> None:
        loaded = SKU.objects.get(pk=SKUFactory().pk)
        sell(loaded, 4)
        loaded.name, loaded.price, loaded.stock = "新名字", Decimal("55.00"), 99
        services.describe_sku(loaded, ["name", "price", "stock", "sales"])
        loaded.refresh_from_db()
        assert (loaded.name, loaded.price) == ("新名字", Decimal("55.00"))
        assert figures(loaded) == [(6, 4)]
        assert loaded.opening_stock == 10

    def test_what_was_not_edited_is_not_written(self) -> None:
        loaded = SKU.objects.get(pk=SKUFactory().pk)
        SKU.objects.filter(pk=loaded.pk).update(price=Decimal("51.00"), is_launched=False)
        loaded.name = "新名字"
        services.describe_sku(loaded, ["name"])
        loaded.refresh_from_db()
        assert (loaded.name, loaded.price, loaded.is_launched) == (
            "新名字",
            Decimal("51.00"),
            False,
        )

    def test_when_a_goods_moves_its_skus_move_along_and_nothing_else_of_them(self) -> None:
        sku, other = SKUFactory(), SKUFactory()
        goods = sku.goods
        sell(sku, 4)
        goods.category = LeafCategoryFactory()
        services.save_goods(goods)
        assert SKU.objects.get(pk=sku.pk).category == goods.category
        assert SKU.objects.get(pk=other.pk).category == other.goods.category
        assert figures(sku) == [(6, 4)]
