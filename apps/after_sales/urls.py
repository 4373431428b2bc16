from django.urls import path, re_path

from apps.after_sales import views

urlpatterns = [
    path("after_sales/", views.AfterSaleListView.as_view(), name="after-sales"),
    path("after_sales/<int:pk>/", views.AfterSaleView.as_view(), name="after-sale"),
    path(
        "after_sales/<int:pk>/withdraw/",
        views.WithdrawalView.as_view(),
        name="after-sale-withdrawal",
    ),
    re_path(
        r"^orders/(?P<order_id>\d{1,32})/after_sales/$",
        views.AskableView.as_view(),
        name="order-after-sales",
    ),
]
