from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.after_sales.selectors import after_sale_differences
from apps.invoices.selectors import invoice_differences
from apps.orders.selectors import order_differences, review_differences, stock_differences
from apps.payment.selectors import payment_differences

BOOKS = (
    stock_differences,
    order_differences,
    review_differences,
    payment_differences,
    after_sale_differences,
    invoice_differences,
)


class Command(BaseCommand):
    help = (
        "Prove that stock, orders, reviews, payments and invoices add up. Exits 1 and names every "
        "difference."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        differences = 0
        for book in BOOKS:
            for difference in book():
                differences += 1
                self.stdout.write(difference)
        if differences:
            raise CommandError(f"{differences} differences.")
        self.stdout.write("Stock, orders, reviews, payments and invoices add up.")
