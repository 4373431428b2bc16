from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from apps.core.store import Limit
from apps.users.exceptions import (
    NoSuchAccount,
    NoSuchMobile,
    WrongOldPassword,
    WrongResetToken,
)
from apps.users.models import User
from apps.users.services.sessions import forget_wrong_logins
from apps.users.store import unless_redis_is_down
from apps.verifications.models import masked
from apps.verifications.services import (
    Purpose,
    issue_sms_ticket,
    take_image_code,
    take_sms_code,
)

WRONG_OLD_PASSWORDS = Limit("password-change", times=5, seconds=15 * 60)


class ResetTokens(PasswordResetTokenGenerator):
    """Good for PASSWORD_RESET_TIMEOUT seconds, for one user, and until their password, e-mail or last login changes."""

    key_salt = "apps.users.services.passwords.ResetTokens"


reset_tokens = ResetTokens()


def offer_reset(account: str, *, image_code_id: str, text: str) -> tuple[str, str]:
    """The account's mobile, masked, and a ticket for an SMS to it; for whoever read the picture.

    Raises WrongImageCode, NoSuchAccount.
    """
    take_image_code(image_code_id, text)
    user = _owner(account)
    if user is None:
        raise NoSuchAccount
    mobile = str(user.mobile)
    return masked(mobile), issue_sms_ticket(mobile)


def prove_mobile(account: str, sms_code: str) -> tuple[int, str]:
    """The id of the user who received the SMS code, and the token with which to choose a new password.

    Raises NoSuchMobile, WrongSMSCode.
    """
    user = _owner(account)
    if user is None:
        raise NoSuchMobile
    take_sms_code(str(user.mobile), sms_code, purpose=Purpose.RESET)
    return user.pk, reset_tokens.make_token(user)


def bearer(user_id: int, reset_token: str) -> User:
    """The user with this id, if the token is theirs and still good; raises WrongResetToken."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not reset_tokens.check_token(user, reset_token):
        raise WrongResetToken
    return user


def reset_password(user: User, password: str, *, address: str) -> None:
    """Give the token's bearer a new password, which makes that token and every session worthless.

    Raises WrongResetToken if the same token was used at the same moment.
    """
    if not _replace_password(user, password):
        raise WrongResetToken
    with unless_redis_is_down():
        forget_wrong_logins(user, address=address)


def change_password(user: User, *, old: str, new: str) -> None:
    """Replace the password of who knows it, which makes every session worthless.

    Raises WrongOldPassword; TooManyRequests, because a stolen session is a place to guess the password from.
    """
    WRONG_OLD_PASSWORDS.spend(str(user.pk))
    if not (user.check_password(old) and _replace_password(user, new)):
        raise WrongOldPassword
    WRONG_OLD_PASSWORDS.lift(str(user.pk))


def _owner(account: str) -> User | None:
    """Whose account this is, if they can log in and be reached by SMS."""
    return User.objects.of_account(account).filter(is_active=True).exclude(mobile=None).first()


def _replace_password(user: User, password: str) -> bool:
    """Store it, unless another has been stored since ``user`` was read: of two at once, one wins."""
    hashed = make_password(password)
    same = User.objects.filter(pk=user.pk, password=user.password)
    won = same.update(password=hashed) == 1
    user.password = hashed
    return won
