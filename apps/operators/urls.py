from django.urls import path

from apps.operators import views

urlpatterns = [
    path("code/", views.CodePage.as_view(), name="operator-code"),
    path("second-factor/", views.EnrolPage.as_view(), name="operator-enrol"),
]
