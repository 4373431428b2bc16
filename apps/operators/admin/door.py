"""The back office's door: the password here, the code on the next page."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError

from apps.core.clients import client_ip
from apps.core.exceptions import TooManyRequests
from apps.operators.models import LoginEvent
from apps.operators.services import record_login
from apps.users.admin import LoginForm

Outcome = LoginEvent.Outcome


class RecordedLoginForm(LoginForm):
    """Writes down who came."""

    def clean(self) -> dict[str, Any]:
        try:
            cleaned = super().clean()
        except ValidationError as refusal:
            if refusal.code != "no_operator":
                throttled = refusal.code == TooManyRequests.code
                self._record(Outcome.THROTTLED if throttled else Outcome.WRONG_PASSWORD)
            raise
        if self.user_cache:
            self._record(Outcome.PASSWORD, self.user_cache)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        try:
            super().confirm_login_allowed(user)
        except ValidationError as refusal:
            self._record(Outcome.NO_OPERATOR, user)
            # What is said is the same as of a wrong password.
            raise ValidationError(
                refusal.message, code="no_operator", params=refusal.params
            ) from refusal

    def _record(self, outcome: LoginEvent.Outcome, user: AbstractBaseUser | None = None) -> None:
        username = self.cleaned_data.get("username", "")
        record_login(outcome, username=username, address=client_ip(self.request), user=user)


admin.site.login_form = RecordedLoginForm
