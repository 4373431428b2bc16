from apps.goods.models import SKU
from apps.users import store


def browse_history(user_id: int) -> list[SKU]:
    """What the buyer looked at last, newest first, in one query.

    What has been withdrawn or deleted since is left out.
    """
    sku_ids = store.read_history(user_id)
    columns = ("name", "price", "default_image", "comments")
    skus = SKU.objects.launched().only(*columns).in_bulk(sku_ids)
    return [skus[sku_id] for sku_id in sku_ids if sku_id in skus]
