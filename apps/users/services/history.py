from apps.carts.exceptions import UnknownSKU
from apps.goods.models import SKU
from apps.users import store


def remember_visit(user_id: int, sku_id: int) -> None:
    """Put the SKU at the head of the buyer's history; raises UnknownSKU if it is not on sale."""
    if not SKU.objects.launched().filter(pk=sku_id).exists():
        raise UnknownSKU(sku_id=sku_id)
    store.add_to_history(user_id, sku_id)


def forget_history(user_id: int) -> None:
    store.clear_history(user_id)
