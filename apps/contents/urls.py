from django.urls import path

from apps.contents.views import HomePageView

urlpatterns = [
    path("index/", HomePageView.as_view(), name="home-page"),
]
