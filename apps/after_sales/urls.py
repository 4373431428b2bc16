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
    path(
        "after_sales/<int:pk>/pictures/",
        views.AddPicturesView.as_view(),
        name="after-sale-pictures",
    ),
    path(
        "after_sales/pictures/", views.PictureUploadView.as_view(), name="after-sale-picture-upload"
    ),
    path("after_sales/pictures/<int:pk>/", views.PictureView.as_view(), name="after-sale-picture"),
    re_path(
        r"^orders/(?P<order_id>\d{1,32})/after_sales/$",
        views.AskableView.as_view(),
        name="order-after-sales",
    ),
]
