"""Signing in with QQ, WeChat or Weibo, up to who somebody is there (ADR 0007)."""

import re
import secrets

from apps.users import store
from apps.users.exceptions import AccountDisabled, CodeRejected, ProviderFailed, SignInNotBegun
from apps.users.gateways import Identity, sign_in_provider
from apps.users.models import OAuthAccount, User
from apps.users.services.next_page import own_page

NONCE = re.compile(r"[?&]state=([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])")
MAX_CODE_LENGTH = 512


def begin_sign_in(provider: str, browser: str, wanted: str, *, bare: bool = False) -> str:
    """The provider's address to send this browser to; it should be back within ten minutes.

    ``browser`` is the secret in its cookie. The state is the page that was wanted, because old storefronts go where
    the state says; it also carries the nonce of this sign-in, unless it shall be ``bare``. Raises
    ProviderNotConfigured.
    """
    gateway = sign_in_provider(provider)
    nonce, page = secrets.token_urlsafe(16), own_page(wanted)
    state, mark = (page, f"{nonce} {page}") if bare else (_with_nonce(page, nonce), nonce)
    address = gateway.authorization_url(state)
    store.begin_sign_in(browser, provider, mark)
    return address


def who_signed_in(provider: str, browser: str, code: str, *, state: str | None) -> Identity:
    """Who came back from the provider with this code.

    Raises SignInNotBegun unless this very browser has begun a sign-in there and not finished it: the one of the
    ``state``, or if the storefront keeps that to itself (None), the last one. Each can be finished once, and so can
    each code: CodeRejected. After ProviderFailed both are as before, since the provider may not have seen the code.
    """
    gateway = sign_in_provider(provider)
    begun = store.begun_sign_ins(browser, provider)
    mark = next((each for each in begun if state is None or _is_of(state, each)), None)
    if mark is None or not store.finish_sign_in(browser, provider, mark):
        raise SignInNotBegun
    if len(code) > MAX_CODE_LENGTH or not store.spend_code(provider, code):
        raise CodeRejected
    try:
        return gateway.identity(code)
    except ProviderFailed:
        store.give_code_back(provider, code)
        store.begin_sign_in(browser, provider, mark)
        raise


def user_of(identity: Identity) -> User | None:
    """Whose identity this is; None if nobody has bound it. Raises AccountDisabled."""
    account = OAuthAccount.objects.of_identity(identity.provider, identity.openid)
    if account is None:
        return None
    if not account.user.is_active:
        raise AccountDisabled
    return account.user


def _with_nonce(page: str, nonce: str) -> str:
    """The same page: the nonce comes first in its query, where no other "&" or "#" can cut it off."""
    # It matches every text.
    path, mark, rest = re.fullmatch(r"([^?#]*)(\??)(.*)", page).groups()  # type: ignore[union-attr]
    return f"{path}?state={nonce}{'&' if mark else ''}{rest}"


def _is_of(state: str, mark: str) -> bool:
    """Whether this is the state with which the sign-in was begun."""
    nonce, _, page = mark.partition(" ")
    if page:
        return state == page
    found = NONCE.search(state)
    return found is not None and found[1] == nonce
