from django.urls import path

from apps.search import views

urlpatterns = [
    path("skus/search/", views.SKUSearchView.as_view(), name="sku-search"),
    path("skus/search/facets/", views.SearchFacetsView.as_view(), name="sku-search-facets"),
    path("skus/suggestions/", views.SuggestionsView.as_view(), name="sku-suggestions"),
]
