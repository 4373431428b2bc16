from apps.orders.selectors.basket import Basket, BasketLine, basket, freight_for, obstacles
from apps.orders.selectors.books import order_differences, review_differences, stock_differences

__all__ = [
    "Basket",
    "BasketLine",
    "basket",
    "freight_for",
    "obstacles",
    "order_differences",
    "review_differences",
    "stock_differences",
]
