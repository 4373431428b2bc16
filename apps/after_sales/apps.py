from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AfterSalesConfig(AppConfig):
    name = "apps.after_sales"
    verbose_name = _("after-sales")

    def ready(self) -> None:
        from apps.after_sales.selectors import waiting_cancellations
        from apps.after_sales.services import end_with_order
        from apps.orders.selectors import ask_before_shipping
        from apps.payment.services import follow_cancellations

        ask_before_shipping(waiting_cancellations)
        follow_cancellations(end_with_order)
