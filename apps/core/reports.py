"""What error mails and debug pages tell, without the secrets that Django does not know for such."""

import re
from typing import Any

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

HIDDEN = SafeExceptionReporterFilter.cleansed_substitute
# In a value of its own, all before the last @: a password may be written badly and work all the same.
CREDENTIALS = re.compile(r"(?<=://)\S*@")
# In a text, only as far as an address goes.
CREDENTIALS_IN_TEXT = re.compile(r"(?<=://)[^\s/@<>]*@")
SECRET_PARAMETER = re.compile(r"(?i)(^|[?&;])(\w*(?:token|secret|password|key|code)=)[^\s&;\"'<>]+")


class ReportFilter(SafeExceptionReporterFilter):
    """Hides, besides what has a telling name, credentials in addresses, and what forms and cookies hold."""

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        cleansed = super().cleanse_setting(key, value)
        if isinstance(cleansed, str):
            return _without_secret_parameters(CREDENTIALS.sub(f"{HIDDEN}@", cleansed))
        return cleansed

    def get_safe_cookies(self, request: Any) -> dict[str, str]:
        return dict.fromkeys(super().get_safe_cookies(request), HIDDEN)

    def get_post_parameters(self, request: Any) -> dict[str, str]:
        return dict.fromkeys(super().get_post_parameters(request), HIDDEN)

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> Any:
        """Also what a driver was given to connect with: its ``password`` stands in a dict."""
        shown = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self._without_secrets(value)) for name, value in shown]

    def _without_secrets(self, value: Any) -> Any:
        # The class as it is: isinstance() would wake what is lazy, and that may be what failed.
        is_plain = type(value) in {dict, list, tuple, str}
        return self.cleanse_setting("", value) if is_plain else value


class Reporter(ExceptionReporter):
    """Does the same to all else: the request's address, the exception's words, local variables."""

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        asked = data.get("request_GET_items", ())
        return {
            **data,
            "request_GET_items": [(k, self.filter.cleanse_setting(k, v)) for k, v in asked],
        }

    def get_traceback_text(self) -> SafeString:
        return _cleansed(super().get_traceback_text())

    def get_traceback_html(self) -> SafeString:
        return _cleansed(super().get_traceback_html())


def _cleansed(text: SafeString) -> SafeString:
    hidden = _without_secret_parameters(CREDENTIALS_IN_TEXT.sub(f"{HIDDEN}@", text))
    # As safe as before: stars took the place of words.
    return SafeString(hidden)


def _without_secret_parameters(text: str) -> str:
    return SECRET_PARAMETER.sub(rf"\1\2{HIDDEN}", text)
