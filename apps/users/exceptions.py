from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError, Forged, Missing, Unavailable


class WrongCredentials(DomainError):
    """Says the same whether the account exists or not."""

    code = "wrong_credentials"
    title = _("Wrong username or password.")


class AccountTaken(DomainError):
    """Somebody else was a moment faster."""

    code = "account_taken"
    title = _("This username or mobile number was registered a moment ago.")


class NoSuchAccount(Missing):
    code = "no_such_account"
    title = _("There is no such username or mobile number.")


class NoSuchMobile(Missing):
    code = "no_such_mobile"
    title = _("There is no such mobile number.")


class WrongResetToken(DomainError):
    """Says the same of a forged token, a used one, another user's, and one that has expired."""

    code = "wrong_reset_token"
    title = _("This verification is no longer valid. Please ask for a new SMS code.")


class WrongOldPassword(DomainError):
    code = "wrong_old_password"
    title = _("The current password is wrong.")


class NotYourAccount(Forged):
    code = "not_your_account"
    title = _("This is not your account.")


class WrongVerificationLink(DomainError):
    """Says the same of a forged link, one for an address that is no longer the account's, and an expired one."""

    code = "wrong_verification_link"
    title = _("The link is not valid or has expired. Please ask for a new one.")


class TooManyAddresses(DomainError):
    code = "too_many_addresses"
    title = _("You have as many addresses as one may have.")


class TooManyFavourites(Conflict):
    code = "too_many_favourites"
    title = _("You have as many favourites as one may have.")


# --- Sign-in with another provider. What the storefront shall show is a 400: it shows no other. --------


class ProviderNotConfigured(Missing):
    code = "provider_not_configured"
    title = _("This shop has no sign-in with this provider.")


class NotAskedByStorefront(Forged):
    """A sign-in may only be begun by a page of our own storefront, not by a link to here."""

    code = "not_asked_by_storefront"
    title = _("Please begin the sign-in on the login page.")


class MissingCode(DomainError):
    """Also when the person said no at the provider."""

    code = "missing_code"
    title = _("The code is missing.")


class SignInNotBegun(DomainError):
    """Not in this browser, or too long ago, or it has been finished: the answer may be somebody else's."""

    code = "sign_in_not_begun"
    title = _("This sign-in was not begun here, or too long ago. Please begin again.")


class CodeRejected(DomainError):
    """The provider knows no such code, or it has been used."""

    code = "code_rejected"
    title = _("This sign-in has expired or was used already. Please begin again.")


class ProviderFailed(Unavailable):
    """Whether the provider used up the code is not known. Trying again does no harm."""

    code = "provider_failed"
    title = _("The sign-in provider does not answer properly.")


class AccountDisabled(DomainError):
    code = "account_disabled"
    title = _("This account is disabled.")


class BindingExpired(DomainError):
    """The access token is forged, for another provider, too old, or used."""

    code = "binding_expired"
    title = _("The access token is invalid or has expired. Please sign in again.")


class AlreadyBound(DomainError):
    """Either the identity is somebody's already, or the account has another one of the same provider."""

    code = "already_bound"
    title = _("One of the two is bound already: unbind it first.")


class NoOtherWayIn(DomainError):
    """Without a password, this identity is all the account can be entered by."""

    code = "no_other_way_in"
    title = _("Set a password first, or you could not log in any more.")
