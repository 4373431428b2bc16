"""Which identity at QQ, WeChat or Weibo belongs to which account."""

import secrets
from dataclasses import asdict

from django.core import signing
from django.db import DatabaseError, IntegrityError, transaction

from apps.core.exceptions import Missing
from apps.users import store
from apps.users.exceptions import AccountTaken, AlreadyBound, BindingExpired, NoOtherWayIn
from apps.users.gateways import Identity
from apps.users.models import OAuthAccount, User
from apps.users.services.accounts import open_account
from apps.users.services.sessions import log_in
from apps.verifications.services import Purpose, take_sms_code

TOKEN_SECONDS = 600
SALT = "users.bind-identity"


def binding_token(identity: Identity) -> str:
    """Lets its bearer bind the identity to an account, once, within 600 s."""
    return signing.dumps({**asdict(identity), "id": secrets.token_urlsafe(16)}, salt=SALT)


def bind(
    provider: str, token: str, *, mobile: str, password: str, sms_code: str, address: str
) -> User:
    """Bind the token's identity to the account with this mobile, or to a new one: its user.

    An account that is there already must be shown to be theirs by its password as well, as in a login from this
    network address. Raises BindingExpired, TooManyRequests, WrongCredentials, AlreadyBound, and at last WrongSMSCode:
    a code is not used up for what fails anyway.
    """
    identity, token_id = _read(token, provider)
    user = None
    if User.objects.filter(mobile=mobile).exists():
        user = log_in(mobile, password, address=address)
    _refuse_bound(identity, user)
    take_sms_code(mobile, sms_code, purpose=Purpose.SIGN_UP)
    if not store.spend_binding(token_id, seconds=TOKEN_SECONDS):
        raise BindingExpired
    try:
        with transaction.atomic(durable=True):
            user = user or open_account(
                username=_new_username(provider), mobile=mobile, password=password
            )
            OAuthAccount.objects.create(user=user, **asdict(identity))
    except IntegrityError as exc:
        raise AlreadyBound from exc  # a moment ago: the constraints have decided
    except (AccountTaken, DatabaseError):
        # If it was committed after all, the constraints stand in the way of a second time.
        store.give_binding_back(token_id)
        raise
    return user


def unbind(user: User, provider: str) -> None:
    """Sever the account from its identity there. Raises Missing, and NoOtherWayIn for an account without a password."""
    account = user.oauth_accounts.filter(provider=provider).first()
    if account is None:
        raise Missing
    if not user.has_usable_password():
        raise NoOtherWayIn
    account.delete()


def _read(token: str, provider: str) -> tuple[Identity, str]:
    try:
        payload = signing.loads(token, salt=SALT, max_age=TOKEN_SECONDS)
    except signing.BadSignature as exc:
        raise BindingExpired from exc
    token_id = payload.pop("id")
    identity = Identity(**payload)
    if identity.provider != provider or store.is_binding_spent(token_id):
        raise BindingExpired
    return identity, token_id


def _refuse_bound(identity: Identity, user: User | None) -> None:
    bound = OAuthAccount.objects.of_identity(identity.provider, identity.openid) is not None
    if user is not None:
        bound = bound or user.oauth_accounts.filter(provider=identity.provider).exists()
    if bound:
        raise AlreadyBound


def _new_username(provider: str) -> str:
    """Not the mobile: no username may look like one (it would shadow that mobile's owner), and reviews show it."""
    return f"{provider}_{secrets.token_hex(5)}"
