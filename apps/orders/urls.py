from django.urls import path, re_path

from apps.orders import views

urlpatterns = [
    path("orders/", views.OrderListView.as_view(), name="order-list"),
    path("orders/settlement/", views.SettlementView.as_view(), name="order-settlement"),
    re_path(r"^orders/(?P<order_id>\d{1,32})/$", views.OrderView.as_view(), name="order-detail"),
]
