from apps.goods.services.catalogue import (
    announce,
    announcing,
    choose_main_image,
    count_review,
    describe_sku,
    discount_review,
    open_sku,
    put_on_sale,
    save_goods,
)
from apps.goods.services.sheets import apply_sheet, look_at_sheet
from apps.goods.services.stock import (
    correct_stock,
    move_stock,
    receive_stock,
    restock,
    write_off_stock,
)

__all__ = [
    "announce",
    "announcing",
    "apply_sheet",
    "choose_main_image",
    "correct_stock",
    "count_review",
    "describe_sku",
    "discount_review",
    "look_at_sheet",
    "move_stock",
    "open_sku",
    "put_on_sale",
    "receive_stock",
    "restock",
    "save_goods",
    "write_off_stock",
]
