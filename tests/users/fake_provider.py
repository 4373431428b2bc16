"""QQ, WeChat and Weibo in one small server, each in its own dialect of OAuth 2, as their documentation has it.

Written from what they say on the wire, not from our gateways. It may be told to misbehave.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

SECRETS = {"qq": "qq-secret", "wechat": "wechat-secret", "weibo": "weibo-secret"}
APPS = {"qq": "101474184", "wechat": "wxbdc5610cc59c1631", "weibo": "3305669385"}
CALLBACKS = {
    "qq": "http://shop.test/oauth_callback.html",
    "wechat": "http://shop.test/oauth_callback.html?provider=wechat",
    "weibo": "http://shop.test/oauth_callback.html?provider=weibo",
}
AUTHORIZE = {
    "/oauth2.0/authorize": "qq",
    "/connect/qrconnect": "wechat",
    "/oauth2/authorize": "weibo",
}
TOKENS = {
    "/oauth2.0/token": "qq",
    "/sns/oauth2/access_token": "wechat",
    "/oauth2/access_token": "weibo",
}

Answer = tuple[int, str, str]
Form = dict[str, str]


def sign_in_settings(server: str) -> dict[str, dict[str, str]]:
    return {
        name: {
            "client_id": APPS[name],
            "client_secret": SECRETS[name],
            "callback_url": CALLBACKS[name],
            "server": server,
        }
        for name in APPS
    }


@dataclass
class FakeProvider:
    """``asked`` lists the paths of the calls from the shop. ``trouble`` answers every one of them, if it is set."""

    address: str = ""
    trouble: Answer | str | None = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    released: threading.Event = field(default_factory=threading.Event)

    def consent(self, login_url: str, openid: str) -> str:
        """Somebody opens the page and says yes: where the browser is sent to."""
        answer = requests.get(
            login_url, headers={"X-Person": openid}, allow_redirects=False, timeout=5
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def well(self) -> None:
        """As in the beginning, but for the numbers."""
        self.trouble = None
        self.asked.clear()

    # --- What the three of them do --------------------------------------------------------------

    def authorize(self, provider: str, query: Form, openid: str) -> tuple[int, str]:
        app = query.get("appid" if provider == "wechat" else "client_id")
        scope = {"qq": "get_user_info", "wechat": "snsapi_login", "weibo": None}[provider]
        expected = [APPS[provider], CALLBACKS[provider], "code", scope]
        given = [app, *(query.get(name) for name in ("redirect_uri", "response_type", "scope"))]
        if given != expected or len(query.get("state", "")) > 128:
            return 400, f"{provider} wants {expected} and a state, not {query}"
        code = f"CODE{next(self.numbers):08d}"
        self.codes[code] = provider, openid
        mark = "&" if "?" in query["redirect_uri"] else "?"
        back = urlencode({"code": code, "state": query["state"]})
        return 302, f"{query['redirect_uri']}{mark}{back}"

    def token(self, provider: str, form: Form) -> Answer:
        id_name, secret_name = (
            ("appid", "secret") if provider == "wechat" else ("client_id", "client_secret")
        )
        if (form.get(id_name), form.get(secret_name)) != (APPS[provider], SECRETS[provider]):
            return self.bad_secret(provider)
        assert form["grant_type"] == "authorization_code", form
        assert form["redirect_uri"] == CALLBACKS[provider], form
        code = form["code"]
        of, openid = self.codes.get(code, ("", ""))
        if of != provider or code in self.used:
            return self.bad_code(provider, used=code in self.used)
        self.used.add(code)
        token = f"TOKEN{next(self.numbers)}"
        self.tokens[token] = openid
        if provider == "qq":
            text = urlencode({"access_token": token, "expires_in": 7776000, "refresh_token": "R"})
            return 200, "text/html", text
        told: dict[str, object] = {"access_token": token, "expires_in": 7200}
        if provider == "wechat":
            told |= {"refresh_token": "R", "openid": openid, "scope": "snsapi_login"}
            told["unionid"] = f"union-{openid}"
            return 200, "text/plain", json.dumps(told)
        told |= {"remind_in": "7200", "uid": openid, "isRealName": "true"}
        return 200, "text/plain;charset=UTF-8", json.dumps(told)

    def bad_secret(self, provider: str) -> Answer:
        if provider == "qq":
            return _call(error=100009, error_description="client secret is illegal")
        if provider == "wechat":
            return _plain(errcode=40125, errmsg="invalid appsecret, rid: 1")
        return _plain(400, error="invalid_client", error_code=21324)

    def bad_code(self, provider: str, *, used: bool) -> Answer:
        if provider == "qq":
            if used:
                return _call(error=100020, error_description="code is reused error")
            return _call(error=100019, error_description="code to access token error")
        if provider == "wechat":
            if used:
                return _plain(errcode=40163, errmsg="code been used, rid: 1")
            return _plain(errcode=40029, errmsg="invalid code, rid: 1")
        return _plain(400, error="invalid_grant", error_code=21325, request="/oauth2/access_token")

    def me(self, query: Form) -> Answer:
        """QQ alone keeps who it is to a second question."""
        openid = self.tokens.get(query.get("access_token", ""))
        if openid is None:
            return _call(error=100016, error_description="access token check failed")
        return _call(client_id=APPS["qq"], openid=openid)


def _call(**told: object) -> Answer:
    return 200, "text/html", f"callback( {json.dumps(told)} );\n"


def _plain(status: int = 200, **told: object) -> Answer:
    return status, "text/plain", json.dumps(told)


class Handler(BaseHTTPRequestHandler):
    provider: FakeProvider

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        if url.path in AUTHORIZE:
            status, text = self.provider.authorize(
                AUTHORIZE[url.path], query, self.headers["X-Person"]
            )
            where = {"Location": text} if status == 302 else {}
            return self._send(status, "text/html", text, **where)
        return self._answer(url.path, query)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(urlsplit(self.path).path, dict(parse_qsl(body)))

    def _answer(self, path: str, form: Form) -> None:
        self.provider.asked.append(path)
        trouble = self.provider.trouble
        if trouble == "silence":
            self.provider.released.wait(5)
            return
        if trouble == "hang up":
            return
        if isinstance(trouble, tuple) and (path != "/oauth2.0/token" or "me:" not in trouble[1]):
            status, kind, text = trouble
            self._send(status, kind.removeprefix("me:"), text)
        elif path == "/oauth2.0/me":
            self._send(*self.provider.me(form))
        elif path in TOKENS:
            self._send(*self.provider.token(TOKENS[path], form))
        else:
            self._send(404, "text/plain", "There is no such address.")

    def _send(self, status: int, kind: str, text: str, **headers: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def running() -> Iterator[FakeProvider]:
    """A provider that listens while this lasts."""
    provider = FakeProvider()
    handler = type("ItsHandler", (Handler,), {"provider": provider})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        provider.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield provider
        provider.released.set()
        server.shutdown()
        thread.join()
