from django.urls import path

from apps.carts import views

urlpatterns = [
    path("cart/", views.CartView.as_view(), name="cart"),
    path("cart/selection/", views.CartSelectionView.as_view(), name="cart-selection"),
    # Storefronts of late 2018 ask here.
    path("carts/", views.CartView.as_view(schema=None)),
    path("carts/selection/", views.CartSelectionView.as_view(schema=None)),
]
