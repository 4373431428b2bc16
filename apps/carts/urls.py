from django.urls import path

from apps.carts import views

urlpatterns = [
    path("cart/", views.CartView.as_view(), name="cart"),
    path("cart/selection/", views.CartSelectionView.as_view(), name="cart-selection"),
]
