from django.urls import path, re_path

from apps.orders import views

urlpatterns = [
    path("orders/", views.OrderListView.as_view(), name="order-list"),
    path("reviews/images/", views.ReviewImagesView.as_view(), name="review-images"),
    path("skus/<int:sku_id>/comments/", views.SKUCommentsView.as_view(), name="sku-comments"),
    path("skus/<int:sku_id>/reviews/", views.SKUReviewsView.as_view(), name="sku-reviews"),
    path("orders/counts/", views.OrderCountsView.as_view(), name="order-counts"),
    path("orders/settlement/", views.SettlementView.as_view(), name="order-settlement"),
    re_path(r"^orders/(?P<order_id>\d{1,32})/$", views.OrderView.as_view(), name="order-detail"),
    re_path(
        r"^orders/(?P<order_id>\d{1,32})/receive/$",
        views.OrderReceiptView.as_view(),
        name="order-receive",
    ),
    re_path(
        r"^orders/(?P<order_id>\d{1,32})/reorder/$",
        views.ReorderView.as_view(),
        name="order-reorder",
    ),
    re_path(
        r"^orders/(?P<order_id>\d{1,32})/tracking/$",
        views.TrackingView.as_view(),
        name="order-tracking",
    ),
    re_path(
        r"^orders/(?P<order_id>\d{1,32})/uncommentgoods/$",
        views.UnreviewedLinesView.as_view(),
        name="order-unreviewed",
    ),
    re_path(
        r"^orders/(?P<order_id>\d{1,32})/comments/$",
        views.OrderReviewsView.as_view(),
        name="order-comments",
    ),
]
