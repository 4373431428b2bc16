from apps.orders.selectors.basket import Basket, BasketLine, basket, freight_for, obstacles
from apps.orders.selectors.books import order_differences, review_differences, stock_differences
from apps.orders.selectors.holds import Hold, ask_before_shipping, holds

__all__ = [
    "Basket",
    "BasketLine",
    "Hold",
    "ask_before_shipping",
    "basket",
    "freight_for",
    "holds",
    "obstacles",
    "order_differences",
    "review_differences",
    "stock_differences",
]
