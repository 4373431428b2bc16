from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from apps.core.problems import not_found
from apps.core.views import healthz
from apps.payment.views import ReturnPage
from apps.users.views.emails import VerifiedPage

api = [
    path("", include("apps.verifications.urls")),
    path("", include("apps.areas.urls")),
    path("", include("apps.search.urls")),
    path("", include("apps.goods.urls")),
    path("", include("apps.contents.urls")),
    path("", include("apps.carts.urls")),
    path("", include("apps.users.urls")),
    path("", include("apps.orders.urls")),
    path("", include("apps.payment.urls")),
    path("", include("apps.after_sales.urls")),
    path("", include("apps.invoices.urls")),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="docs")),
    path("healthz", healthz),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    # Not Django's page, nor its redirect to the address with a slash, which would lose a POST's body.
    re_path(r"^api/", not_found),
    path("pay_success.html", ReturnPage.as_view(), name="payment-return"),
    path("success_verify_email.html", VerifiedPage.as_view(), name="email-verified"),
    path("admin/language/", set_language, name="set_language"),
    path("admin/", include("apps.operators.urls")),
    path("admin/", admin.site.urls),
    *static(settings.MEDIA_URL.removeprefix(settings.SITE_URL), document_root=settings.MEDIA_ROOT),
]

handler400 = "apps.core.problems.bad_request"
handler404 = "apps.core.problems.not_found"
handler500 = "apps.core.problems.server_error"
