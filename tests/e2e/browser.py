"""A browser that shows a storefront of another origin: it asks before it sends, and keeps cookies."""

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin

import urllib3


@dataclass
class Browser:
    """Every call is ``withCredentials``, as those of the storefronts written for this mall are."""

    api: str
    origin: str
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = "undefined"

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """The JSON of the answer, which must have this status and be readable by this origin."""
        answer = self.ask(method, path, body)
        assert answer.status == status, (method, path, answer.status, answer.data.decode())
        return answer.json() if answer.data else None

    def ask(self, method: str, path: str, body: Any = None) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"JWT {self.token}", "Origin": self.origin}
        self._preflight(method, path, ["authorization", "content-type"])
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"json": body} if body is not None else {}
        answer = self.http.request(method, self.api + path, headers=headers, **sent)
        self._may_read(answer)
        self._keep_cookies(answer)
        return answer

    def show(self, picture: str) -> None:
        """As an ``<img>`` on the storefront's page, which finds an address without a host at its own origin."""
        answer = self.http.request("GET", urljoin(f"{self.origin}/", picture))
        assert (answer.status, answer.headers["Content-Type"][:6]) == (200, "image/"), picture

    def _preflight(self, method: str, path: str, names: list[str]) -> None:
        asked = {
            "Origin": self.origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": ",".join(names),
        }
        answer = self.http.request("OPTIONS", self.api + path, headers=asked)
        assert answer.status in (200, 204), (path, answer.status)
        self._may_read(answer)
        allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
        assert set(names) <= set(allowed)
        assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")

    def _may_read(self, answer: urllib3.BaseHTTPResponse) -> None:
        """With credentials a wildcard is not enough."""
        assert answer.headers.get("Access-Control-Allow-Origin") == self.origin, answer.status
        assert answer.headers.get("Access-Control-Allow-Credentials") == "true"
        assert "origin" in answer.headers.get("Vary", "").lower()

    def _keep_cookies(self, answer: urllib3.BaseHTTPResponse) -> None:
        for line in answer.headers.getlist("Set-Cookie"):
            for name, cookie in SimpleCookie(line).items():
                if cookie["max-age"] == 0 or cookie["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    assert cookie["httponly"], line
                    self.cookies[name] = cookie.value
