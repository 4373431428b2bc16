from django.urls import path, re_path

from apps.payment import views

ORDER = r"^orders/(?P<order_id>\d{1,32})"
ATTEMPT = rf"{ORDER}/payments/(?P<out_trade_no>\d{{1,32}})"

urlpatterns = [
    re_path(rf"{ORDER}/payment/$", views.CashierView.as_view(), name="payment-cashier"),
    re_path(rf"{ORDER}/payments/$", views.AttemptListView.as_view(), name="payment-list"),
    re_path(rf"{ATTEMPT}/$", views.AttemptView.as_view(), name="payment-detail"),
    re_path(rf"{ATTEMPT}/status/$", views.AttemptStatusView.as_view(), name="payment-check"),
    re_path(rf"{ORDER}/cancel/$", views.OrderCancelView.as_view(), name="order-cancel"),
    re_path(rf"{ORDER}/refunds/$", views.RefundListView.as_view(), name="refund-list"),
    path("payment/providers/", views.ProviderListView.as_view(), name="payment-providers"),
    path("payment/status/", views.PaymentStatusView.as_view(), name="payment-status"),
    path("payment/<slug:provider>/notify/", views.NoticeView.as_view(), name="payment-notice"),
]
