from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from apps.carts.store import Selection
from apps.goods.models import Wanted
from apps.goods.selectors import SKUSnapshot, sku_snapshots
from apps.orders.exceptions import Obstacle


def freight_for(goods_amount: Decimal) -> Decimal:
    """What sending goods worth ``goods_amount`` costs the buyer, CNY yuan."""
    is_free = goods_amount >= settings.FREIGHT["free_from"]
    return Decimal("0.00") if is_free else settings.FREIGHT["flat"]


@dataclass(frozen=True)
class BasketLine:
    """A ticked line and its SKU. ``price`` (CNY yuan) is the one that the buyer was shown last."""

    sku: SKUSnapshot
    count: int
    price: Decimal

    @property
    def amount(self) -> Decimal:
        return self.price * self.count

    @property
    def obstacle(self) -> str:
        """Why this line cannot be sold now: ``withdrawn``, ``repriced``, ``short``; "" if it can."""
        if not self.sku.is_launched:
            return "withdrawn"
        if self.sku.price != self.price:
            return "repriced"
        return "short" if self.sku.stock < self.count else ""


@dataclass(frozen=True)
class Basket:
    """What an order is made of."""

    stamp: str
    lines: tuple[BasketLine, ...]

    @property
    def wanted(self) -> list[Wanted]:
        return [Wanted(line.sku.id, line.count, line.price) for line in self.lines]

    @property
    def total_count(self) -> int:
        return sum(line.count for line in self.lines)

    @property
    def goods_amount(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal("0.00"))

    @property
    def freight(self) -> Decimal:
        return freight_for(self.goods_amount) if self.lines else Decimal("0.00")

    @property
    def total_amount(self) -> Decimal:
        return self.goods_amount + self.freight


def basket(selection: Selection) -> Basket:
    """The selection with its SKUs, in one query."""
    skus = sku_snapshots(line.sku_id for line in selection.lines)
    lines = (
        BasketLine(skus[line.sku_id], line.count, line.shown_price) for line in selection.lines
    )
    return Basket(selection.stamp, tuple(lines))


def obstacles(basket: Basket) -> list[Obstacle]:
    """Every line that cannot be sold as the database is now, with the reason."""
    skus = sku_snapshots(line.sku.id for line in basket.lines)
    now = (BasketLine(skus[line.sku.id], line.count, line.price) for line in basket.lines)
    return [
        Obstacle(
            sku_id=line.sku.id,
            name=line.sku.name,
            reason=line.obstacle,
            price=str(line.sku.price),
            stock=line.sku.stock,
        )
        for line in now
        if line.obstacle
    ]
