from dataclasses import dataclass
from decimal import Decimal

from apps.carts import store
from apps.carts.store import Owner
from apps.goods.models import SKU


@dataclass(frozen=True)
class CartLine:
    """A line as the cart page shows it; prices in CNY yuan."""

    id: int
    name: str
    price: Decimal
    default_image_url: str
    count: int
    selected: bool
    added_price: Decimal
    stock: int
    is_launched: bool

    @property
    def is_repriced(self) -> bool:
        return self.price != self.added_price

    @property
    def price_drop(self) -> Decimal:
        """How much cheaper it is than when it was added."""
        return max(self.added_price - self.price, Decimal(0))

    @property
    def is_short(self) -> bool:
        return self.stock < self.count


def cart_lines(owner: Owner | None) -> list[CartLine]:
    """The cart, newest first, in one round trip to Redis and one query.

    Withdrawn SKUs stay, marked: a line that vanishes is a surprise.
    """
    if owner is None:
        return []
    cart = store.read(owner)
    columns = ("name", "price", "default_image", "stock", "is_launched")
    skus = SKU.objects.only(*columns).in_bulk([line.sku_id for line in cart.lines])
    return [
        CartLine(
            id=line.sku_id,
            name=sku.name,
            price=sku.price,
            default_image_url=sku.default_image_url,
            count=line.count,
            selected=line.sku_id in cart.ticked,
            added_price=line.added_price,
            stock=sku.stock,
            is_launched=sku.is_launched,
        )
        for line in cart.lines
        if (sku := skus.get(line.sku_id))
    ]
