from django.urls import path

from apps.users import views

urlpatterns = [
    path("authorizations/", views.LoginView.as_view(), name="login"),
    path("authorizations/refresh/", views.RefreshView.as_view(), name="token-refresh"),
    path("user/", views.UserView.as_view(), name="user"),
    path("addresses/", views.AddressListView.as_view(), name="address-list"),
    path("addresses/<int:pk>/", views.AddressView.as_view(), name="address-detail"),
    path("addresses/<int:pk>/status/", views.DefaultAddressView.as_view(), name="address-default"),
    path("addresses/<int:pk>/title/", views.AddressTitleView.as_view(), name="address-title"),
]
