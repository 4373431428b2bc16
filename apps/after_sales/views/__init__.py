from apps.after_sales.views.after_sales import (
    AfterSaleListView,
    AfterSaleView,
    AskableView,
    WithdrawalView,
)

__all__ = ["AfterSaleListView", "AfterSaleView", "AskableView", "WithdrawalView"]
