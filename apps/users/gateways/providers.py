"""QQ, WeChat and Weibo, as social-auth-core speaks to them.

Its backends know the addresses, the parameters and the errors. Done here: whose state it is (``services.sign_in``
checks that before a backend is made), no calls beyond the one that says who it is, and QQ's answers, of which the
library cuts off ten characters and hopes.
"""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.utils.translation import gettext as _
from requests import Response
from social_core.backends.oauth import BaseOAuth2
from social_core.backends.qq import QQOAuth2
from social_core.backends.weibo import WeiboOAuth2
from social_core.backends.weixin import WeixinOAuth2
from social_core.exceptions import (
    AuthCredentialError,
    AuthResponseError,
    SocialAuthBaseException,
)
from social_core.strategy import BaseStrategy

from apps.users.exceptions import CodeRejected, ProviderFailed
from apps.users.models import Provider

# To connect, and then for each piece of the answer. QQ is asked twice.
TIMEOUT_SECONDS = (3.0, 5.0)
OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identity:
    """Who somebody is at a provider."""

    provider: str
    openid: str
    unionid: str = ""


class Callback(BaseStrategy[Any]):
    """What the library asks of the framework around it: settings and the callback's query. It keeps nothing."""

    def __init__(self, settings: Mapping[str, Any], query: Mapping[str, str]) -> None:
        super().__init__()
        self._settings = settings
        self._query = dict(query)

    def get_setting(self, name: str) -> Any:
        return self._settings[name]

    def get_request_data(self, merge: bool = True) -> dict[str, Any]:
        return self._query

    def build_absolute_uri(self, path: str | None = None) -> str:
        return path or ""

    def authenticate(self, backend: Any, *args: Any, **kwargs: Any) -> Any:
        """No users are made in here: what the provider said goes back to who asked."""
        return kwargs["response"]


class Backend(BaseOAuth2[Any]):
    """What all three have in common."""

    # How the provider says that the code, and nothing else, was wrong.
    BAD_CODE: ClassVar[frozenset[str]] = frozenset()

    def get_or_create_state(self) -> str | None:
        return str(self.data["state"])

    def validate_state(self) -> None:
        return None

    def auth_url(self) -> str:
        """Encoded throughout: the library decodes the query again, and a "#" in the state would end it."""
        params = self.auth_params(self.get_or_create_state())
        if scope := self.get_scope():
            params["scope"] = self.SCOPE_SEPARATOR.join(scope)
        return f"{self._here(self.authorization_url())}?{urlencode(params)}"

    def request(self, url: str, **kwargs: Any) -> Response:
        return super().request(self._here(url), **kwargs)

    def user_data(self, access_token: str, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Nothing more: the answer with the access token says who it is, and we want no names."""
        return {}

    def _here(self, url: str) -> str:
        """The same address at the server of the settings, if they name one."""
        server = self.setting("SERVER")
        return f"{server}{urlsplit(url).path}" if server else url


class QQ(Backend, QQOAuth2[Any]):
    BAD_CODE = frozenset({"100019", "100020"})

    def request_access_token(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return self._asked("token_exchange", *args, **kwargs)

    def user_data(self, access_token: str, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        return self._asked("user_info", self.OPENID_URL, params={"access_token": access_token})

    def _asked(self, stage: Any, url: str, **kwargs: Any) -> dict[str, Any]:
        answer = _qq_answer(self.request(url, stage=stage, **kwargs).text)
        if answer is None:
            raise AuthResponseError(self, code="malformed_response", stage=stage)
        self._process_error(answer, stage=stage)
        return answer


class Weixin(Backend, WeixinOAuth2[Any]):
    BAD_CODE = frozenset({"40029", "40163", "41008", "42003"})

    def auth_url(self) -> str:
        return f"{super().auth_url()}#wechat_redirect"


class Weibo(Backend, WeiboOAuth2[Any]):
    """It says ``invalid_grant``, which the library knows."""


BACKENDS: dict[str, type[Backend]] = {
    Provider.QQ: QQ,
    Provider.WECHAT: Weixin,
    Provider.WEIBO: Weibo,
}
SCOPES = {Provider.QQ: ["get_user_info"]}


@dataclass(frozen=True)
class SignInProvider:
    """One provider, as our application there sees it."""

    name: str
    config: Mapping[str, str]

    def authorization_url(self, state: str) -> str:
        """Where the browser goes to say yes; nothing is sent."""
        return str(self._backend(state=state).auth_url())

    def identity(self, code: str) -> Identity:
        """Who brought this code. Raises CodeRejected, or ProviderFailed if that cannot be known now."""
        backend = self._backend(code=code)
        try:
            return self._identity(cast("dict[str, Any]", backend.auth_complete()))
        except SocialAuthBaseException as exc:
            if isinstance(exc, AuthCredentialError) or str(exc.provider_code) in backend.BAD_CODE:
                raise CodeRejected from exc
            what = f"{exc.code} ({exc.provider_code or exc.status_code})"
            raise self._failed(exc.stage, what) from exc
        except RecursionError as exc:  # what json makes of ten thousand brackets
            raise self._failed("reading", "nested too deeply") from exc

    def _backend(self, **query: str) -> Backend:
        settings = {
            "KEY": self.config["client_id"],
            "SECRET": self.config["client_secret"],
            "SCOPE": SCOPES.get(Provider(self.name), []),
            "SERVER": self.config.get("server"),
            "REQUESTS_TIMEOUT": TIMEOUT_SECONDS,
        }
        return BACKENDS[self.name](Callback(settings, query), self.config["callback_url"])

    def _identity(self, answer: Mapping[str, Any]) -> Identity:
        id_key = BACKENDS[self.name].ID_KEY
        openid, unionid = _text(answer.get(id_key)), _text(answer.get("unionid"))
        if not OPENID.fullmatch(openid) or (unionid and not OPENID.fullmatch(unionid)):
            raise AuthResponseError(code="missing_claim", claim=id_key, stage="user_info")
        return Identity(self.name, openid, unionid if self.name == Provider.WECHAT else "")

    def _failed(self, stage: str, what: str) -> ProviderFailed:
        logger.warning("Sign-in with %s failed at %s: %s", self.name, stage, what)
        provider = Provider(self.name).label
        return ProviderFailed(_("%(provider)s does not answer properly.") % {"provider": provider})


def _text(value: Any) -> str:
    """An id, which Weibo may give as a number; "" for what is none, above all for null."""
    is_id = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value) if is_id else ""


def _qq_answer(text: str) -> dict[str, Any] | None:
    """QQ answers with JSON in a JavaScript call, with JSON, or with a query string; None is none of these."""
    call = re.fullmatch(r"\s*(?:callback\s*\()?\s*(\{.*\})\s*(?:\)\s*;?)?\s*", text, re.DOTALL)
    if not call:
        return dict(parse_qsl(text)) or None
    try:
        answer = json.loads(call[1])
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
