from django.urls import path, re_path

from apps.verifications import views
from apps.verifications.services import IMAGE_CODE_ID

urlpatterns = [
    re_path(
        rf"^image_codes/(?P<image_code_id>{IMAGE_CODE_ID})/\Z",
        views.ImageCodeView.as_view(),
        name="image-code",
    ),
    # What is no mobile has no address here, so it is a 404: a 400 would be taken for a wrong picture.
    re_path(
        r"^sms_codes/(?P<mobile>1[3-9][0-9]{9})/\Z",
        views.SignUpCodeView.as_view(),
        name="sms-code",
    ),
    path("sms_codes/", views.ResetCodeView.as_view(), name="sms-reset-code"),
]
