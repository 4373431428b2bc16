from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError


class WrongCode(DomainError):
    code = "wrong_code"
    title = _("The code is wrong or was used before.")


class WrongOldCode(WrongCode):
    """Of the app whose place another is to take."""


class TooManyCodes(Conflict):
    code = "too_many_codes"
    title = _("Too many wrong codes. Please wait a little before the next.")
