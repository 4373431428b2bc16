from django.urls import path

from apps.core.problems import not_found
from apps.operators import views

urlpatterns = [
    # unfold's, which the pages do not offer: it fails of whatever is no number of a page.
    path("search/", not_found),
    path("code/", views.CodePage.as_view(), name="operator-code"),
    path("second-factor/", views.EnrolPage.as_view(), name="operator-enrol"),
]
