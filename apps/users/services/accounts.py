from django.db import IntegrityError, transaction

from apps.users.exceptions import AccountTaken
from apps.users.models import User
from apps.verifications.services import Purpose, take_sms_code


def register(*, username: str, password: str, mobile: str, sms_code: str) -> User:
    """Open an account for whoever received the SMS code on that mobile.

    The code is used up, so everything else must be right before. Raises WrongSMSCode, AccountTaken.
    """
    take_sms_code(mobile, sms_code, purpose=Purpose.SIGN_UP)
    return open_account(username=username, password=password, mobile=mobile)


def open_account(*, username: str, password: str, mobile: str) -> User:
    """Create the user with one INSERT, the password hashed.

    Raises AccountTaken if the username or the mobile is another's, also when two ask for it at once: the unique
    columns decide.
    """
    try:
        with transaction.atomic():
            return User.objects.create_user(username, password=password, mobile=mobile)
    except IntegrityError as exc:
        raise AccountTaken from exc
