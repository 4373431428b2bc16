"""What stands before every page of the back office: the pause after which one is out, the second factor, the record."""

import time
from collections.abc import Callable
from functools import cached_property

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.core.admin.history import recording
from apps.core.clients import client_ip
from apps.operators.models import LoginEvent
from apps.operators.services import confirmed_device, record_login

SEEN, DEVICE = "operators.seen", "operators.device"
# Not every page writes the session: a pause may be taken for longer than it was by this part of what is allowed.
UNCERTAIN = 0.1


class Gate:
    """A middleware. What lies under the back office's address passes here; everything else goes by untouched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    @cached_property
    def _office(self) -> str:
        return reverse("admin:index")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(self._office) or not request.user.is_authenticated:
            return self.get_response(request)
        if _has_paused(request):
            _record(request, LoginEvent.Outcome.TIMED_OUT)
            logout(request)
            messages.warning(request, _("You were logged out after a pause. Please log in again."))
            return _to("admin:login", request)
        needed = _needed(request)
        if needed and request.path_info not in _open_beside(needed):
            return _to(needed, request)
        if request.method == "POST" and request.path_info == reverse("admin:logout"):
            _record(request, LoginEvent.Outcome.LOGGED_OUT)
        with recording(request.user, client_ip(request)):
            return self.get_response(request)


def _has_paused(request: HttpRequest) -> bool:
    allowed = settings.OPERATOR_SESSION_MINUTES * 60
    now = time.time()
    seen = request.session.get(SEEN)
    if seen is not None and now - seen > allowed:
        return True
    if seen is None or now - seen > allowed * UNCERTAIN:
        request.session[SEEN] = now
    return False


def _needed(request: HttpRequest) -> str:
    """The page where something is still to be done before any other is open; "" if nothing is."""
    user = request.user
    if not user.is_authenticated or not user.is_staff:
        return ""  # who is no operator is turned away by every page
    device = confirmed_device(user)
    if device is None:
        return "operator-enrol" if settings.OPERATORS_NEED_TOTP else ""
    return "" if request.session.get(DEVICE) == device else "operator-code"


def _open_beside(needed: str) -> set[str]:
    pages = [needed, "admin:login", "admin:logout", "admin:jsi18n", "set_language"]
    return {reverse(page) for page in pages}


def _record(request: HttpRequest, outcome: LoginEvent.Outcome) -> None:
    user = request.user
    record_login(outcome, username=user.get_username(), address=client_ip(request), user=user)


def _to(page: str, request: HttpRequest) -> HttpResponseRedirect:
    """Redirect, and come back afterwards to where one wanted to, if that was to look at something."""
    wanted = request.get_full_path() if request.method == "GET" else reverse("admin:index")
    return redirect(f"{reverse(page)}?{urlencode({'next': wanted})}")
