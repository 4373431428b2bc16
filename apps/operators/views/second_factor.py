"""Where an operator shows the code of his second factor, and where he gets one."""

from typing import Any

import segno
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from apps.core.clients import client_ip
from apps.core.exceptions import DomainError
from apps.operators import services
from apps.operators.exceptions import TooManyCodes, WrongCode, WrongOldCode
from apps.operators.models import LoginEvent
from apps.operators.views.gate import DEVICE

KEY = "operators.new_key"


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code of six digits"),
        max_length=6,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )


class EnrolForm(CodeForm):
    """For who has a second factor already: another takes its place against a code of it."""

    old_code = forms.CharField(
        label=gettext_lazy("Code that the app shows until now"),
        max_length=6,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    field_order = ("old_code", "code")


@method_decorator([never_cache, sensitive_post_parameters("code", "old_code")], name="dispatch")
class _CodeView(View):
    title: Any
    template_name: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not admin.site.has_permission(request):
            return redirect("admin:login")
        return super().dispatch(request, *args, **kwargs)

    def page(self, request: HttpRequest, form: CodeForm, **context: Any) -> HttpResponse:
        shown = {**admin.site.each_context(request), "title": self.title, "form": form, **context}
        return TemplateResponse(request, self.template_name, shown)

    def record_refusal(self, request: HttpRequest, refusal: DomainError) -> None:
        throttled = isinstance(refusal, TooManyCodes)
        outcomes = LoginEvent.Outcome
        self.record(request, outcomes.THROTTLED if throttled else outcomes.WRONG_CODE)

    def record(self, request: HttpRequest, outcome: LoginEvent.Outcome) -> None:
        username = request.user.get_username()
        address = client_ip(request)
        services.record_login(outcome, username=username, address=address, user=request.user)


class CodePage(_CodeView):
    title = gettext_lazy("Second factor")
    template_name = "operators/code.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CodeForm(request.POST)
        if form.is_valid():
            try:
                device = services.check_code(request.user, form.cleaned_data["code"])
            except (WrongCode, TooManyCodes) as refusal:
                self.record_refusal(request, refusal)
                form.add_error("code", str(refusal.title))
            else:
                request.session.cycle_key()
                request.session[DEVICE] = device
                self.record(request, LoginEvent.Outcome.CODE)
                return redirect(_next(request))
        return self.page(request, form)


class EnrolPage(_CodeView):
    """Shows a new secret until an app on the phone has proved to have it. It lies in the session meanwhile.

    Who has a second factor proves to have that one, too: a page left open is not enough to change it.
    """

    title = gettext_lazy("Set up a second factor")
    template_name = "operators/enrol.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if KEY not in request.session:
            request.session[KEY] = services.new_key()
        return self._page(request, _enrol_form(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = _enrol_form(request)
        key = request.session.get(KEY)
        if key is None:
            return redirect("operator-enrol")
        if form.is_valid():
            try:
                device = services.enrol(
                    request.user, key, **form.cleaned_data, address=client_ip(request)
                )
            except (WrongOldCode, TooManyCodes) as refusal:
                self.record_refusal(request, refusal)
                form.add_error("old_code", str(refusal.title))
            except WrongCode as refusal:
                form.add_error("code", str(refusal.title))
            else:
                del request.session[KEY]
                request.session[DEVICE] = device
                messages.success(
                    request, _("From now on you are asked for a code when you log in.")
                )
                return redirect(_next(request))
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: CodeForm) -> HttpResponse:
        key = request.session[KEY]
        address = services.address_of(key, request.user)
        return self.page(
            request,
            form,
            picture=segno.make(address).svg_data_uri(scale=5),
            typed=services.typed_key(key),
            has_one=isinstance(form, EnrolForm),
        )


def _enrol_form(request: HttpRequest) -> CodeForm:
    has_one = services.confirmed_device(request.user) is not None
    return (EnrolForm if has_one else CodeForm)(request.POST or None)


def _next(request: HttpRequest) -> str:
    """Where one wanted to, if that is here."""
    wanted = request.GET.get("next", "")
    is_here = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_here else reverse("admin:index")
