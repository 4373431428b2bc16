from django.urls import path

from apps.goods import views

urlpatterns = [
    path("channels/", views.MenuView.as_view(), name="channel-list"),
    path("brands/", views.BrandListView.as_view(), name="brand-list"),
    path("categories/", views.CategoryTreeView.as_view(), name="category-list"),
    path("categories/<int:category_id>/", views.CategoryView.as_view(), name="category-detail"),
    path(
        "categories/<int:category_id>/skus/",
        views.CategorySKUListView.as_view(),
        name="category-skus",
    ),
    path(
        "categories/<int:category_id>/facets/",
        views.FacetsView.as_view(),
        name="category-facets",
    ),
    path(
        "categories/<int:category_id>/hotskus/",
        views.HotSKUsView.as_view(),
        name="category-hotskus",
    ),
    path("skus/<int:sku_id>/", views.SKUDetailView.as_view(), name="sku-detail"),
    path("goods/<int:goods_id>/", views.GoodsDetailView.as_view(), name="goods-detail"),
]
