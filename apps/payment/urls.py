from django.urls import path, re_path

from apps.payment import views

urlpatterns = [
    re_path(
        r"^orders/(?P<order_id>\d{1,32})/payment/$",
        views.CashierView.as_view(),
        name="payment-cashier",
    ),
    path("payment/status/", views.PaymentStatusView.as_view(), name="payment-status"),
    path("payment/alipay/notify/", views.AlipayNoticeView.as_view(), name="alipay-notice"),
]
