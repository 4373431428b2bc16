from functools import partial
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import get_language
from kombu.exceptions import OperationalError

from apps.core.exceptions import Unavailable
from apps.core.store import Limit
from apps.users.exceptions import WrongVerificationLink
from apps.users.models import User
from apps.users.tasks import send_verification_mail

MAILS_PER_USER = Limit("verification-mail:user", times=5, seconds=60 * 60)
# Many accounts could be used to fill one stranger's mailbox.
MAILS_PER_MAILBOX = Limit("verification-mail:mailbox", times=5, seconds=60 * 60)
LINK_SECONDS = 24 * 60 * 60
SALT = "apps.users.services.emails"


def set_email(user: User, email: str) -> None:
    """Note the address, unverified, and mail a link to it once that is committed.

    For the same address again that is a new link, or nothing if it is verified already. Raises TooManyRequests.
    Raises Unavailable if no job can be queued: the address is noted, and asking again sends the mail.

    Several accounts may have the same address, verified even: nobody logs in by it or gets a new password through it,
    families share one, and a refusal would tell strangers who is a customer.
    """
    email = User.objects.normalize_email(email)
    if email == user.email and user.email_active:
        return
    MAILS_PER_USER.spend(str(user.pk))
    MAILS_PER_MAILBOX.spend(email.casefold())
    try:
        with transaction.atomic():
            if email != user.email:
                user.email, user.email_active = email, False
                user.save(update_fields=["email", "email_active"])
            mail = partial(send_verification_mail.delay, email, _link(user), get_language())
            transaction.on_commit(mail)
    except OperationalError as exc:
        MAILS_PER_USER.give_back(str(user.pk))
        MAILS_PER_MAILBOX.give_back(email.casefold())
        raise Unavailable from exc


def verify_email(token: str) -> None:
    """Believe the address of whoever read the mail with this token; raises WrongVerificationLink.

    The token is good for this user and this address, 24 hours long. Again is as good as once: a mail scanner may open
    the link before the person does, and the person must not be told that it failed.
    """
    try:
        user_id, email = signing.loads(token, salt=SALT, max_age=LINK_SECONDS)
    except signing.BadSignature as exc:
        raise WrongVerificationLink from exc
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id).first()
        # Not left to the database: MySQL's collations take é for e, and then another mailbox's link would do.
        if user is None or user.email != email:
            raise WrongVerificationLink
        user.email_active = True
        user.save(update_fields=["email_active"])


def _link(user: User) -> str:
    token = signing.dumps([user.pk, user.email], salt=SALT)
    return f"{settings.FRONT_URL}/success_verify_email.html?{urlencode({'token': token})}"
