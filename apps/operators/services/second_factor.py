"""The operators' second factor: codes of six digits from an app on their phones (TOTP, RFC 6238)."""

import base64
import time
from binascii import unhexlify
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from apps.operators.exceptions import TooManyCodes, WrongCode, WrongOldCode
from apps.operators.models import LoginEvent
from apps.operators.services.logins import record_login
from apps.operators.tasks import mail_operator

TOLERANCE = 1  # steps of half a minute that the phone's clock may be off


def new_key() -> str:
    """A secret for an app on the phone, in hexadecimal."""
    key: str = random_hex(20)
    return key


def typed_key(key: str) -> str:
    """The secret as an app takes it where nothing can be scanned."""
    return base64.b32encode(unhexlify(key)).decode()


def address_of(key: str, user: Any) -> str:
    """The secret as it is scanned."""
    shop, name = settings.SHOP_NAME.replace(":", " "), user.get_username()
    return f"otpauth://totp/{quote(f'{shop}:{name}')}?" + urlencode(
        {"secret": typed_key(key), "issuer": shop, "digits": 6, "period": 30}, quote_via=quote
    )


def confirmed_device(user: Any) -> int | None:
    """The primary key of the user's second factor; None if he has none."""
    devices = TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk")
    pk: int | None = devices.values_list("pk", flat=True).first()
    return pk


def enrol(user: Any, key: str, code: str, *, old_code: str = "", address: str = "") -> int:
    """Make the secret the user's second factor; its primary key. It is written down, and mailed to him.

    It takes the place of another against ``old_code``, a code of that one: who lost it asks a superuser. Raises
    WrongCode, WrongOldCode, and TooManyCodes as ``check_code`` does. The code that proves that the app has the secret
    opens nothing afterwards.
    """
    totp = TOTP(unhexlify(key))
    totp.time = time.time()
    if not (_is_code(code) and totp.verify(int(code), tolerance=TOLERANCE)):
        raise WrongCode
    before = confirmed_device(user)
    if before is not None:
        _check_old_code(user, old_code)
    with transaction.atomic():
        # Of two who set one up at once, the second finds that of the first, and has shown no code of it.
        get_user_model().objects.select_for_update().get(pk=user.pk)
        if confirmed_device(user) != before:
            raise WrongOldCode
        TOTPDevice.objects.filter(user=user).delete()
        device = TOTPDevice.objects.create(
            user=user, key=key, name="app", confirmed=True, last_t=totp.t(), drift=totp.drift
        )
        outcome = LoginEvent.Outcome.ENROLLED if before is None else LoginEvent.Outcome.REPLACED
        record_login(outcome, username=user.get_username(), address=address, user=user)
        _tell(user, outcome, address)
    pk: int = device.pk
    return pk


def _check_old_code(user: Any, code: str) -> None:
    try:
        check_code(user, code)
    except WrongCode as wrong:
        raise WrongOldCode from wrong


def _tell(user: Any, outcome: LoginEvent.Outcome, address: str) -> None:
    """Mail the user what became of his second factor: if it was not he, somebody sits at his place."""
    if not user.email:
        return
    subject = f"{settings.SHOP_NAME}: {outcome.label}"
    text = _(
        "%(name)s, at %(time)s from %(address)s: %(outcome)s. If it was not you, tell whoever looks after the shop at "
        "once."
    ) % {
        "name": user.get_username(),
        "time": f"{timezone.localtime():%Y-%m-%d %H:%M:%S}",
        "address": address,
        "outcome": outcome.label,
    }
    # Robust: a broker that is down must not undo what the operator's phone has already.
    transaction.on_commit(partial(mail_operator.delay, user.email, subject, text), robust=True)


def check_code(user: Any, code: str) -> int:
    """Take a code of the user's second factor, once; its primary key.

    Raises WrongCode, also of a code that was used before, and TooManyCodes while another try has to wait: after each
    wrong code twice as long. The row is locked: of two browsers with the same code one is let in.
    """
    with transaction.atomic():
        devices = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True)
        device = devices.order_by("pk").first()
        if device is None:
            raise WrongCode
        allowed, _why = device.verify_is_allowed()
        is_right = allowed and device.verify_token(code if _is_code(code) else "")
        pk: int = device.pk
    if not allowed:
        raise TooManyCodes
    if not is_right:
        raise WrongCode
    return pk


def _is_code(code: str) -> bool:
    return len(code) == 6 and code.isascii() and code.isdigit()
