from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ShopAdmin
from apps.notifications import services
from apps.notifications.models import WebhookEndpoint


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ShopAdmin):
    """A secret is shown once, when it is made; afterwards only its end, by which people tell two apart."""

    change_form_template = "admin/notifications/webhookendpoint/change_form.html"
    list_display = ["name", "is_active", "create_time"]
    list_filter = ["is_active"]
    search_fields = ["name", "url"]
    fields = ["name", "url", "events", "is_active", "masked_secret", "previous_until"]
    readonly_fields = ["masked_secret", "previous_until"]

    @admin.display(description=_("secret"))
    def masked_secret(self, endpoint: WebhookEndpoint) -> str:
        return f"whsec_***{endpoint.secret[-4:]}" if endpoint.pk else "-"

    def save_model(
        self, request: HttpRequest, obj: WebhookEndpoint, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            self._show(request, obj.secret)

    def get_urls(self) -> list[URLPattern]:
        steps: dict[str, Callable[[HttpRequest, WebhookEndpoint], None]] = {
            "test": self._test,
            "resend": self._resend,
            "secret": self._replace_secret,
        }
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(self._door(step)),
                name=f"notifications_webhookendpoint_{name}",
            )
            for name, step in steps.items()
        ]
        return [*own, *super().get_urls()]

    def _door(
        self, step: Callable[[HttpRequest, WebhookEndpoint], None]
    ) -> Callable[..., HttpResponse]:
        def enter(request: HttpRequest, pk: int) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            endpoint = get_object_or_404(WebhookEndpoint, pk=pk)
            if not self.has_change_permission(request, endpoint):
                raise PermissionDenied
            step(request, endpoint)
            page = reverse("admin:notifications_webhookendpoint_change", args=[pk])
            return HttpResponseRedirect(page)

        return enter

    def _test(self, request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        message = services.send_test(endpoint)
        is_sent = message.state == message.State.SENT
        said = f"{message.get_state_display()}: {message.answer if is_sent else message.last_error}"
        self.message_user(request, said, messages.SUCCESS if is_sent else messages.ERROR)
        self.log_change(request, endpoint, gettext("Send a test"))

    def _resend(self, request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        count = services.send_all_again(endpoint)
        said = gettext("%(count)d messages are sent again.") % {"count": count}
        self.message_user(request, said, messages.SUCCESS)
        self.log_change(request, endpoint, said)

    def _replace_secret(self, request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        self._show(request, services.replace_secret(endpoint))
        self.log_change(request, endpoint, gettext("Replace the secret"))

    def _show(self, request: HttpRequest, secret: str) -> None:
        said = gettext("The secret is %(secret)s. It is not shown again.") % {"secret": secret}
        self.message_user(request, said, messages.WARNING)
