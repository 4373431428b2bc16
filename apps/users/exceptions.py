from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import DomainError


class WrongCredentials(DomainError):
    """Says the same whether the account exists or not."""

    code = "wrong_credentials"
    title = _("Wrong username or password.")


class TooManyAddresses(DomainError):
    code = "too_many_addresses"
    title = _("You have as many addresses as one may have.")
