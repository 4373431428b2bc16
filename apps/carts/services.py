from apps.carts import store
from apps.carts.exceptions import CartFull, ShortOfStock, TooManyUnits, UnknownSKU, Withdrawn
from apps.goods.models import SKU


def add_to_cart(user_id: int, sku_id: int, *, count: int, selected: bool) -> int:
    """Put ``count`` more units into the cart and return how many there are now.

    Raises UnknownSKU, Withdrawn, CartFull, TooManyUnits, ShortOfStock; then nothing has changed.
    """
    return _put(user_id, sku_id, count=count, selected=selected, on_top=True)


def set_in_cart(user_id: int, sku_id: int, *, count: int, selected: bool) -> int:
    """Make it ``count`` units; raises as ``add_to_cart`` does.

    Fewer units than before are never refused for stock, and a withdrawn SKU may be unticked: the buyer is mending the
    cart.
    """
    return _put(user_id, sku_id, count=count, selected=selected, on_top=False)


def _put(user_id: int, sku_id: int, *, count: int, selected: bool, on_top: bool) -> int:
    sku = SKU.objects.only("price", "stock", "is_launched").filter(pk=sku_id).first()
    if sku is None:
        raise UnknownSKU(sku_id=sku_id)
    if not sku.is_launched and (selected or on_top):
        raise Withdrawn(sku_id=sku_id)
    answer = store.put(
        user_id,
        sku_id,
        count=count,
        ticked=selected,
        price=sku.price,
        stock=sku.stock if sku.is_launched else 0,
        on_top=on_top,
    )
    if answer == "full":
        raise CartFull(limit=store.MAX_SKUS)
    if answer == "too_many":
        raise TooManyUnits(sku_id=sku_id, limit=store.MAX_COUNT)
    if answer == "short":
        raise ShortOfStock(sku_id=sku_id, stock=sku.stock)
    return answer


def remove_from_cart(user_id: int, sku_id: int) -> None:
    """Take a SKU out; it need not be in."""
    store.remove(user_id, sku_id)


def select_all(user_id: int, *, selected: bool) -> None:
    store.tick_all(user_id, ticked=selected)
